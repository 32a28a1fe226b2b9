// Under a list of runs: how many of those that are kept are in it, and the way to the older ones.

import { useRef, type ReactElement } from 'react';
import type { OlderRuns as Older } from '../../live/runs/use-older-runs.ts';
import { Button } from '../../ui/button.tsx';
import { KeepFocus } from '../../ui/keep-focus.tsx';
import { counted, grouped } from '../../words/units.ts';
import styles from './runs.module.css';

/** Nothing where the list is all there is, and nobody has asked for more. */
export function OlderRuns({ older }: { readonly older: Older }): ReactElement | null {
  const { rows, kept, more, isHolding, isAsking, problem, showOlder } = older;
  const words = useRef<HTMLSpanElement>(null);
  const isWhole = rows.length === kept;
  if (more === 'none' && !isHolding) return null;
  return (
    <div className={styles.older}>
      <span ref={words} tabIndex={-1} role="status">
        {isWhole ? counted(kept, 'run', 'runs') : `${grouped(rows.length)} of ${counted(kept, 'run', 'runs')}`}
        {more === 'none' ? null : '; what is counted, sorted and looked for is among these. '}
        {more === 'full' ? 'This page holds no more: older ones are on the pages of their machines. ' : null}
        {problem === undefined ? null : `Older ones did not come: ${problem}`}
      </span>
      {more === 'some' ? (
        <KeepFocus next={() => words.current}>
          <Button size="small" isPending={isAsking} onPress={showOlder}>
            Show older runs
          </Button>
        </KeepFocus>
      ) : null}
    </div>
  );
}
