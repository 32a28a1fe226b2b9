// The line of an output that the keys are on, and the lines selected by them: arrows and the page keys go from row to row,
// with Shift they select. The row itself has the focus, so that a screen reader says it, and stays drawn however far
// somebody scrolls. What a pointer selects is the page's own selection, and use-selection.ts's.

import { useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import type { OutputRow } from './rows.ts';
import { rowsBetween, type SharedRows } from './selection.ts';
import type { RowWindow } from './use-row-window.ts';

/** Keys of rows: where the selection began, and the one that has the keys. The same: that row alone is selected. */
interface Ends {
  readonly begin: string;
  readonly at: string;
}

export interface LineKeys {
  /** Index of the row that the keys are on; undefined: on none. */
  readonly at: number | undefined;
  /** Indices of the first and the last selected row. */
  readonly range: readonly [first: number, last: number] | undefined;
  readonly selected: () => SharedRows | undefined;
  /** Goes where a key leads; false: it leads nowhere. */
  readonly go: (event: KeyboardEvent, shown: Pick<RowWindow, 'show' | 'first' | 'last'>) => boolean;
  /** Lets go of all; false: there was nothing. */
  readonly drop: () => boolean;
}

export function useLineKeys(
  box: RefObject<HTMLElement | null>,
  rows: readonly OutputRow[],
  { isFollowing, pause }: { readonly isFollowing: boolean; readonly pause: () => void },
): LineKeys {
  const [ends, setEnds] = useState<Ends>();
  const isAsked = useRef(false);
  const indexOf = (key: string | undefined): number | undefined => {
    const index = key === undefined ? -1 : rows.findIndex((row) => row.key === key);
    return index === -1 ? undefined : index;
  };
  const at = indexOf(ends?.at);
  // Where the row it began in is not kept any more, the selection begins anew.
  const begin = ends?.begin === ends?.at ? at : (indexOf(ends?.begin) ?? at);
  // Who follows the newest leaves what was selected behind.
  if (ends !== undefined && (isFollowing || at === undefined)) setEnds(undefined);

  useLayoutEffect(() => {
    const element = box.current;
    if (ends === undefined) {
      // A row that was let go of holds the keys no longer.
      const { activeElement } = document;
      if (activeElement?.matches('[data-key]') && element?.contains(activeElement))
        element.focus({ preventScroll: true });
    } else if (isAsked.current) {
      isAsked.current = false;
      const row = element?.querySelector<HTMLElement>(`[data-key="${CSS.escape(ends.at)}"]`);
      row?.focus({ preventScroll: true });
    }
  });

  return {
    at,
    range: at === undefined || begin === undefined ? undefined : [Math.min(at, begin), Math.max(at, begin)],
    selected() {
      const [one, other] = [at, begin].map((index) => (index === undefined ? undefined : rows[index]?.key));
      if (one === undefined || other === undefined) return undefined;
      return rowsBetween(rows, { key: one, offset: 0 }, { key: other, offset: 0 });
    },
    go(event, shown) {
      const focused = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-key]') : null;
      const from = indexOf(focused?.dataset['key']) ?? at;
      const to = from === undefined ? entered(event, shown, isFollowing) : led(event, from, shown);
      const index = to === undefined ? 0 : Math.max(0, Math.min(rows.length - 1, to));
      const row = rows[index];
      if (to === undefined || row === undefined) return false;
      const kept = begin ?? from ?? index;
      isAsked.current = true;
      pause();
      shown.show(index, 'auto');
      setEnds({ begin: (event.shiftKey ? rows[kept]?.key : undefined) ?? row.key, at: row.key });
      return true;
    },
    drop() {
      setEnds(undefined);
      return ends !== undefined;
    },
  };
}

/** The row that an arrow comes to first: of those that are seen, the nearest to the side it comes from. */
function entered(
  { key }: KeyboardEvent,
  { first, last }: Pick<RowWindow, 'first' | 'last'>,
  isFollowing: boolean,
): number | undefined {
  if (key === 'ArrowUp' || (key === 'ArrowDown' && isFollowing)) return last();
  return key === 'ArrowDown' ? first() : undefined;
}

/** Where a key leads from a row; may be beyond the rows. */
function led(
  { key, shiftKey }: KeyboardEvent,
  from: number,
  { first, last }: Pick<RowWindow, 'first' | 'last'>,
): number | undefined {
  const page = Math.max(1, (last() ?? 0) - (first() ?? 0) - 1);
  switch (key) {
    case 'ArrowUp':
      return from - 1;
    case 'ArrowDown':
      return from + 1;
    case 'PageUp':
      return from - page;
    case 'PageDown':
      return from + page;
    case 'Home':
      return shiftKey ? 0 : undefined;
    case 'End':
      return shiftKey ? Infinity : undefined;
    default:
      return undefined;
  }
}
