// Where the bars of a chart stand, in CSS pixels. Pure.

import { minuteSplits } from '../chart/plot.ts';
import type { ChartSpan } from '../chart/chart-columns.ts';

export interface BarsPlace {
  readonly left: number;
  readonly right: number;
  /** The line at the highest tick, and the one the bars stand on. */
  readonly top: number;
  readonly foot: number;
}

export const barsHeight = 108;

/** The place for bars within a width: a column for the ticks, a row for brackets above and for times below. */
export function barsPlace(width: number): BarsPlace {
  return { left: 34, right: Math.max(35, width - 6), top: 22, foot: barsHeight - 20 };
}

export function xOf({ left, right }: BarsPlace, { from, to }: ChartSpan, at: number): number {
  return left + ((at - from) / (to - from)) * (right - left);
}

/** Height of a count; something is never drawn as nothing. */
export function heightOf({ top, foot }: BarsPlace, count: number, most: number): number {
  return count === 0 ? 0 : Math.max(2, (count / most) * (foot - top));
}

/** Which bar is at a place; undefined: beside all. */
export function barAt(place: BarsPlace, count: number, x: number): number | undefined {
  const index = Math.floor(((x - place.left) / (place.right - place.left)) * count);
  return index < 0 || index >= count ? undefined : index;
}

export function timeTicks(place: BarsPlace, { from, to }: ChartSpan): readonly number[] {
  return minuteSplits(from, to, place.right - place.left);
}

/** About how wide a small text is, so that it may stand beside its bracket and not over the edge. */
export const textWidth = (text: string): number => text.length * 5.6;

export interface LabelPlace {
  readonly x: number;
  readonly anchor: 'start' | 'end' | 'middle';
}

/** Where the words of a bracket stand: right of it, else left of it, else above its middle within the edges. */
export function labelPlace(
  place: BarsPlace,
  bracket: { readonly left: number; readonly right: number },
  text: string,
): LabelPlace {
  const width = textWidth(text);
  if (bracket.right + 10 + width <= place.right) return { x: bracket.right + 10, anchor: 'start' };
  if (bracket.left - 10 - width >= place.left) return { x: bracket.left - 10, anchor: 'end' };
  const middle = (bracket.left + bracket.right) / 2;
  const half = width / 2;
  return { x: Math.max(place.left + half, Math.min(place.right - half, middle)), anchor: 'middle' };
}
