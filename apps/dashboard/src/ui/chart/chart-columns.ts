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
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  let before = low - 1;
  while (before >= 0 && !hasValue(columns, before)) before -= 1;
  let after = low;
  while (after < times.length && !hasValue(columns, after)) after += 1;
  if (before < 0) return after < times.length ? after : undefined;
  if (after === times.length) return before;
  return (times[after] as number) - time <= time - (times[before] as number) ? after : before;
}

/** Index of the newest point that has a value. */
export function newestIndex(columns: ChartColumns): number | undefined {
  return nearestIndex(columns, Number.MAX_SAFE_INTEGER);
}

function hasValue({ lines }: ChartColumns, index: number): boolean {
  return lines.some(({ values }) => values[index] !== null && values[index] !== undefined);
}
