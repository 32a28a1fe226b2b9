import type { RunPage, RunRow } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { noHeldRuns, readOlder, together, withEnded } from './held-runs.ts';

const row = (run: string, endedAt: number | null = 1): RunRow => ({ run, endedAt }) as unknown as RunRow;
const ids = (rows: Iterable<RunRow>): string => [...rows].map(({ run }) => run).join('');

/** Pages of two, the last to end first; says which were asked for. */
function pages(newestFirst: string): {
  readonly asked: (string | undefined)[];
  readonly ask: (before: string | undefined) => Promise<RunPage>;
} {
  const asked: (string | undefined)[] = [];
  return {
    asked,
    ask(before) {
      asked.push(before);
      const from = before === undefined ? 0 : newestFirst.indexOf(before) + 1;
      const runs = [...newestFirst.slice(from, from + 2)].map((run) => row(run));
      const next = from + 2 < newestFirst.length ? (runs.at(-1)?.run ?? null) : null;
      return Promise.resolve({ runs, next, kept: newestFirst.length });
    },
  };
}

describe('older runs', () => {
  it('are read on to the first that the table does not have, a page at a time from there', async () => {
    const table = [row('x', null), row('a'), row('b'), row('c')];
    const { asked, ask } = pages('abcdefg');
    const first = await readOlder(noHeldRuns, table, ask);
    expect([asked, ids(together(table, first)), first.next]).toEqual([[undefined, 'b'], 'xabcd', 'd']);
    const second = await readOlder(first, table, ask);
    const all = await readOlder(second, table, ask);
    expect([asked, ids(together(table, all)), all.next]).toEqual([[undefined, 'b', 'd', 'f'], 'xabcdefg', null]);
    expect(ids((await readOlder(all, table, ask)).rows.values())).toBe('abcdefg');
    expect(asked).toHaveLength(4);
  });

  it('leave no hole where a run leaves the table, and the table has the last word on what is in it', async () => {
    expect(withEnded(noHeldRuns, [row('a')])).toBe(noHeldRuns);
    const { ask } = pages('abcd');
    const held = await readOlder(noHeldRuns, [row('a'), row('b')], ask);
    const live = [row('new', null), row('z'), row('a', 2)];
    const after = withEnded(held, live);
    expect(withEnded(after, live)).toBe(after);
    expect(together([row('z', 3)], after)).toEqual([row('z', 3), row('a', 2), row('b'), row('c'), row('d')]);
  });
});
