// What a page lets go when it holds too much: the oldest, or what is far from where somebody reads. Pure. What is let go
// is with the hub, and is fetched again when it is scrolled to.

import type { Stretch } from './held.ts';
import { weightOf, type OutputItem } from './output-item.ts';

/** Where somebody reads who has scrolled away from the newest line. */
export interface Reader {
  readonly epoch: string;
  readonly offset: number;
}

/** The newest items stay while somebody reads far above them. */
const newest = 500;
/** Items around who reads. */
const around = 2_000;
/** Dropped at once, so that it is done rarely. */
const share = 0.1;

/** The items `[start, end)` of a stretch to drop next; undefined: enough is dropped, or nothing may be. */
export function nextCut(
  stretches: readonly Stretch[],
  weight: number,
  most: number,
  reader: Reader | undefined,
): { readonly index: number; readonly start: number; readonly end: number } | undefined {
  const excess = weight - most * (1 - share);
  const oldest = stretches[0];
  const last = stretches.at(-1);
  if (oldest === undefined || last === undefined || excess <= 0) return undefined;
  const [above, below] = reader === undefined ? [Infinity, 0] : distances(stretches, reader);
  if (above >= below) {
    const end = Math.min(countFor(excess, oldest.items), Math.max(0, above - around));
    return end === 0 ? undefined : { index: 0, start: 0, end };
  }
  // Behind the newest, in the stretch that still grows.
  const { items } = last;
  const end = Math.max(0, items.length - newest);
  const start = Math.max(0, items.length - (below - around), end - countFor(excess, items.slice(0, end).reverse()));
  return start >= end ? undefined : { index: stretches.length - 1, start, end };
}

/** How many items stand before and behind who reads. */
function distances(stretches: readonly Stretch[], { epoch, offset }: Reader): readonly [number, number] {
  const life = stretches.findIndex((stretch) => stretch.epoch === epoch);
  let [above, below] = [0, 0];
  for (const [index, stretch] of stretches.entries()) {
    if (stretch.epoch !== epoch) {
      if (index < life) above += stretch.items.length;
      else below += stretch.items.length;
      continue;
    }
    const split = stretch.items.findIndex((item) => item.offset > offset);
    const before = split === -1 ? stretch.items.length : split;
    above += before;
    below += stretch.items.length - before;
  }
  return [above, below];
}

/** How many items, from the first on, weigh `weight` together. */
function countFor(weight: number, items: readonly OutputItem[]): number {
  let left = weight;
  let count = 0;
  for (; count < items.length && left > 0; count += 1) left -= weightOf(items[count] as OutputItem);
  return count;
}
