// The lines of a chart on a canvas of their own, of which each drawing shows a part. Filling the pixels of lines is by far
// the dearest of a chart that moves, and nearly all of them stay as they are: the part that is shown moves on by whole
// columns, and only what is new is painted. Called by the plot on each drawing.

import type uPlot from 'uplot';
import { firstChange, firstFrom, type ChartColumns } from './chart-columns.ts';
import { dashes, seriesColour, type Palette } from './palette.ts';
import { columnOf, type Ruler } from './ruler.ts';
import { traceLine } from './trace-line.ts';

/** In CSS pixels. */
const lineWidth = 1.5;
/** How far a stroke, its joints and its soft edge reach from its column, in CSS pixels. */
const reach = 2;
/** So many columns come before the canvas is full, and what it holds is moved back to its left edge. */
const room = 64;

/** What is on the canvas. */
interface Picture {
  readonly columns: ChartColumns;
  /** Of the plot. */
  readonly ruler: Ruler;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
  /** The place of the value 0 from the top, and the pixels of a unit. */
  readonly foot: number;
  readonly perUnit: number;
}

/** Where the pen is set down for points that come next: a time, and how far along its dashes each line is there. */
interface Anchor {
  readonly time: number;
  readonly lengths: readonly number[];
}

const nowhere: Anchor = { time: -Infinity, lengths: [] };

export class LineStrip {
  readonly #pen = document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
  #last: Picture | undefined;
  #anchor = nowhere;
  /** The column of the ruler that is at the left edge of the canvas. */
  #first = 0;

  constructor() {
    // A browser that takes a canvas its memory gives it back empty.
    this.#pen.canvas.addEventListener('contextrestored', () => (this.#last = undefined));
  }

  /** Puts the lines into a plot. */
  draw({ ctx, bbox }: Pick<uPlot, 'ctx' | 'bbox'>, ruler: Ruler, columns: ChartColumns, palette: Palette): void {
    const [left, top] = [Math.round(bbox.left), Math.round(bbox.top)];
    const foot = bbox.top + bbox.height - top;
    const [width, height] = [Math.ceil(bbox.width), Math.ceil(foot)];
    // Nothing of it is seen, and a canvas without pixels cannot be copied.
    if (!(width > 0 && height > 0)) return;
    this.#paint({ columns, ruler, palette, width, height, foot, perUnit: bbox.height / columns.top });
    ctx.drawImage(this.#pen.canvas, ruler.first - this.#first, 0, width, height, left, top, width, height);
  }

  #paint(next: Picture): void {
    const last = this.#last;
    this.#last = next;
    const { columns, ruler } = next;
    const isMoved = last !== undefined && ruler.first >= this.#first && hasSameLook(last, next);
    const changed = isMoved ? firstChange(last.columns, columns, timeAfter(ruler)) : 0;
    const anchor = firstFrom(columns.times, this.#anchor.time);
    const isAnchored = columns.times[anchor] === this.#anchor.time;
    if (
      changed === 0 ||
      (changed !== undefined && !(isAnchored && anchor <= startFor(columns.times, ruler, changed)))
    ) {
      this.#begin(next);
      this.#paintFrom(next, 0, 0, nowhere);
      return;
    }
    if (ruler.first - this.#first > room) this.#moveBack(ruler.first);
    if (changed === undefined) return;
    const edge = this.#columnOf(ruler, columns.times[changed - 1] as number) - reachPixels();
    this.#paintFrom(next, edge, anchor, this.#anchor);
  }

  #begin({ ruler, width, height }: Picture): void {
    const { canvas } = this.#pen;
    // The half of a stroke that stands at the right edge of the plot is seen when that has moved on.
    const wide = width + room + reachPixels();
    if (canvas.width !== wide) canvas.width = wide;
    if (canvas.height !== height) canvas.height = height;
    this.#first = ruler.first;
  }

  #moveBack(first: number): void {
    this.#pen.globalCompositeOperation = 'copy';
    this.#pen.drawImage(this.#pen.canvas, this.#first - first, 0);
    this.#pen.globalCompositeOperation = 'source-over';
    this.#first = first;
  }

  /** Paints all that is right of `edge`, with pens that are set down at `start`. */
  #paintFrom({ columns, ruler, palette, foot, perUnit }: Picture, edge: number, start: number, anchor: Anchor): void {
    const pen = this.#pen;
    const { times, lines } = columns;
    const { width, height } = pen.canvas;
    const ratio = devicePixelRatio;
    const scale = { ruler: { ...ruler, first: this.#first }, foot, perUnit };
    const mark = startFor(times, ruler, times.length);
    pen.save();
    pen.beginPath();
    pen.rect(edge, 0, width - edge, height);
    pen.clip();
    pen.clearRect(edge, 0, width - edge, height);
    pen.lineWidth = lineWidth * ratio;
    pen.lineJoin = 'bevel';
    pen.lineCap = 'butt';
    const lengths = lines.map(({ values }, index) => {
      const dash = (dashes[index % dashes.length] ?? []).map((length) => length * ratio);
      const length = anchor.lengths[index] ?? 0;
      pen.strokeStyle = seriesColour(palette, index);
      pen.setLineDash(dash);
      pen.lineDashOffset = length;
      pen.beginPath();
      const marked = traceLine(pen, times, values, scale, { start, length, mark });
      pen.stroke();
      const turn = dash.reduce((sum, part) => sum + part, 0);
      return turn === 0 ? 0 : marked % turn;
    });
    pen.restore();
    this.#anchor = { time: times[mark] ?? -Infinity, lengths };
  }

  #columnOf(ruler: Ruler, time: number): number {
    return columnOf({ ...ruler, first: this.#first }, time);
  }
}

const reachPixels = (): number => Math.ceil(reach * devicePixelRatio);

/** Until then a point stands at the left edge of the plot or before it. */
const timeAfter = ({ origin, first, perMs }: Ruler): number => origin + (first + 0.5) / perMs;

/** Whether one picture is the other but for what came, went and moved on. */
function hasSameLook(last: Picture, next: Picture): boolean {
  return (
    last.ruler.origin === next.ruler.origin &&
    last.ruler.perMs === next.ruler.perMs &&
    last.palette === next.palette &&
    last.width === next.width &&
    last.height === next.height &&
    last.foot === next.foot &&
    last.perUnit === next.perUnit
  );
}

/**
 * Index of the point at which a pen is set down so that it draws all that reaches to where points from `changed` on are
 * seen; the first of its column.
 */
function startFor(times: readonly number[], ruler: Ruler, changed: number): number {
  if (changed === 0) return 0;
  const clear = columnOf(ruler, times[changed - 1] as number) - 2 * reachPixels();
  let start = changed - 1;
  while (start > 0 && columnOf(ruler, times[start] as number) > clear) start -= 1;
  const column = columnOf(ruler, times[start] as number);
  while (start > 0 && columnOf(ruler, times[start - 1] as number) === column) start -= 1;
  return start;
}
