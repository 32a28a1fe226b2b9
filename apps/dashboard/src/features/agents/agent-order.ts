// In which order agents stand on the screen. Pure. Worst first, unless somebody presses a head.

import type { AgentView } from './agent-view.ts';

export type ColumnId = 'agent' | 'state' | 'cpu' | 'memory' | 'disk' | 'trip' | 'runs' | 'version';

export interface Order {
  readonly column: ColumnId;
  readonly direction: 'ascending' | 'descending';
}

export const worstFirst: Order = { column: 'state', direction: 'descending' };

const values: Readonly<Record<Exclude<ColumnId, 'agent' | 'version'>, (view: AgentView) => number | null>> = {
  // Descending is worst first, so the worst counts most.
  state: ({ rank }) => -rank,
  cpu: ({ cpu }) => cpu,
  memory: ({ memory }) => memory,
  disk: ({ disk }) => disk,
  trip: ({ roundTripMs }) => roundTripMs,
  runs: ({ runs }) => runs,
};

const natural = new Intl.Collator('en', { numeric: true });

/** Equal ones by name; what has no value is last, whichever way. */
export function ordered(views: readonly AgentView[], { column, direction }: Order): readonly AgentView[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const byName = (one: AgentView, other: AgentView): number => natural.compare(one.key, other.key);
  if (column === 'agent') return [...views].sort((one, other) => byName(one, other) * sign);
  if (column === 'version') {
    return [...views].sort((one, other) => {
      if (one.version === '' || other.version === '') return Number(one.version === '') - Number(other.version === '');
      return natural.compare(one.version, other.version) * sign || byName(one, other);
    });
  }
  const value = values[column];
  return [...views].sort((one, other) => {
    const left = value(one);
    const right = value(other);
    if (left === null || right === null) return Number(left === null) - Number(right === null) || byName(one, other);
    return (left - right) * sign || byName(one, other);
  });
}

/** The column a head names, where it is one. */
export function orderFrom(column: string | null, direction: string | null): Order {
  const isColumn = column === 'agent' || column === 'version' || (column !== null && Object.hasOwn(values, column));
  if (!isColumn) return worstFirst;
  return { column: column as ColumnId, direction: direction === 'ascending' ? 'ascending' : 'descending' };
}
