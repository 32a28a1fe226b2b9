// Which rows of a grid are drawn: those that are seen, a few beside them, and the one that has the keys, so that focus
// is never lost by scrolling. The one place that knows TanStack Virtual here.

import {
  defaultRangeExtractor,
  useVirtualizer,
  useWindowVirtualizer,
  type Range,
  type Virtualizer,
} from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

export interface RowWindow {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly body: RefObject<HTMLDivElement | null>;
  /** Of all rows together, in CSS pixels. */
  readonly height: number;
  readonly items: readonly { readonly index: number; readonly start: number }[];
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
  /** How many rows fit. */
  readonly page: () => number;
  /** Scrolls to a row and gives it the focus once it is drawn. */
  readonly focusRow: (index: number) => void;
}

interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly rowHeight: number;
}

/** Rows beside those that are seen: drawing may come a frame after scrolling. */
const overscan = 10;

/** For a grid that scrolls in its own box. All rows are of one height. */
export function useRowsInBox<Row>({ rows, keyOf, rowHeight }: Rows<Row>, active: number): RowWindow {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    getItemKey: useKeys(rows, keyOf),
    rangeExtractor: useRange(active, rows.length),
    overscan,
    useFlushSync: false,
    // The head stands over the rows.
    scrollPaddingStart: headHeight,
  });
  useStart(virtualizer, active);
  const focusRow = useFocusRow(virtualizer, body);
  return {
    box,
    body,
    height: virtualizer.getTotalSize(),
    items: virtualizer.getVirtualItems(),
    measure: undefined,
    page: () => Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight) - 2),
    focusRow,
  };
}

const headHeight = 29;

/** For a grid that scrolls with the page. Rows are as high as what is in them. */
export function useRowsInPage<Row>({ rows, keyOf, rowHeight }: Rows<Row>, active: number): RowWindow {
  const box = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  // What stands above the rows may change its height at any drawing.
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the same number draws nothing anew
  useLayoutEffect(() => {
    const top = body.current?.getBoundingClientRect().top;
    if (top !== undefined) setScrollMargin(Math.round(top + scrollY));
  });
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtualizer = useWindowVirtualizer<HTMLElement>({
    count: rows.length,
    estimateSize: () => rowHeight,
    getItemKey: useKeys(rows, keyOf),
    rangeExtractor: useRange(active, rows.length),
    overscan,
    useFlushSync: false,
    scrollMargin,
    scrollPaddingStart: 96,
    scrollPaddingEnd: 64,
  });
  useStart(virtualizer, active);
  const focusRow = useFocusRow(virtualizer, body);
  return {
    box,
    body,
    height: virtualizer.getTotalSize(),
    items: virtualizer.getVirtualItems().map(({ index, start }) => ({ index, start: start - scrollMargin })),
    measure: virtualizer.measureElement,
    page: () => Math.max(1, Math.floor(innerHeight / rowHeight) - 3),
    focusRow,
  };
}

function useKeys<Row>(rows: readonly Row[], keyOf: (row: Row) => string): (index: number) => string | number {
  return useCallback(
    (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
    [rows, keyOf],
  );
}

function useRange(active: number, count: number): (range: Range) => number[] {
  return useCallback(
    (range) => {
      const indices = defaultRangeExtractor(range);
      if (active >= count || indices.includes(active)) return indices;
      return [...indices, active].sort((one, other) => one - other);
    },
    [active, count],
  );
}

/** Begins with the active row in sight. */
function useStart(virtualizer: Pick<Virtualizer<never, never>, 'scrollToIndex'>, active: number): void {
  useEffect(() => {
    if (active > 0) virtualizer.scrollToIndex(active, { align: 'center' });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once: afterwards who scrolls decides
  }, []);
}

function useFocusRow(
  virtualizer: Pick<Virtualizer<never, never>, 'scrollToIndex'>,
  body: RefObject<HTMLElement | null>,
): (index: number) => void {
  const wanted = useRef<number>(undefined);
  // After the drawing in which the row became the active one, which is always drawn.
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    wanted.current = undefined;
    row?.focus({ preventScroll: true });
  });
  return useCallback(
    (index) => {
      wanted.current = index;
      virtualizer.scrollToIndex(index);
    },
    [virtualizer],
  );
}
