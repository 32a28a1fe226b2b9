// A chart as it is drawn now, made small enough for a message: fewer points, of which none is invented, and no peak is
// lost. Pure.

import type { ChartPicture } from '@telltale/hub/api';
import type { ChartColumns, ChartHole } from '../../ui/chart/chart-columns.ts';

/** What a hub takes. */
const mostPoints = 120;
const mostHoles = 8;
const mostReason = 120;
/** Points at which nothing is known: there a line ends. */
const mostEnds = 40;
/** So precise is a figure in words. */
const digits = 5;

type Column = readonly (number | null)[];

/** Undefined: nothing is drawn. */
export function pictureOf(columns: ChartColumns, holes: readonly ChartHole[]): ChartPicture | undefined {
  const { times, lines, band, unit, top } = columns;
  if (times.length === 0) return undefined;
  // The longest tell most.
  const told = holes
    .toSorted((one, other) => other.to - other.from - (one.to - one.from))
    .slice(0, mostHoles)
    .toSorted((one, other) => one.from - other.from);
  const kept = keptIndices(columns, told);
  const thin = (column: Column): Column =>
    kept.map((index) => {
      const value = column[index] ?? null;
      return value === null ? null : Number(value.toPrecision(digits));
    });
  return {
    times: kept.map((index) => times[index] as number),
    lines: lines.map(({ name, values }) => ({ name, values: thin(values) })),
    ...(band === undefined ? {} : { band: { name: band.name, low: thin(band.low), high: thin(band.high) } }),
    unit,
    top,
    holes: told.map(({ from, to, reason }) => ({ from, to, reason: reason.slice(0, mostReason) })),
  };
}

export function holesOf({ holes }: ChartPicture): readonly ChartHole[] {
  return holes.map((hole) => ({ ...hole, open: false }));
}

/** Rising; all of them where they are few. */
function keptIndices({ times, lines, band }: ChartColumns, holes: readonly ChartHole[]): readonly number[] {
  if (times.length <= mostPoints) return times.map((_, index) => index);
  const kept = new Set([0, times.length - 1]);
  const ends = times.flatMap((_, index) =>
    lines.every(({ values }) => (values[index] ?? null) === null) ? [index] : [],
  );
  for (const index of ends.slice(-mostEnds)) kept.add(index);
  const edges = new Set(holes.flatMap(({ from, to }) => [from, to]));
  for (const [index, at] of times.entries()) if (edges.has(at)) kept.add(index);
  const lows = [...lines.map(({ values }) => values), ...(band === undefined ? [] : [band.low])];
  const highs = [...lines.map(({ values }) => values), ...(band === undefined ? [] : [band.high])];
  const parts = Math.floor((mostPoints - kept.size) / (lows.length + highs.length));
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((part * times.length) / parts);
    const to = Math.floor(((part + 1) * times.length) / parts);
    for (const column of lows) keepFirst(kept, column, from, to, (value, best) => value < best);
    for (const column of highs) keepFirst(kept, column, from, to, (value, best) => value > best);
  }
  return [...kept].sort((one, other) => one - other);
}

/** Of a part of a column, the first value that no other of the part beats. */
function keepFirst(
  kept: Set<number>,
  column: Column,
  from: number,
  to: number,
  beats: (value: number, best: number) => boolean,
): void {
  let best: number | undefined;
  let found: number | undefined;
  for (let index = from; index < to; index += 1) {
    const value = column[index] ?? null;
    if (value === null || (best !== undefined && !beats(value, best))) continue;
    best = value;
    found = index;
  }
  if (found !== undefined) kept.add(found);
}
