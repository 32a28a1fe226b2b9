// The way of one line of a chart: which corners it has, and how long it is. Called by the strip that paints lines; knows
// no canvas.

import { columnOf, type Ruler } from './ruler.ts';

/** What a line is drawn on; a canvas, or a test's list. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** From points to pixels: `x` is the ruler's column, `y = foot - value × perUnit`. */
export interface Scale {
  readonly ruler: Ruler;
  readonly foot: number;
  readonly perUnit: number;
}

export interface Part {
  /** Index of the first point that is traced; the first of its column. */
  readonly start: number;
  /** How far along the line that is. */
  readonly length: number;
  /** Index of the point up to which the line is measured; the first of its column. */
  readonly mark: number;
}

/**
 * Moves the pen along a line, which is broken where there is no value. Of the points that share a column of pixels it
 * draws the first, the extremes and the last: more cannot be seen.
 *
 * @returns how far along the line the mark is; each piece of a broken line begins at `length`
 */
export function traceLine(
  pen: Pen,
  times: readonly number[],
  values: readonly (number | null)[],
  { ruler, foot, perUnit }: Scale,
  { start, length, mark }: Part,
): number {
  let isDown = false;
  let [x, y, along, marked] = [0, 0, length, length];
  let column = Number.NaN;
  let [begun, first, low, high, last] = [0, 0, 0, 0, 0];
  const go = (value: number): void => {
    const to = foot - value * perUnit;
    along = isDown ? along + Math.sqrt((column - x) ** 2 + (to - y) ** 2) : length;
    if (isDown) pen.lineTo(column, to);
    else pen.moveTo(column, to);
    isDown = true;
    [x, y] = [column, to];
  };
  const draw = (): void => {
    if (Number.isNaN(column)) return;
    go(first);
    if (begun === mark) marked = along;
    if (low < first) go(low);
    if (high > first) go(high);
    const at = high > first ? high : Math.min(low, first);
    if (last !== at) go(last);
  };
  for (let index = start; index < times.length; index += 1) {
    const value = values[index] ?? null;
    if (value === null) {
      draw();
      column = Number.NaN;
      isDown = false;
      continue;
    }
    const next = columnOf(ruler, times[index] as number);
    if (next === column) {
      if (value < low) low = value;
      if (value > high) high = value;
      last = value;
      continue;
    }
    draw();
    column = next;
    begun = index;
    first = low = high = last = value;
  }
  draw();
  return marked;
}
