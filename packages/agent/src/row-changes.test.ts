import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRowChanges } from './row-changes.ts';

interface Row {
  readonly pid: number;
  readonly cpu: number;
}

const row = (pid: number, cpu: number): Row => ({ pid, cpu });
const createChanges = (): ReturnType<typeof createRowChanges<Row>> => createRowChanges(({ pid }) => String(pid));

describe('row changes', () => {
  it('are all rows at first, and then only what differs', () => {
    const changes = createChanges();
    expect(changes.next([row(1, 5), row(2, 0)])).toEqual([
      { key: '1', data: row(1, 5) },
      { key: '2', data: row(2, 0) },
    ]);
    expect(changes.next([row(1, 6), row(2, 0)])).toEqual([{ key: '1', data: row(1, 6) }]);
    expect(changes.next([row(2, 0), row(1, 6)])).toEqual([]);
  });

  it('remove a key that left the list, before they add another', () => {
    const changes = createChanges();
    changes.next([row(1, 5), row(2, 0)]);
    expect(changes.next([row(1, 5), row(3, 1)])).toEqual([
      { key: '2', data: null },
      { key: '3', data: row(3, 1) },
    ]);
  });

  it('are all rows after a reset, and removals of what may still be there', () => {
    const changes = createChanges();
    changes.next([row(1, 5), row(2, 0)]);
    changes.reset();
    expect(changes.next([row(1, 5)])).toEqual([
      { key: '2', data: null },
      { key: '1', data: row(1, 5) },
    ]);
    expect(changes.next([row(1, 5)])).toEqual([]);
  });

  it('applied in order always rebuild the last list', () => {
    const list = fc.uniqueArray(fc.record({ pid: fc.nat(6), cpu: fc.nat(2) }), { selector: ({ pid }) => pid });
    fc.assert(
      fc.property(fc.array(list, { minLength: 1 }), (lists) => {
        const changes = createChanges();
        const table = new Map<string, Row>();
        for (const rows of lists) {
          for (const { key, data } of changes.next(rows)) {
            if (data === null) table.delete(key);
            else table.set(key, data);
          }
          expect([...table.values()].sort((a, b) => a.pid - b.pid)).toEqual([...rows].sort((a, b) => a.pid - b.pid));
        }
      }),
    );
  });
});
