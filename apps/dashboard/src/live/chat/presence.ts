// Who is shown to be in a room: who is in its table, and, where the hub has begun anew, for some seconds also who was there
// before. It knows nobody then, and people come back one after the other: none of them left. Knows no line: the table is
// passed in.

import type { Store, TableSnapshot } from '@telltale/client';
import type { PresenceRow } from '@telltale/hub/api';

export interface PresenceWorld {
  readonly table: Store<TableSnapshot<PresenceRow>>;
  readonly after: (ms: number, run: () => void) => () => void;
}

/** Each comes back at a time of its own within 6 s (CLI2), and is shown a moment later. */
const returnMs = 8_000;

export function createPresence({ table, after }: PresenceWorld): Store<readonly PresenceRow[]> {
  const listeners = new Set<() => void>();
  let shown: readonly PresenceRow[] = [];
  /** The life of the table's log, as its rows say it. */
  let life: string | undefined;
  /** A table without rows does not say whether it is another life. */
  let isUnsure = false;
  /** Who was there before, and did not come back so far. */
  let missed: readonly PresenceRow[] = [];
  let cancel = (): void => {};
  let leave: (() => void) | undefined;

  const forget = (): void => {
    cancel();
    missed = [];
  };
  const remember = (): void => {
    forget();
    if (shown.length === 0) return;
    missed = shown;
    cancel = after(returnMs, () => {
      missed = [];
      take();
    });
  };
  const take = (): void => {
    const { rows } = table.getSnapshot();
    const found = rows[0]?.epoch;
    if (found === life && isUnsure) forget();
    if (found !== life && !isUnsure) remember();
    isUnsure = found === undefined && life !== undefined;
    life = found ?? life;
    const here = rows.map(({ data }) => data);
    missed = missed.filter(({ id }) => !here.some((row) => row.id === id));
    shown = [...missed, ...here];
    for (const listener of listeners) listener();
  };
  return {
    getSnapshot: () => shown,
    subscribe(onChange) {
      listeners.add(onChange);
      if (leave === undefined) {
        leave = table.subscribe(take);
        take();
      }
      return () => {
        listeners.delete(onChange);
        if (listeners.size > 0) return;
        leave?.();
        leave = undefined;
        forget();
        shown = [];
        life = undefined;
        isUnsure = false;
      };
    },
  };
}
