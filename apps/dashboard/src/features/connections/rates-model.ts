// Attempts over time: the hub's counts of each second, joined to the bars of a chart, and the storms among them. Pure.
// A second without anything is not told, so what is missing between two counts is nothing that happened.

import type { AttemptRates } from '@telltale/hub/api';

/** What happened in one bar's time. */
export interface Bar {
  /** Its begin, milliseconds since the epoch. */
  readonly at: number;
  readonly admitted: number;
  /** Of those admitted: who had a session a moment before. */
  readonly returned: number;
  readonly refused: number;
  /** Who would have been admitted, and had left before. */
  readonly left: number;
  /** The refusals by their name. */
  readonly byName: Readonly<Record<string, number>>;
  /** Sessions that ended, by close code. */
  readonly byCode: Readonly<Record<string, number>>;
}

export interface BarSpan {
  readonly from: number;
  readonly to: number;
}

const empty: Omit<Bar, 'at'> = { admitted: 0, returned: 0, refused: 0, left: 0, byName: {}, byCode: {} };

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

type Counts = Readonly<Record<string, number>>;

/** Two counts by name as one; `join` says how. */
function joined(counts: Counts, more: Counts, join: (one: number, other: number) => number): Counts {
  const together: Record<string, number> = Object.assign(Object.create(null), counts);
  for (const [name, count] of Object.entries(more)) together[name] = join(together[name] ?? 0, count);
  return together;
}

const added = (counts: Counts, more: Counts): Counts => joined(counts, more, (one, other) => one + other);
const highest = (counts: Counts, more: Counts): Counts => joined(counts, more, Math.max);

/** The time that bars cover: whole bars, the last of which is still growing. */
export function barSpan(now: number, spanMs: number, barMs: number): BarSpan {
  const to = (Math.floor(now / barMs) + 1) * barMs;
  return { from: to - Math.ceil(spanMs / barMs) * barMs, to };
}

/** One bar for each `barMs` of the span, also where nothing happened. */
export function barsOf(rates: readonly AttemptRates[], { from, to }: BarSpan, barMs: number): readonly Bar[] {
  const bars: Bar[] = [];
  for (let at = from; at < to; at += barMs) bars.push({ at, ...empty });
  for (const { at, admitted, returned, refused, left, ended } of rates) {
    const index = Math.floor((at - from) / barMs);
    const bar = bars[index];
    if (bar === undefined) continue;
    bars[index] = {
      at: bar.at,
      admitted: bar.admitted + admitted,
      returned: bar.returned + returned,
      refused: bar.refused + sum(refused),
      left: bar.left + left,
      byName: added(bar.byName, refused),
      byCode: added(bar.byCode, ended),
    };
  }
  return bars;
}

/** All bars as one. */
export function totalOf(bars: readonly Bar[]): Omit<Bar, 'at'> {
  return bars.reduce<Omit<Bar, 'at'>>(
    (total, bar) => ({
      admitted: total.admitted + bar.admitted,
      returned: total.returned + bar.returned,
      refused: total.refused + bar.refused,
      left: total.left + bar.left,
      byName: added(total.byName, bar.byName),
      byCode: added(total.byCode, bar.byCode),
    }),
    empty,
  );
}

/** The names of refusals, or the codes of ends, the most frequent first. */
export function mostFirst(
  counts: Readonly<Record<string, number>>,
): readonly (readonly [name: string, count: number])[] {
  return Object.entries(counts).sort(([, one], [, other]) => other - one);
}

/** The highest counts of a second, each for itself: the second of one need not be that of another. */
export interface Peaks extends Omit<Bar, 'at'> {
  readonly ended: number;
}

/** A stretch in which far more tried to connect than usual. */
export interface Storm extends BarSpan {
  /** It may have begun before what is known. */
  readonly isOlder: boolean;
  readonly total: Omit<Bar, 'at'>;
  /** The most attempts in one bar. */
  readonly peak: number;
  readonly perSecond: Peaks;
}

/** A bar of fewer attempts a second than this is no storm, however quiet the others are. */
const leastPerSecond = 1;
/** How many times the usual a storm is. */
const factor = 4;

const attempts = ({ admitted, refused, left }: Omit<Bar, 'at'>): number => admitted + refused + left;

/**
 * The storms among bars, oldest first. A lull of one bar does not end one. It is measured by what was usual when it came,
 * as the hub knows, so that one which lasts for hours is still one.
 */
export function stormsOf(bars: readonly Bar[], rates: readonly AttemptRates[], barMs: number): readonly Storm[] {
  const begin = bars[0]?.at ?? 0;
  const usual = new Map(rates.map(({ at, usual: perSecond }) => [Math.floor((at - begin) / barMs), perSecond]));
  const runs: [first: number, last: number][] = [];
  for (const [index, bar] of bars.entries()) {
    const least = (Math.max(leastPerSecond, (usual.get(index) ?? 0) * factor) * barMs) / 1_000;
    if (attempts(bar) < least) continue;
    const run = runs.at(-1);
    if (run !== undefined && index - run[1] <= 2) run[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([first, last]) => {
    const within = bars.slice(first, last + 1);
    const from = within[0]?.at ?? 0;
    const to = (within.at(-1)?.at ?? 0) + barMs;
    return {
      from,
      to,
      isOlder: first === 0,
      total: totalOf(within),
      peak: Math.max(...within.map(attempts)),
      perSecond: peaksOf(rates.filter(({ at }) => at >= from && at < to)),
    };
  });
}

function peaksOf(seconds: readonly AttemptRates[]): Peaks {
  return seconds.reduce<Peaks>(
    (peaks, { admitted, returned, refused, left, ended }) => ({
      admitted: Math.max(peaks.admitted, admitted),
      returned: Math.max(peaks.returned, returned),
      refused: Math.max(peaks.refused, sum(refused)),
      left: Math.max(peaks.left, left),
      ended: Math.max(peaks.ended, sum(ended)),
      byName: highest(peaks.byName, refused),
      byCode: highest(peaks.byCode, ended),
    }),
    { ...empty, ended: 0 },
  );
}

/** Where an axis of whole numbers ends: 4, 10, 20, 30, 40, 60, 80, 100, 200, … */
export function axisTop(bars: readonly Bar[]): number {
  const most = Math.max(0, ...bars.map(attempts));
  for (let size = 1; ; size *= 10) {
    const top = [4, 10, 20, 30, 40, 60, 80].find((step) => step * size >= most && (step > 4 || size === 1));
    if (top !== undefined) return top * size;
  }
}
