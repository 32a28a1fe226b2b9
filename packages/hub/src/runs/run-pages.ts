// Ended runs in pages, the last to end first: all that are kept, of which the table `runs` shows only the newest. Knows no
// session and no rule.

import type { RunPage, RunRow } from '../api.ts';
import type { RunPlace } from '../storage/run-operations.ts';
import type { Storage } from '../storage/storage.ts';
import type { RunFolds } from './run-folds.ts';

export interface RunPagesOptions {
  readonly storage: Pick<Storage, 'listedRuns'>;
  /** Has the newest of what is not saved yet. */
  readonly folds: Pick<RunFolds, 'of'>;
  /** How many runs are kept of each agent. */
  readonly kept: () => ReadonlyMap<string, number>;
}

export interface RunPageAsk {
  /** Undefined: of all. */
  readonly agent: string | undefined;
  readonly before: RunPlace | undefined;
  readonly limit: number;
}

/** One read: what ends meanwhile is newer than the first page, and stands in the table. */
export async function readRunPage(
  { agent, before, limit }: RunPageAsk,
  { storage, folds, kept }: RunPagesOptions,
): Promise<RunPage> {
  const found = await storage.listedRuns({
    count: limit + 1,
    ...(agent === undefined ? {} : { agent }),
    ...(before === undefined ? {} : { before }),
  });
  const listed = found.slice(0, limit);
  const last = listed.at(-1);
  const counts = agent === undefined ? [...kept().values()] : [kept().get(agent) ?? 0];
  return {
    runs: listed.map(({ id, row }) => folds.of(id)?.row ?? (JSON.parse(row) as RunRow)),
    next: found.length > limit && last !== undefined ? `${last.closedAt}.${last.id}` : null,
    kept: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** Reads what a page called its `next`; undefined: it is none. */
export function runPlaceOf(text: string): RunPlace | undefined {
  const [found, closedAt, id = ''] = /^(\d{1,15})\.([a-z0-9]{16,32})$/.exec(text) ?? [];
  return found === undefined ? undefined : { closedAt: Number(closedAt), id };
}
