// What somebody sees who scrolls through a list that draws only a part of itself: which rows were drawn, whether always in
// one piece, and how long the page let its frames wait.

import type { Locator } from 'playwright-core';

export interface Scrolled {
  /** Numbers of the rows that were drawn in some frame, in order. */
  readonly drawn: readonly number[];
  /** A frame in which rows were missing, doubled or out of order. */
  readonly torn: readonly number[] | undefined;
  readonly mostDrawn: number;
  readonly frames: number;
  /** Between one frame and the next, in milliseconds. */
  readonly longestMs: number;
  readonly p95Ms: number;
  /** The longest task of the page's main thread; 0: none was longer than 50. */
  readonly longestTaskMs: number;
}

type Watching = Window & { stopWatching?: () => Omit<Scrolled, 'p95Ms' | 'longestMs'> & { readonly gaps: number[] } };

export interface Scrolling {
  stop(): Promise<Scrolled>;
}

/**
 * Watches frame by frame.
 *
 * @param rows a selector of rows within `list`, each with its number, one more than that of the row before it, in `data-key`
 */
export async function watchScrolling(list: Locator, rows: string): Promise<Scrolling> {
  await list.evaluate((element, selector) => {
    const seen = new Set<number>();
    const gaps: number[] = [];
    let torn: readonly number[] | undefined;
    let [mostDrawn, longestTaskMs, isStopped] = [0, 0, false];
    let last = performance.now();
    const tasks = new PerformanceObserver((entries) => {
      for (const { duration } of entries.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration);
    });
    tasks.observe({ type: 'longtask' });
    const note = (): void => {
      const numbers = [...element.querySelectorAll<HTMLElement>(selector)].map(({ dataset }) => Number(dataset['key']));
      if (numbers.some((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1)) torn ??= numbers;
      for (const number of numbers) seen.add(number);
      mostDrawn = Math.max(mostDrawn, numbers.length);
    };
    const look = (): void => {
      if (isStopped) return;
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      note();
      requestAnimationFrame(look);
    };
    note();
    requestAnimationFrame(look);
    (window as Watching).stopWatching = () => {
      isStopped = true;
      // What was drawn since the last frame began.
      note();
      tasks.disconnect();
      const drawn = [...seen].sort((one, other) => one - other);
      return { drawn, torn, mostDrawn, frames: gaps.length, gaps, longestTaskMs };
    };
  }, rows);
  return {
    async stop() {
      const seen = await list.evaluate(() => (window as Watching).stopWatching?.());
      if (seen === undefined) throw new Error('the page was left while its frames were watched');
      const { gaps, ...rest } = seen;
      const sorted = gaps.toSorted((one, other) => one - other);
      return { ...rest, longestMs: sorted.at(-1) ?? 0, p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0 };
    },
  };
}
