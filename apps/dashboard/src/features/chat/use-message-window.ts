// Which rows of a room are drawn, and where. Following, the newest stand at the end; otherwise what is read stays where it
// is, whatever comes in front or behind. The one place that knows TanStack Virtual here.

import { defaultRangeExtractor, useVirtualizer, type Range, type Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import { estimatedHeight, type ChatRow } from './rows-model.ts';

export interface MessageWindow {
  /** Of all rows, in CSS pixels. */
  readonly height: number;
  readonly items: readonly { readonly index: number; readonly start: number }[];
  readonly measure: (element: HTMLElement | null) => void;
  /** At the next drawing, scrolls so that a row is seen. */
  readonly show: (index: number, where: 'center' | 'auto') => void;
}

/** Rows drawn at the end while it is followed, before any is measured. */
const atEnd = 30;
/** The column of messages is never wider, in CSS pixels, and has so many beside it on either side. */
const widest = 760;
const beside = 14;
const never = (): boolean => false;

export function useMessageWindow(
  box: RefObject<HTMLDivElement | null>,
  rows: readonly ChatRow[],
  isFollowing: boolean,
  heldIndex: number | undefined,
): MessageWindow {
  const width = useRef(280);
  const range = useCallback(
    (seen: Range): number[] => {
      const from = isFollowing ? Math.min(seen.startIndex, Math.max(0, seen.count - atEnd)) : seen.startIndex;
      const shown = defaultRangeExtractor(
        isFollowing ? { ...seen, startIndex: Math.max(from, seen.count - atEnd), endIndex: seen.count - 1 } : seen,
      );
      if (heldIndex === undefined || heldIndex >= seen.count || shown.includes(heldIndex)) return shown;
      return [...shown, heldIndex].sort((one, other) => one - other);
    },
    [isFollowing, heldIndex],
  );
  // oxlint-disable-next-line react/incompatible-library -- no compiler memoizes here
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => estimatedHeight(rows[index], width.current),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    rangeExtractor: range,
    overscan: 8,
  });
  const { scrollRect } = virtualizer;
  if (scrollRect !== null) width.current = Math.min(widest, scrollRect.width - 2 * beside);
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = isFollowing ? never : undefined;
  const height = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    const element = box.current;
    if (isFollowing && element !== null) element.scrollTop = element.scrollHeight;
  }, [box, isFollowing, rows, height, virtualizer.scrollRect?.height]);
  useAnchor(box, rows, isFollowing, virtualizer);
  const wanted = useRef<{ readonly index: number; readonly where: 'center' | 'auto' }>(undefined);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const { index, where } = wanted.current;
    wanted.current = undefined;
    virtualizer.scrollToIndex(index, { align: where });
  });
  return {
    height,
    items: virtualizer.getVirtualItems(),
    measure: virtualizer.measureElement,
    show: useCallback((index, where) => {
      wanted.current = { index, where };
    }, []),
  };
}

/**
 * Keeps the message that is read where it is when rows come or go in front of it. A row that is no message, such as a day,
 * may itself be gone then, so the first message that is seen is the one to hold on to.
 */
function useAnchor(
  box: RefObject<HTMLDivElement | null>,
  rows: readonly ChatRow[],
  isFollowing: boolean,
  virtualizer: Virtualizer<HTMLDivElement, HTMLElement>,
): void {
  const anchor = useRef<{ readonly key: string; readonly index: number; readonly below: number }>(undefined);
  const latest = useRef(rows);
  const note = useCallback(() => {
    const top = box.current?.scrollTop ?? 0;
    const seen = virtualizer
      .getVirtualItems()
      .find(({ index, end }) => end > top && latest.current[index]?.kind === 'message');
    const key = seen === undefined ? undefined : latest.current[seen.index]?.key;
    // Just after a jump what is drawn is not here yet: what was held on to still is.
    if (seen !== undefined && key !== undefined) anchor.current = { key, index: seen.index, below: seen.start - top };
  }, [box, virtualizer]);
  useLayoutEffect(() => {
    const element = box.current;
    const held = anchor.current;
    latest.current = rows;
    if (element !== null && held !== undefined && !isFollowing && rows[held.index]?.key !== held.key) {
      const index = rows.findIndex(({ key }) => key === held.key);
      const start = virtualizer.measurementsCache[index]?.start;
      if (start !== undefined) {
        element.scrollTo({ top: start - held.below });
        anchor.current = { ...held, index };
        return;
      }
    }
    note();
  }, [box, rows, isFollowing, virtualizer, note]);
  useEffect(() => {
    const element = box.current;
    element?.addEventListener('scroll', note, { passive: true });
    return () => element?.removeEventListener('scroll', note);
  }, [box, note]);
}
