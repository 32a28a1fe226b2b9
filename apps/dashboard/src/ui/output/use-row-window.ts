// Which rows of an output are drawn, and where: the newest while it follows, else those that are seen, with what somebody
// selects. The one place that knows TanStack Virtual here. Rows that change above the view do not move what is read.

import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, type RefObject } from 'react';
import type { OutputRow } from './rows.ts';

export interface RowWindow {
  readonly height: number;
  readonly items: readonly { readonly index: number; readonly start: number }[];
  readonly measure: (element: HTMLElement | null) => void;
  /** Scrolls so that a row stands in the middle. */
  readonly show: (index: number) => void;
  /** The first row that is seen; undefined: none is. */
  readonly first: () => number | undefined;
}

interface RowWindowOptions {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly rows: readonly OutputRow[];
  /** Another object for each change of `rows`, which is changed in place. */
  readonly version: object;
  readonly isFollowing: boolean;
  readonly isWrapped: boolean;
  /** A row that stays drawn: one end of a selection. */
  readonly heldIndex: number | undefined;
}

export const lineHeight = 18;
const gapHeight = 40;
const foldHeight = 24;
const overscan = 12;
/** Measured heights that are kept, of rows that may be gone. */
const mostMeasured = 20_000;
/** Width of a character of the type that machines speak, and of the columns before the text. */
const characterWidth = 7.2;
const marginWidth = 160;

export function useRowWindow(options: RowWindowOptions): RowWindow {
  const { box, rows, version, isFollowing, isWrapped, heldIndex } = options;
  const width = useRef(0);
  const range = useCallback(
    (seen: Range): number[] => {
      const fits = Math.ceil((box.current?.clientHeight ?? 0) / lineHeight);
      const shown = isFollowing
        ? defaultRangeExtractor({ ...seen, startIndex: Math.max(0, seen.count - fits), endIndex: seen.count - 1 })
        : defaultRangeExtractor(seen);
      if (heldIndex === undefined || heldIndex >= seen.count || shown.includes(heldIndex)) return shown;
      return [...shown, heldIndex].sort((one, other) => one - other);
    },
    [box, isFollowing, heldIndex],
  );
  const estimate = (index: number): number => {
    const row = rows[index];
    if (row === undefined || ((row.kind === 'line' || row.kind === 'text') && !isWrapped)) return lineHeight;
    if (row.kind === 'fold') return foldHeight;
    if (row.kind === 'hole' || row.kind === 'note') return gapHeight;
    const columns = Math.max(20, Math.floor((width.current - marginWidth) / characterWidth));
    return lineHeight * Math.max(1, Math.ceil(Math.min(row.text.length, 4_000) / columns));
  };
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: estimate,
    // A new function says that keys have changed, at whatever index.
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the rows change in place
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows, version]),
    rangeExtractor: range,
    overscan,
    // What is read stays where it is when older rows come or go. Following sets the place itself.
    anchorTo: isFollowing ? 'start' : 'end',
  });
  width.current = virtualizer.scrollRect?.width ?? 0;
  useLayoutEffect(() => {
    virtualizer.measure();
  }, [virtualizer, isWrapped]);
  const height = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    const element = box.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
  }, [box, isFollowing, version, height, virtualizer.scrollRect?.height]);
  if (virtualizer.itemSizeCache.size > mostMeasured) virtualizer.itemSizeCache.clear();
  return {
    height,
    items: virtualizer.getVirtualItems(),
    measure: virtualizer.measureElement,
    show: useCallback((index) => virtualizer.scrollToIndex(index, { align: 'center' }), [virtualizer]),
    first: useCallback(() => virtualizer.range?.startIndex, [virtualizer]),
  };
}
