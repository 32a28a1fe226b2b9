// How old a value may be before the screen says so. Pure; used by tiles, lamps and the pill.

import { clock, ago, duration, exactDuration } from '../words/time.ts';
import type { Hole } from './holes.ts';

/**
 * Whether the hub was heard after a source fell silent: frames that came later than the next sample was due say that
 * it is the source, and not the hub, that has stopped.
 */
export function isSourceSilent(
  newest: { readonly at: number; readonly intervalMs: number } | undefined,
  heardAt: number | undefined,
): boolean {
  return newest !== undefined && heardAt !== undefined && heardAt > newest.at + lateFactor * newest.intervalMs;
}

/** Late is past 2 × the interval, stale past 5 ×. */
const lateFactor = 2;
const staleFactor = 5;
/** For how long a tile names a hole that has closed. */
const gapShownMs = 30_000;

export type FreshnessKind = 'live' | 'late' | 'stale' | 'gap' | 'paused' | 'none';

export interface ValueFreshness {
  readonly kind: FreshnessKind;
  /** Exactly what stands beside the value. */
  readonly words: string;
  /** The same where there is little room. */
  readonly narrow: string;
}

export interface FreshnessQuestion {
  /** When the newest value was true; undefined: there is none. */
  readonly at: number | undefined;
  readonly intervalMs: number;
  /** The hub's clock. */
  readonly now: number;
  /** Without a line nobody can say that a value still holds, so it is stale at once. */
  readonly lineUp: boolean;
  readonly holes?: readonly Pick<Hole, 'from' | 'to' | 'open'>[];
  readonly pausedAt?: number | undefined;
}

export function freshnessOf(question: FreshnessQuestion): ValueFreshness {
  const { at, intervalMs, now, lineUp, holes, pausedAt } = question;
  if (at === undefined) return { kind: 'none', words: 'no data yet', narrow: 'no data yet' };
  if (pausedAt !== undefined) return { kind: 'paused', words: `at ${clock(at)}`, narrow: clock(at) };
  const age = Math.max(0, now - at);
  if (!lineUp || age > staleFactor * intervalMs) {
    return { kind: 'stale', words: `${clock(at)}, ${ago(age)}`, narrow: ago(age) };
  }
  if (age > lateFactor * intervalMs) {
    const words = `${duration(Math.max(age - intervalMs, 1_000))} late`;
    return { kind: 'late', words, narrow: words };
  }
  const closed = holes?.findLast((hole) => !hole.open);
  if (closed !== undefined && now - closed.to < gapShownMs) {
    const words = `gap of ${exactDuration(closed.to - closed.from)}`;
    return { kind: 'gap', words, narrow: words };
  }
  return { kind: 'live', words: duration(age), narrow: duration(age) };
}
