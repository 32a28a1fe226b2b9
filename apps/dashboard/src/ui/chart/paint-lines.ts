// The lines of a chart, painted by ourselves: uPlot makes a path object for each line and drawing, and joins it by arcs,
// which cost more than all the rest of a chart that moves ten times a second. Called by the plot on each drawing.

import type uPlot from 'uplot';
import type { ChartColumns } from './chart-columns.ts';
import { dashes, seriesColour, type Palette } from './palette.ts';

/** In CSS pixels. */
const lineWidth = 1.5;

/** What a line is drawn on; a canvas, or a test's list. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

/** From values to canvas pixels: `x = left + (time - from) × perMs`, `y = foot - value × perUnit`. */
export interface Scale {
  readonly from: number;
  readonly left: number;
  readonly perMs: number;
  readonly foot: number;
  readonly perUnit: number;
}

export function paintLines(plot: uPlot, { times, lines, top }: ChartColumns, palette: Palette): void {
  const { ctx, bbox } = plot;
  const { min, max } = plot.scales['x'] ?? {};
  if (min === undefined || max === undefined) return;
  const ratio = devicePixelRatio;
  const scale: Scale = {
    from: min,
    left: bbox.left,
    perMs: bbox.width / (max - min),
    foot: bbox.top + bbox.height,
    perUnit: bbox.height / top,
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.lineWidth = lineWidth * ratio;
  ctx.lineJoin = 'bevel';
  ctx.lineCap = 'butt';
  for (const [index, { values }] of lines.entries()) {
    ctx.strokeStyle = seriesColour(palette, index);
    ctx.setLineDash((dashes[index % dashes.length] ?? []).map((length) => length * ratio));
    ctx.beginPath();
    traceLine(ctx, times, values, scale);
    ctx.stroke();
  }
  ctx.restore();
}

/**
 * Moves the pen along a line, which is broken where there is no value. Of the points that share a column of pixels it
 * draws the first, the extremes and the last: more cannot be seen.
 */
export function traceLine(
  pen: Pen,
  times: readonly number[],
  values: readonly (number | null)[],
  { from, left, perMs, foot, perUnit }: Scale,
): void {
  let isDown = false;
  let column = Number.NaN;
  let [first, low, high, last] = [0, 0, 0, 0];
  const draw = (): void => {
    if (Number.isNaN(column)) return;
    const y = (value: number): number => foot - value * perUnit;
    if (isDown) pen.lineTo(column, y(first));
    else pen.moveTo(column, y(first));
    isDown = true;
    if (low < first) pen.lineTo(column, y(low));
    if (high > first) pen.lineTo(column, y(high));
    const at = high > first ? high : Math.min(low, first);
    if (last !== at) pen.lineTo(column, y(last));
  };
  for (let index = 0; index < times.length; index += 1) {
    const value = values[index] ?? null;
    if (value === null) {
      draw();
      column = Number.NaN;
      isDown = false;
      continue;
    }
    const x = Math.round(left + ((times[index] as number) - from) * perMs);
    if (x === column) {
      if (value < low) low = value;
      if (value > high) high = value;
      last = value;
      continue;
    }
    draw();
    column = x;
    first = low = high = last = value;
  }
  draw();
}
