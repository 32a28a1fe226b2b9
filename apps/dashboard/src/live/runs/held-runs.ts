// Runs beyond those of the table: pages of ended ones that somebody has asked for, and what has left the table since, so
// that there is no hole between the two. Pure; the pages are asked for by whoever calls.

import type { RunPage, RunRow } from '@telltale/hub/api';

export interface HeldRuns {
  readonly rows: ReadonlyMap<string, RunRow>;
  /** What the next page is `before`; null: there is none; undefined: none was asked for yet. */
  readonly next: string | null | undefined;
}

export const noHeldRuns: HeldRuns = { rows: new Map(), next: undefined };

/** As many as the hub keeps of one machine. */
export const mostHeldRuns = 50_000;

/**
 * Reads on until something comes that is not in the table. The table is the newest of all machines, so pages begin with
 * what is in it; it holds a thousand that have ended, hence these are few.
 */
export async function readOlder(
  { rows: before, next }: HeldRuns,
  inTable: readonly RunRow[],
  ask: (before: string | undefined) => Promise<RunPage>,
): Promise<HeldRuns> {
  const known = new Set(inTable.map(({ run }) => run));
  const rows = new Map(before);
  let isNew = false;
  let at = next;
  while (!isNew && at !== null) {
    const page = await ask(at);
    for (const row of page.runs) {
      isNew ||= !known.has(row.run) && !rows.has(row.run);
      rows.set(row.run, row);
    }
    at = page.next;
  }
  return { rows, next: at };
}

/** Holds what has ended in the table as well, once anything is held; the same object where nothing is new. */
export function withEnded(held: HeldRuns, inTable: readonly RunRow[]): HeldRuns {
  if (held.next === undefined) return held;
  const fresh = inTable.filter((row) => row.endedAt !== null && held.rows.get(row.run) !== row);
  if (fresh.length === 0) return held;
  return { ...held, rows: new Map([...held.rows, ...fresh.map((row) => [row.run, row] as const)]) };
}

/** The table's rows, then those that are held and not in it. */
export function together(inTable: readonly RunRow[], { rows }: HeldRuns): readonly RunRow[] {
  if (rows.size === 0) return inTable;
  const known = new Set(inTable.map(({ run }) => run));
  return [...inTable, ...[...rows.values()].filter(({ run }) => !known.has(run))];
}
