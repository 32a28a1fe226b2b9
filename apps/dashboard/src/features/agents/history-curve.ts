// Makes a curve of an agent's history in steps: points in milliseconds before its newest value, which is at 0, and the
// holes between them. Pure.

export interface HistoryCurve {
  readonly points: readonly { readonly at: number; readonly value: number }[];
  readonly holes: readonly { readonly from: number; readonly to: number }[];
}

const nothing: HistoryCurve = { points: [], holes: [] };
const curves = new WeakMap<readonly (number | null)[], HistoryCurve>();

/** The same curve for the same history, so that it is drawn once. */
export function curveOf(history: readonly (number | null)[], stepMs: number): HistoryCurve {
  if (history.length === 0) return nothing;
  const held = curves.get(history);
  if (held !== undefined) return held;
  const points: { at: number; value: number }[] = [];
  const holes: { from: number; to: number }[] = [];
  for (const [index, value] of history.entries()) {
    if (value === null) continue;
    const at = (index - history.length + 1) * stepMs;
    const before = points.at(-1);
    // One step alone may be empty because samples come once in as long, not to the millisecond.
    if (before !== undefined && at - before.at > 2 * stepMs) holes.push({ from: before.at, to: at });
    points.push({ at, value });
  }
  const curve = { points, holes };
  curves.set(history, curve);
  return curve;
}
