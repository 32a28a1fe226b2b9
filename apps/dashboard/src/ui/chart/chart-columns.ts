// What the chart wrapper draws: columns of numbers that know no domain. Types, and the few readings of them that both
// the picture and the words need.

/** One line: a value for each time, null where there is none. */
export interface ChartLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface ChartColumns {
  /** Milliseconds since the epoch, rising. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Drawn behind the first line. */
  readonly band?: {
    readonly name: string;
    readonly low: readonly (number | null)[];
    readonly high: readonly (number | null)[];
  };
  readonly unit: string;
  /** Where the axis ends; it begins at 0. */
  readonly top: number;
}

/** The time that is shown, in milliseconds since the epoch. */
export interface ChartSpan {
  readonly from: number;
  readonly to: number;
}

/** A stretch without data; the reason is written into the plot. */
export interface ChartHole {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly open: boolean;
}

/** How the lines end at the right: in a dot, fluttering, hanging; or, of what is over, just so. */
export type ChartEnd = 'live' | 'late' | 'stale' | 'past';

/** Index of the point nearest to a time that has a value in some line; undefined where there is none. */
export function nearestIndex(columns: ChartColumns, time: number): number | undefined {
  const { times } = columns;
  const from = firstFrom(times, time);
  let before = from - 1;
  while (before >= 0 && !hasValue(columns, before)) before -= 1;
  let after = from;
  while (after < times.length && !hasValue(columns, after)) after += 1;
  if (before < 0) return after < times.length ? after : undefined;
  if (after === times.length) return before;
  return (times[after] as number) - time <= time - (times[before] as number) ? after : before;
}

/** Index of the first point at this time or later; the number of points where there is none. */
export function firstFrom(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Index of the first point from which on a picture of `last` does not show `next`, whose lines are the same; undefined: it
 * does. Points older than all of `next` make no difference where they are left of what is shown.
 */
export function firstChange(last: ChartColumns, next: ChartColumns, shownFrom: number): number | undefined {
  const oldest = next.times[0] ?? Infinity;
  const gone = firstFrom(last.times, oldest);
  if (gone > 0 && oldest > shownFrom) return 0;
  const held = last.times.length - gone;
  let same = Math.min(held, next.times.length);
  const compare = <Value>(old: readonly Value[], now: readonly Value[]): void => {
    for (let index = 0; index < same; index += 1) if (old[gone + index] !== now[index]) same = index;
  };
  compare(last.times, next.times);
  for (const [index, { values }] of next.lines.entries()) compare(last.lines[index]?.values ?? [], values);
  return same === held && same === next.times.length ? undefined : same;
}

/** Index of the newest point that has a value. */
export function newestIndex(columns: ChartColumns): number | undefined {
  return nearestIndex(columns, Number.MAX_SAFE_INTEGER);
}

function hasValue({ lines }: ChartColumns, index: number): boolean {
  return lines.some(({ values }) => values[index] !== null && values[index] !== undefined);
}
