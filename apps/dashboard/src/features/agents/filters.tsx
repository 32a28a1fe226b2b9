// What narrows the list of agents: a text, and a chip for each state with how many are in it. Both stand in the address.

import { useMemo, type ReactElement } from 'react';
import { changeQuery, useQuery } from '../../router/router.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Search } from '../../ui/search.tsx';
import { chips, countsOf, rareChips } from './agent-filter.ts';
import type { AgentView } from './agent-view.ts';
import styles from './agents.module.css';

export interface Filter {
  readonly chip: string | undefined;
  readonly text: string;
}

/** What the address asks for. */
export function useFilter(): Filter {
  const query = useQuery();
  const chip = query.get('state') ?? undefined;
  return { chip: chips.some(({ id }) => id === chip) ? chip : undefined, text: query.get('find') ?? '' };
}

export function Filters({
  views,
  filter,
  shown,
  sorted,
}: {
  readonly views: readonly AgentView[];
  readonly filter: Filter;
  /** How many rows are left. */
  readonly shown: number;
  /** In which order, in words. */
  readonly sorted: string;
}): ReactElement {
  const counts = useMemo(() => countsOf(views), [views]);
  const press = (id: string | undefined): void => changeQuery({ state: id === filter.chip ? undefined : id });
  return (
    <div className={styles.filters}>
      <Search
        label="Filter agents"
        placeholder="Filter by name"
        value={filter.text}
        onChange={(text) => changeQuery({ find: text })}
      />
      <div className={styles.chips} role="group" aria-label="State">
        <Chip text="All" count={views.length} isPressed={filter.chip === undefined} onPress={() => press(undefined)} />
        {chips.map(({ id, text, thread }) => {
          const count = counts.get(id) ?? 0;
          return rareChips.has(id) && count === 0 && filter.chip !== id ? null : (
            <Chip
              key={id}
              text={text}
              thread={thread}
              count={count}
              isPressed={filter.chip === id}
              onPress={() => press(id)}
            />
          );
        })}
      </div>
      <span className={styles.sorted}>{sorted}</span>
      <span className="sr" role="status">
        {filter.text === '' && filter.chip === undefined ? '' : `${shown} of ${views.length} shown`}
      </span>
    </div>
  );
}
