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

export interface Cut {
  /** Which stretch, and its items `[start, end)`. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

/** What to drop next; undefined: enough is dropped, or nothing may be. */
export function nextCut(
  stretches: readonly Stretch[],
  weight: number,
  most: number,
  reader: Reader | undefined,
): Cut | undefined {
  const excess = weight - most * (1 - share);
  const [oldest] = stretches;
  if (oldest === undefined || excess <= 0) return undefined;
  if (reader === undefined) return { index: 0, start: 0, end: countFor(excess, oldest.items) };
  const place = placeOf(stretches, reader);
  const count = (from: number, to?: number): number =>
    stretches.slice(from, to).reduce((sum, { items }) => sum + items.length, 0);
  const above = count(0, place.index) + place.at;
  if (above >= count(0) - above) {
    const end = Math.min(countFor(excess, oldest.items), Math.max(0, above - around));
    return end === 0 ? undefined : { index: 0, start: 0, end };
  }
  return cutBelow(stretches, place, excess);
}

/** What is farthest below who reads, but for the newest. */
function cutBelow(
  stretches: readonly Stretch[],
  place: { readonly index: number; readonly at: number },
  excess: number,
): Cut | undefined {
  for (let index = stretches.length - 1; index >= place.index; index -= 1) {
    const { items } = stretches[index] as Stretch;
    const end = index === stretches.length - 1 ? items.length - newest : items.length;
    const first = index === place.index ? place.at + around : 0;
    if (end <= first) continue;
    return { index, start: Math.max(first, end - countFor(excess, items.slice(0, end).reverse())), end };
  }
  return undefined;
}

/** In which stretch who reads stands, before which of its items; in a hole: before the stretch behind it. */
function placeOf(
  stretches: readonly Stretch[],
  { epoch, offset }: Reader,
): { readonly index: number; readonly at: number } {
  const index = stretches.findIndex((stretch) => stretch.epoch === epoch && stretch.to >= offset);
  const { items } = stretches[index] ?? { items: [] };
  const at = items.findIndex((item) => item.offset >= offset);
  return { index: Math.max(0, index), at: Math.max(0, at) };
}

/** How many items, from the first on, weigh `weight` together. */
function countFor(weight: number, items: readonly OutputItem[]): number {
  let left = weight;
  let count = 0;
  for (; count < items.length && left > 0; count += 1) left -= weightOf(items[count] as OutputItem);
  return count;
}
