// What a chart paints beside its lines: hatched holes with their reason, and how each line ends. Called by the plot on
// each drawing; knows uPlot's coordinates and nothing of React.

import type uPlot from 'uplot';
import type { ChartColumns, ChartEnd, ChartHole } from './chart-columns.ts';
import { seriesColour, type Palette } from './palette.ts';
import { columnOf, type Ruler } from './ruler.ts';

/** Under the lines: a hatched band over the full height for each hole. */
export function paintHoles(plot: uPlot, ruler: Ruler, holes: readonly ChartHole[], palette: Palette): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  for (const { left, right } of places(plot, ruler, holes)) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, right - left, bbox.height);
    ctx.clip();
    ctx.fillStyle = palette['gap-tint'];
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.strokeStyle = palette['gap-mark'];
    ctx.globalAlpha = 0.5;
    ctx.lineWidth = ratio;
    ctx.beginPath();
    // Anchored to the plot, not to the band: a band that grows must not make its hatch crawl.
    const step = 6 * Math.SQRT2 * ratio;
    const start = Math.floor((left - bbox.height) / step) * step;
    for (let x = start; x < right; x += step) {
      ctx.moveTo(x, bbox.top + bbox.height);
      ctx.lineTo(x + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
    ctx.save();
    ctx.strokeStyle = palette['gap-mark'];
    ctx.lineWidth = ratio;
    ctx.beginPath();
    for (const edge of [left, right]) {
      ctx.moveTo(Math.round(edge) + 0.5, bbox.top);
      ctx.lineTo(Math.round(edge) + 0.5, bbox.top + bbox.height);
    }
    ctx.stroke();
    ctx.restore();
  }
}

/** Over the lines: the reason of each hole, where there is room for it. */
export function paintReasons(
  plot: uPlot,
  ruler: Ruler,
  holes: readonly ChartHole[],
  columns: ChartColumns,
  palette: Palette,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  const gap = 4 * ratio;
  let room = bbox.left + bbox.width;
  // The newest first: where labels would meet, an older one moves aside while it still touches its hole, else it is
  // left out. The summary and the table have every reason.
  for (const { left, right, hole } of places(plot, ruler, holes).toReversed()) {
    ctx.save();
    ctx.setLineDash([]);
    ctx.font = `400 ${11 * ratio}px Geist, ui-sans-serif, system-ui, sans-serif`;
    const width = ctx.measureText(hole.reason).width + 14 * ratio;
    const height = 18 * ratio;
    const x = Math.min(room - width, Math.max(bbox.left + 2 * ratio, (left + right - width) / 2));
    if (x + width >= left && x >= bbox.left) {
      const isFree = keepsOffLines(plot, columns, hole);
      const y = isFree ? bbox.top + gap : bbox.top + bbox.height - height - gap;
      ctx.fillStyle = palette.panel;
      ctx.strokeStyle = palette['gap-mark'];
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.roundRect(Math.round(x) + 0.5, Math.round(y) + 0.5, Math.round(width), height, 2 * ratio);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = palette['gap-text'];
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      ctx.fillText(hole.reason, x + width / 2, y + height / 2 + 0.5 * ratio);
      room = x - gap;
    }
    ctx.restore();
  }
}

/** The end of each line: a dot while it lives, a fluttering thread when it is late, a drained dot when nothing comes. */
export function paintEnds(plot: uPlot, ruler: Ruler, columns: ChartColumns, end: ChartEnd, palette: Palette): void {
  if (end === 'past') return;
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  for (const [index, line] of columns.lines.entries()) {
    const last = line.values.findLastIndex((value) => value !== null);
    const time = columns.times[last];
    const value = line.values[last];
    if (time === undefined || value === undefined || value === null) continue;
    const x = placeOf(plot, ruler, time);
    const y = plot.valToPos(value, 'y', true);
    if (x < bbox.left) continue;
    const colour = end === 'live' ? seriesColour(palette, index) : palette[`${end}-mark`];
    ctx.save();
    ctx.setLineDash([]);
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.5 * ratio;
    ctx.lineCap = 'round';
    // A stale line ends at a hatched band, which says why; only a late one flutters into the open.
    if (end === 'late') {
      const at = (dx: number, dy: number): [number, number] => [x + dx * ratio, y + dy * ratio];
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.bezierCurveTo(...at(2, -4), ...at(5, -4), ...at(7, 0));
      ctx.bezierCurveTo(...at(9, 4), ...at(12, 4), ...at(14, 0));
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.arc(x, y, 2.6 * ratio, 0, 2 * Math.PI);
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.strokeStyle = palette.panel;
    ctx.lineWidth = 1.2 * ratio;
    ctx.stroke();
    ctx.restore();
  }
}

/** In canvas pixels; where the lines have the same time. */
function placeOf({ bbox }: uPlot, ruler: Ruler, time: number): number {
  return Math.round(bbox.left) + columnOf(ruler, time);
}

function places(
  plot: uPlot,
  ruler: Ruler,
  holes: readonly ChartHole[],
): readonly { readonly left: number; readonly right: number; readonly hole: ChartHole }[] {
  const { bbox } = plot;
  return holes.flatMap((hole) => {
    const left = Math.max(bbox.left, placeOf(plot, ruler, hole.from));
    const right = Math.min(bbox.left + bbox.width, placeOf(plot, ruler, hole.to));
    return right - left < 1 ? [] : [{ left, right, hole }];
  });
}

/** Whether the head of the plot is free of lines around a hole. */
function keepsOffLines(plot: uPlot, columns: ChartColumns, hole: ChartHole): boolean {
  const span = (plot.scales['x']?.max ?? 0) - (plot.scales['x']?.min ?? 0);
  const margin = span * 0.1;
  let highest = 0;
  for (const [index, time] of columns.times.entries()) {
    if (time < hole.from - margin || time > hole.to + margin) continue;
    for (const { values } of columns.lines) highest = Math.max(highest, values[index] ?? 0);
  }
  return highest < columns.top * 0.78;
}
