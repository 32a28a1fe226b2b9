// Lines that were painted bit by bit beside the same lines painted at once: how many pixels tell them apart. Runs in the
// page of charts, on the canvas of a real browser.

import type { ChartColumns } from '../../apps/dashboard/src/ui/chart/chart-columns.ts';
import { LineStrip } from '../../apps/dashboard/src/ui/chart/line-strip.ts';
import { readPalette } from '../../apps/dashboard/src/ui/chart/palette.ts';
import { rulerOf } from '../../apps/dashboard/src/ui/chart/ruler.ts';

export interface Beside {
  /** Pixels with something on them, in all pictures that were compared. */
  readonly painted: number;
  /** Pixels that differ by more than soft edges do. */
  readonly apart: number;
}

const bbox = { left: 46, top: 8, width: 240, height: 122 };
const size = { width: 296, height: 150 };
const spanMs = 90_000;
const stepMs = 100;
const steps = 300;
/** After so many steps the two are compared. */
const comparedEach = 20;
/** Of 255: soft edges and the places of dashes are rounded where a line is drawn in parts. */
const rounding = 64;

/**
 * Lets lines grow, break, change and lose points while their span moves on.
 *
 * @param isWhole the first point stays in view and nothing old changes: so dashes of both begin at the same place
 * @param random numbers in [0, 1), at least 2,000 of them
 */
export function paintedBeside(isWhole: boolean, random: readonly number[]): Beside {
  const lines = isWhole ? 4 : 2;
  const times: number[] = [];
  const values: (number | null)[][] = Array.from({ length: lines }, () => []);
  let drawn = 0;
  const next = (): number => random[(drawn += 1) % random.length] ?? 0;
  const began = 1_800_000_000_000;
  const grow = (step: number): void => {
    times.push(began + step * stepMs);
    for (const [line, column] of values.entries())
      column.push(next() < 0.02 && !isWhole ? null : 50 + 40 * Math.sin(step / (7 + 5 * line)) + 13 * next());
  };
  const before = isWhole ? 10 : 700;
  for (let step = -before; step < 0; step += 1) grow(step);
  const palette = readPalette(document.body);
  const strip = new LineStrip();
  let ruler = rulerOf({ from: began - spanMs, to: began }, bbox.width);
  const sum = { painted: 0, apart: 0 };
  for (let step = 0; step < steps; step += 1) {
    const kind = isWhole ? 1 : next();
    if (kind > 0.1) grow(step);
    else if (kind > 0.05)
      for (const column of values) column[column.length - 1 - Math.floor(next() * 40)] = 100 * next();
    else if (kind > 0.03) for (const column of [times, ...values]) column.pop();
    const to = began + step * stepMs;
    const from = to - spanMs;
    ruler = rulerOf({ from, to }, bbox.width, ruler);
    const first = Math.max(0, times.findIndex((time) => time >= from) - 1);
    const columns: ChartColumns = {
      times: times.slice(first),
      lines: values.map((column, line) => ({ name: `${line}`, values: column.slice(first) })),
      unit: '',
      top: 120,
    };
    const one = pixelsOf(strip, ruler, columns, palette);
    if (step % comparedEach !== 0) continue;
    const other = pixelsOf(new LineStrip(), ruler, columns, palette);
    for (let at = 0; at < one.length; at += 4) {
      // The column at the left edge is whole for who saw it whole, and what is left of it for who did not.
      if ((at / 4) % size.width <= bbox.left) continue;
      if ((one[at + 3] ?? 0) > 0) sum.painted += 1;
      if (distance(one.subarray(at, at + 4), other.subarray(at, at + 4)) > rounding) sum.apart += 1;
    }
  }
  return sum;
}

/** Of what is seen: colours of a pixel that is hardly there are mostly rounding. */
function distance(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  const of = (pixel: Uint8ClampedArray, part: number): number =>
    (pixel[part] ?? 0) * (part === 3 ? 1 : (pixel[3] ?? 0) / 255);
  return Math.max(...[0, 1, 2, 3].map((part) => Math.abs(of(one, part) - of(other, part))));
}

type Drawn = readonly [Parameters<LineStrip['draw']>[1], ChartColumns, ReturnType<typeof readPalette>];

function pixelsOf(strip: LineStrip, ...drawn: Drawn): Uint8ClampedArray {
  const canvas = Object.assign(document.createElement('canvas'), size);
  const ctx = canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  strip.draw({ ctx, bbox }, ...drawn);
  return ctx.getImageData(0, 0, size.width, size.height).data;
}
