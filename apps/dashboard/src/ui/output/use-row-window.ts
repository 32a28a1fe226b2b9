// Which rows of an output are drawn, and where: the newest while it follows, else those that are seen, with the one that a
// selection began in. The one place that knows TanStack Virtual here. What changes above the view does not move it.

import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, type RefObject } from 'react';
import { columnsIn, estimatedHeight, isSurelyOneLine, lineHeight } from './row-height.ts';
import type { OutputRow } from './rows.ts';

export interface RowWindow {
  /** Of the rows that can be scrolled to, in CSS pixels. */
  readonly height: number;
  /** Indices are those of `rows`. */
  readonly items: readonly { readonly index: number; readonly start: number }[];
  /** For the element of a row; undefined: its height is known. */
  readonly measure: (row: OutputRow) => ((element: HTMLElement | null) => void) | undefined;
  /** Index of the row that an element stands for, as `data-index` says it. */
  readonly offset: number;
  /** At the next drawing, scrolls so that a row stands in the middle, or is just seen; who calls it has paused and draws. */
  readonly show: (index: number, align: 'center' | 'auto') => void;
  /** Indices of the first and the last row that are seen; undefined: none is. */
  readonly first: () => number | undefined;
  readonly last: () => number | undefined;
}

interface RowWindowOptions {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly rows: readonly OutputRow[];
  /** Another object for each change of `rows`, which is changed in place. */
  readonly version: object;
  readonly isFollowing: boolean;
  readonly isWrapped: boolean;
  /** Rows that stay drawn; undefined: no row. */
  readonly held: readonly (number | undefined)[];
}

/** So many of the newest rows can be scrolled to while it follows; who scrolls up has all of them at once. */
const followed = 2_000;
const overscan = 12;
const never = (): boolean => false;
/** Measured heights that are kept, of rows that may be gone. */
const mostMeasured = 20_000;

export function useRowWindow(options: RowWindowOptions): RowWindow {
  const { box, rows, version, isFollowing, isWrapped } = options;
  // Each change costs as much as there are rows: of those far above nobody sees anything while it follows.
  const offset = isFollowing ? Math.max(0, rows.length - followed) : 0;
  const held = options.held.flatMap((index) => (index === undefined || index < offset ? [] : [index - offset]));
  const heldNow = held.join(' ');
  const width = useRef(0);
  const range = useCallback(
    (seen: Range): number[] => {
      const fits = Math.ceil((box.current?.clientHeight ?? 0) / lineHeight);
      const shown = isFollowing
        ? defaultRangeExtractor({ ...seen, startIndex: Math.max(0, seen.count - fits), endIndex: seen.count - 1 })
        : defaultRangeExtractor(seen);
      const added = held.filter(
        (index, place) => index < seen.count && !shown.includes(index) && held.indexOf(index) === place,
      );
      return added.length === 0 ? shown : [...shown, ...added].sort((one, other) => one - other);
    },
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the same indices are the same rows to draw
    [box, isFollowing, heldNow],
  );
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLElement>({
    count: rows.length - offset,
    getScrollElement: () => box.current,
    estimateSize: (index) => estimatedHeight(rows[offset + index], isWrapped ? columnsIn(width.current) : undefined),
    // A new function says that keys have changed, at whatever index.
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the rows change in place
    getItemKey: useCallback((index: number) => rows[offset + index]?.key ?? index, [rows, offset, version]),
    rangeExtractor: range,
    overscan,
    // What is read stays where it is when older rows come or go. Following sets the place itself.
    anchorTo: isFollowing ? 'start' : 'end',
  });
  width.current = virtualizer.scrollRect?.width ?? 0;
  // While it follows, the end is where the view stands, whatever rows above it turn out to be.
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = isFollowing ? never : undefined;
  useLayoutEffect(() => {
    virtualizer.measure();
  }, [virtualizer, isWrapped]);
  const height = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    const element = box.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
  }, [box, isFollowing, version, height, virtualizer.scrollRect?.height]);
  const wanted = useRef<{ readonly index: number; readonly align: 'center' | 'auto' }>(undefined);
  // After the drawing in which all rows came back, where it followed.
  useLayoutEffect(() => {
    if (isFollowing || wanted.current === undefined) return;
    virtualizer.scrollToIndex(wanted.current.index, { align: wanted.current.align });
    wanted.current = undefined;
  });
  if (virtualizer.itemSizeCache.size > mostMeasured) virtualizer.itemSizeCache.clear();
  return {
    height,
    items: virtualizer.getVirtualItems().map(({ index, start }) => ({ index: offset + index, start })),
    measure: (row) => (isSurelyOneLine(row, isWrapped, width.current) ? undefined : virtualizer.measureElement),
    offset,
    show: useCallback((index, align) => {
      wanted.current = { index, align };
    }, []),
    first: () => (virtualizer.range === null ? undefined : offset + virtualizer.range.startIndex),
    last: () => (virtualizer.range === null ? undefined : offset + virtualizer.range.endIndex),
  };
}
