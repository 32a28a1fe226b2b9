// Tells who holds the rows which of them somebody reads, so that it is not let go, and has older rows fetched before the
// view reaches the top.

import { useEffect } from 'react';
import { hasText, type OutputRow } from './rows.ts';

/** Older rows are fetched when so few are left above the view. */
const nearTop = 20;

export function useReading({
  rows,
  isFollowing,
  first,
  onOpen,
  onRead,
}: {
  readonly rows: readonly OutputRow[];
  readonly isFollowing: boolean;
  /** The first row that is seen. */
  readonly first: () => number | undefined;
  readonly onOpen: (key: string) => Promise<void>;
  readonly onRead: (key: string | undefined) => void;
}): void {
  // After each drawing, and scrolling draws.
  useEffect(() => {
    const index = first();
    onRead(isFollowing || index === undefined ? undefined : rows.slice(index, index + 10).find(hasText)?.key);
    const [top] = rows;
    const isNear = index !== undefined && index <= nearTop;
    if (isNear && top?.kind === 'hole' && top.isAutomatic && top.state === 'shut') void onOpen(top.key);
  });
}
