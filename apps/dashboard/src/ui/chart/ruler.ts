// Where times stand in a plot: in columns of pixels that keep their time. A span that moves on moves everything by the same
// whole number of columns or not at all, so that what is painted once can be moved. Pure.

export interface Ruler {
  /** The time in the middle of column 0, in milliseconds since the epoch. */
  readonly origin: number;
  readonly perMs: number;
  /** The column at the left edge of the plot. */
  readonly first: number;
}

/** In columns over the width of a plot: less is the rounding of the numbers themselves. */
const tolerance = 0.01;

/** The ruler of a span, which goes on with the one before where that has the same scale. */
export function rulerOf(span: { readonly from: number; readonly to: number }, width: number, last?: Ruler): Ruler {
  const durationMs = span.to - span.from;
  if (last === undefined || Math.abs(last.perMs * durationMs - width) > tolerance)
    return { origin: span.from, perMs: width / durationMs, first: 0 };
  const { origin, perMs } = last;
  return { origin, perMs, first: Math.round((span.from - origin) * perMs) };
}

/** Columns from the left edge of the plot. */
export function columnOf({ origin, perMs, first }: Ruler, time: number): number {
  return Math.round((time - origin) * perMs) - first;
}
