// One uPlot, set up our way: hairline grid, three ticks, dashes by series, crosshair by time. The React wrapper owns
// its life; this file owns every uPlot option and is the only one that knows them.

import uPlot from 'uplot';
import { clockMinute } from '../../words/time.ts';
import { grouped, short } from '../../words/units.ts';
import type { ChartColumns, ChartEnd, ChartHole, ChartSpan } from './chart-columns.ts';
import styles from './chart.module.css';
import { LineStrip } from './line-strip.ts';
import { paintEnds, paintHoles, paintReasons } from './paint.ts';
import { readPalette, seriesColour } from './palette.ts';
import { rulerOf } from './ruler.ts';

/** What one drawing shows. */
export interface PlotState {
  readonly columns: ChartColumns;
  readonly holes: readonly ChartHole[];
  readonly span: ChartSpan;
  readonly end: ChartEnd;
}

/** In CSS pixels. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

export interface Plot {
  update(state: PlotState): void;
  resize(size: PlotSize): void;
  /** Puts the crosshair at a time; undefined hides it. */
  point(time: number | undefined): void;
  recolour(): void;
  destroy(): void;
}

const font = '400 11px Geist, ui-sans-serif, system-ui, sans-serif';

export function createPlot(
  box: HTMLElement,
  { width, height }: PlotSize,
  first: PlotState,
  onPoint: (time: number | undefined) => void,
): Plot {
  let state = first;
  let palette = readPalette(box);
  let isPlacing = false;
  const strip = new LineStrip();
  let ruler = rulerOf(first.span, width);
  const { columns } = first;
  const hasBand = columns.band !== undefined;

  const series: uPlot.Series[] = [{}];
  // Painted by ourselves, where the band behind them is.
  for (let index = 0; index < columns.lines.length; index += 1)
    series.push({ paths: () => null, points: { show: false } });
  if (hasBand) {
    const invisible: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } };
    series.push(invisible, { ...invisible });
  }
  const highAt = columns.lines.length + 2;

  const plot = new uPlot(
    {
      width,
      height,
      ms: 1,
      padding: [8, 10, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        points: {
          show: (_, index) => pointer(hasBand && index >= highAt - 1),
          fill: () => palette.panel,
          stroke: (_, index) => seriesColour(palette, index - 1),
        },
      },
      scales: {
        x: { time: true, range: () => [state.span.from, state.span.to] },
        y: { range: () => [0, state.columns.top] },
      },
      axes: [
        {
          font,
          stroke: () => palette['ink-3'],
          size: 20,
          gap: 4,
          grid: { show: false },
          ticks: { stroke: () => palette.edge, width: 1, size: 4 },
          splits: (self, _, from, to) => minuteSplits(from, to, self.width - 56),
          values: (_, splits) => splits.map((at) => clockMinute(at)),
        },
        {
          font,
          stroke: () => palette['ink-3'],
          size: 46,
          gap: 5,
          grid: { stroke: () => palette.grid, width: 1 },
          ticks: { show: false },
          splits: () => [0, state.columns.top / 2, state.columns.top],
          values: (_, splits) => splits.map((value) => tick(value, state.columns)),
        },
      ],
      series,
      ...(hasBand ? { bands: [{ series: [highAt, highAt - 1] as uPlot.Band.Bounds, fill: () => palette.band }] } : {}),
      hooks: {
        drawAxes: [
          (self) => {
            ruler = rulerOf(state.span, self.bbox.width, ruler);
            paintHoles(self, ruler, state.holes, palette);
          },
        ],
        draw: [
          (self) => {
            strip.draw(self, ruler, state.columns, palette);
            paintEnds(self, ruler, state.columns, state.end, palette);
            paintReasons(self, ruler, state.holes, state.columns, palette);
          },
        ],
        setCursor: [
          (self) => {
            if (isPlacing) return;
            const { left } = self.cursor;
            onPoint(left === undefined || left < 0 ? undefined : self.posToVal(left, 'x'));
          },
        ],
      },
    },
    dataOf(state.columns),
    box,
  );

  return {
    update(next) {
      state = next;
      isPlacing = true;
      plot.setData(dataOf(next.columns));
      isPlacing = false;
    },
    resize(size) {
      plot.setSize({ ...size });
    },
    point(time) {
      isPlacing = true;
      const left = time === undefined ? -10 : plot.valToPos(time, 'x');
      plot.setCursor({ left, top: time === undefined ? -10 : 10 });
      isPlacing = false;
    },
    recolour() {
      palette = readPalette(box);
      plot.redraw(false, true);
    },
    destroy() {
      plot.destroy();
    },
  };
}

function dataOf({ times, lines, band }: ChartColumns): uPlot.AlignedData {
  const columns = [times, ...lines.map(({ values }) => values)];
  if (band !== undefined) columns.push(band.low, band.high);
  return columns as unknown as uPlot.AlignedData;
}

/** The hollow dots of the crosshair; the edges of a band have none. */
function pointer(isHidden: boolean): HTMLElement {
  const dot = document.createElement('div');
  dot.className = styles.dot ?? '';
  dot.hidden = isHidden;
  return dot;
}

/** Round minutes, so far apart that their words do not touch. */
export function minuteSplits(from: number, to: number, width: number): number[] {
  // Half a label: closer to an edge its words would be cut.
  const margin = ((to - from) / width) * 18;
  const minute = 60_000;
  const wanted = (to - from) / Math.max(1, Math.floor(width / 90));
  const hour = 60 * minute;
  const step =
    [1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute).find((size) => size >= wanted) ??
    Math.ceil(wanted / hour) * hour;
  const splits: number[] = [];
  for (let at = Math.ceil((from + margin) / step) * step; at <= to - margin; at += step) splits.push(at);
  return splits;
}

/** A percent sign stands on the top tick; longer units stand in the legend. */
function tick(value: number, { top, unit }: ChartColumns): string {
  const text = value === 0 ? '0' : top < 10 ? short(value) : grouped(value, top < 100 && value % 1 !== 0 ? 1 : 0);
  return value === top && unit === '%' ? `${text} %` : text;
}
