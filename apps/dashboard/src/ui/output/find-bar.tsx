// Under the head of an output while somebody looks for a text: which of how many, the way from one to the next, and
// whether older output was not looked through.

import { useState, type ReactElement } from 'react';
import { counted, grouped } from '../../words/units.ts';
import { Button } from '../button.tsx';
import { Icon } from '../icon.tsx';
import type { Finding } from './use-find.ts';
import styles from './output.module.css';

export function FindBar({
  finding,
  hasOlder,
  onSearchOlder,
}: {
  readonly finding: Finding;
  /** There is older output that is not here. */
  readonly hasOlder: boolean;
  /** Fetches it; resolves when all of it is here, or as much as fits. */
  readonly onSearchOlder: () => Promise<void>;
}): ReactElement {
  const [isSearching, setSearching] = useState(false);
  const { count, place, step } = finding;
  const said =
    count === 0
      ? 'Not found'
      : place === 0
        ? counted(count, 'line', 'lines')
        : `${grouped(place)} of ${grouped(count)}`;
  return (
    <div className={styles.findBar} role="group" aria-label="Found">
      <span role="status">{said}</span>
      <Button
        size="small"
        look="quiet"
        icon
        label="Previous line found"
        isDisabled={count === 0}
        onPress={() => step(-1)}
      >
        <Icon name="chevron-up" size={14} />
      </Button>
      <Button size="small" look="quiet" icon label="Next line found" isDisabled={count === 0} onPress={() => step(1)}>
        <Icon name="chevron-down" size={14} />
      </Button>
      {hasOlder ? (
        <span className={styles.notSearched}>
          {isSearching ? 'Fetching older output' : 'Older output is not searched.'}
          <Button
            size="small"
            look="link"
            isDisabled={isSearching}
            onPress={() => {
              setSearching(true);
              void onSearchOlder().finally(() => setSearching(false));
            }}
          >
            Search it too
          </Button>
        </span>
      ) : null}
    </div>
  );
}
