// The list of runs: what a row says, which rows a chip and a text leave, in which order. Pure. A run that has ended is
// the same object as long as its row is, so that only runs under way are drawn each second.

import type { RunRow } from '@telltale/hub/api';
import type { ThreadState } from '../../ui/thread.tsx';
import { isUnderWay, saidOf, startedWords, took, type RunSaid } from './run-words.ts';

export interface RunListed {
  readonly row: RunRow;
  readonly said: RunSaid;
  readonly started: string;
  /** How long it took, or for how long it has been running. */
  readonly tookMs: number;
  readonly took: string;
  /** 0 to 1; null: it does not say. */
  readonly progress: number | null;
}

/** The moment at which runs are listed. */
export interface RunMoment {
  /** The hub's clock. */
  readonly now: number;
  /** The clock of the machine a run is on, for what it says about its own beginning. */
  readonly machineNow: (agent: string) => number;
  readonly isUp: boolean;
}

export function listed(
  rows: readonly RunRow[],
  { now, machineNow, isUp }: RunMoment,
  before: ReadonlyMap<string, RunListed>,
): readonly RunListed[] {
  return rows.map((row) => {
    const known = before.get(row.run);
    if (known !== undefined && known.row === row && !isUnderWay(row)) return known;
    const tookMs = Math.max(0, (row.endedAt ?? machineNow(row.agent)) - row.startedAt);
    return {
      row,
      said: saidOf(row, now, isUp),
      started: startedWords(row.startedAt, now),
      tookMs,
      took: took(tookMs),
      progress: isUnderWay(row) ? row.progress : null,
    };
  });
}

export interface RunChip {
  readonly id: string;
  readonly text: string;
  readonly thread?: ThreadState;
  readonly states: readonly RunRow['state'][];
}

export const chips: readonly RunChip[] = [
  { id: 'running', text: 'Running', thread: 'live', states: ['running', 'cancelling'] },
  { id: 'failed', text: 'Failed', states: ['failed', 'lost'] },
  { id: 'succeeded', text: 'Succeeded', states: ['succeeded'] },
  { id: 'cancelled', text: 'Cancelled', states: ['cancelled'] },
];

/** How many runs each chip stands for. */
export function countsOf(rows: readonly RunRow[]): ReadonlyMap<string, number> {
  return new Map(chips.map(({ id, states }) => [id, rows.filter(({ state }) => states.includes(state)).length]));
}

/** What is left under a chip (undefined: all) and a text, which is looked for in name, agent, command and who started it. */
export function filtered(
  runs: readonly RunListed[],
  { chip, text }: { readonly chip: string | undefined; readonly text: string },
): readonly RunListed[] {
  const states = chips.find(({ id }) => id === chip)?.states;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (states === undefined && words.length === 0) return runs;
  return runs.filter(({ row }) => {
    if (states !== undefined && !states.includes(row.state)) return false;
    const said = `${row.name} ${row.agent} ${row.command ?? ''} ${row.by ?? ''} ${row.run}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

export type RunColumn = 'name' | 'state' | 'agent' | 'started' | 'took' | 'progress' | 'steps';

export interface RunOrder {
  readonly column: RunColumn;
  readonly direction: 'ascending' | 'descending';
}

/** Under way first, then the newest: how the list stands unless somebody says otherwise. */
export const usualOrder: RunOrder = { column: 'state', direction: 'descending' };

const keys: Readonly<Record<RunColumn, (run: RunListed) => number | string>> = {
  name: ({ row }) => row.name,
  state: ({ row }) => (isUnderWay(row) ? 1 : 0),
  agent: ({ row }) => row.agent,
  started: ({ row }) => row.startedAt,
  took: ({ tookMs }) => tookMs,
  progress: ({ progress }) => progress ?? -1,
  steps: ({ row }) => row.steps.ended + row.steps.running,
};

/** The order an address asks for. */
export function orderFrom(column: string | null, direction: string | null): RunOrder {
  if (column === null || !Object.hasOwn(keys, column)) return usualOrder;
  return { column: column as RunColumn, direction: direction === 'ascending' ? 'ascending' : 'descending' };
}

/** Sorts a copy; what compares equal stands newest first. */
export function ordered(runs: readonly RunListed[], { column, direction }: RunOrder): readonly RunListed[] {
  const key = keys[column];
  const sign = direction === 'ascending' ? 1 : -1;
  return [...runs].sort((one, other) => {
    const [left, right] = [key(one), key(other)];
    const by =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : String(left).localeCompare(String(right), undefined, { numeric: true });
    return by * sign || other.row.startedAt - one.row.startedAt;
  });
}

const columnWords: Readonly<Record<RunColumn, readonly [ascending: string, descending: string]>> = {
  name: ['Sorted by name', 'Sorted by name, backwards'],
  state: ['Ended first', 'Under way first, then the newest'],
  agent: ['Sorted by agent', 'Sorted by agent, backwards'],
  started: ['Oldest first', 'Newest first'],
  took: ['Shortest first', 'Longest first'],
  progress: ['Least progress first', 'Most progress first'],
  steps: ['Fewest steps first', 'Most steps first'],
};

export function orderWords({ column, direction }: RunOrder): string {
  return columnWords[column][direction === 'ascending' ? 0 : 1];
}

/** `4 done, 1 failed`: what the steps of a run come to; empty where it has none. */
export function stepWords({ ended, failed, running }: RunRow['steps']): string {
  return [
    ...(ended - failed > 0 ? [`${ended - failed} done`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(running > 0 ? [`${running} running`] : []),
  ].join(', ');
}
