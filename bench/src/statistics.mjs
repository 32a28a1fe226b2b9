// Figures out of measurements: medians with their range, and ratios of medians. Pure.

/** @typedef {{ median: number, min: number, max: number, rounds: number }} Summary */

/** @param {readonly number[]} values at least one */
export function summarize(values) {
  if (values.length === 0) throw new TypeError('found no measurements to summarize, expected at least one');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), rounds: sorted.length };
}

/**
 * What is measured of a run, by name. Less is better, except of `kernelPercent`, which says where the rest is spent,
 * and of `generatorPercent`, which says whether what measures was the limit.
 */
export const figures = {
  cpuPerMillion: {
    unit: 'CPU s per million deliveries',
    of: (run) => ((run.serverUserSeconds + run.serverSystemSeconds) / run.deliveries) * 1e6,
  },
  deliveryBytes: { unit: 'bytes per delivery', of: (run) => run.bytes / run.deliveries },
  p99Ms: { unit: 'ms, p99', of: (run) => run.p99Ms },
  maxMs: { unit: 'ms, longest', of: (run) => run.maxMs },
  corePercent: {
    unit: '% of a core',
    of: (run) => ((run.serverUserSeconds + run.serverSystemSeconds) / run.seconds) * 100,
  },
  handshakeMs: {
    unit: 'CPU ms per handshake',
    of: (run) => ((run.serverUserSeconds + run.serverSystemSeconds) / run.handshakes) * 1000,
  },
  kernelPercent: {
    unit: '% of it in the kernel',
    of: (run) => (run.serverSystemSeconds / (run.serverUserSeconds + run.serverSystemSeconds)) * 100,
  },
  generatorPercent: { unit: '% of its core', of: (run) => (run.ownSeconds / run.seconds) * 100 },
  sessionKib: { unit: 'KiB per session', of: (run) => run.residentBytes / 1024 / run.viewers },
};

/**
 * How a goal stands: `against` ÷ `of` where two are compared, the figure itself where it has a bound of its own. Undefined
 * where one of them was not measured.
 *
 * @param {{ of: string, figure: string, against?: string, atLeast?: number, atMost?: number }} goal
 * @param {(target: string, figure: string) => Summary | undefined} summaryOf
 */
export function standing({ of, figure, against, atLeast, atMost }, summaryOf) {
  const own = summaryOf(of, figure)?.median;
  const other = against === undefined ? undefined : summaryOf(against, figure)?.median;
  if (own === undefined || (against !== undefined && other === undefined)) return undefined;
  const value = against === undefined ? own : other / own;
  return { value, isMet: value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity) };
}
