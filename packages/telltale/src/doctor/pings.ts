// WebSocket pings at an even pace, and what their pongs tell: how long the way is, and whether somebody on it holds
// frames back. A machine that is busy itself can't tell, and says so.

import type { Line } from './wire/line.ts';

/** One ping: when it was sent, and when its pong came. Monotonic milliseconds. */
export interface PingSample {
  readonly sentAt: number;
  readonly pongAt: number | undefined;
}

export type Flow =
  | { readonly kind: 'even' }
  /** `most` of them at a time, held for up to `longestMs`. */
  | { readonly kind: 'held'; readonly longestMs: number; readonly most: number }
  /** Pings left late, so that nothing follows from when pongs came. */
  | { readonly kind: 'busy' };

const count = 16;
/** Between two pings, in milliseconds. */
const paceMs = 100;
/** How long the last pong is waited for, in milliseconds. */
export const patienceMs = 2000;
/** Pongs that arrive within this time of each other arrive together, in milliseconds. */
const togetherMs = 20;

export async function sendPings(line: Line): Promise<readonly PingSample[]> {
  const sent: { readonly name: string; readonly sentAt: number }[] = [];
  const series = Math.round(performance.now());
  for (let index = 0; index < count && line.end === undefined; index++) {
    const name = `doctor-${series}-${index}`;
    sent.push({ name, sentAt: performance.now() });
    line.ping(name);
    await new Promise((resolve) => setTimeout(resolve, paceMs));
  }
  const pongOf = (name: string): number | undefined => line.pongs.find(({ text }) => text === name)?.at;
  const isOver = (): true | undefined =>
    line.end !== undefined || sent.every(({ name }) => pongOf(name) !== undefined) ? true : undefined;
  await line.until(isOver, patienceMs);
  return sent.map(({ name, sentAt }) => ({ sentAt, pongAt: pongOf(name) }));
}

/** Frames are held back where most of them come in bundles of three and more that did not leave together. */
export function flowOf(samples: readonly PingSample[]): Flow {
  const gaps = samples.slice(1).map(({ sentAt }, index) => sentAt - (samples[index] as PingSample).sentAt);
  const late = gaps.filter((gap) => gap > 1.6 * paceMs);
  if (late.length > gaps.length / 5) return { kind: 'busy' };

  const answered = samples
    .flatMap(({ sentAt, pongAt }) => (pongAt === undefined ? [] : [{ sentAt, pongAt }]))
    .sort((one, other) => one.pongAt - other.pongAt);
  const bundles: { sentAt: number; pongAt: number }[][] = [];
  for (const sample of answered) {
    const last = bundles.at(-1);
    const before = last?.at(-1);
    if (before !== undefined && sample.pongAt - before.pongAt <= togetherMs) last?.push(sample);
    else bundles.push([sample]);
  }
  const large = bundles
    .filter(({ length }) => length >= 3)
    .filter((bundle) => {
      const times = bundle.map(({ sentAt }) => sentAt);
      return Math.max(...times) - Math.min(...times) >= 1.5 * paceMs;
    });
  const inThem = large.reduce((sum, { length }) => sum + length, 0);
  // A moment in which this machine was busy makes one bundle; who buffers makes bundles of most of what passes.
  const isHabit = large.length >= 2 ? inThem >= answered.length * 0.6 : inThem >= answered.length * 0.9;
  if (large.length === 0 || !isHabit) return { kind: 'even' };
  const longestMs = Math.max(...large.flat().map(({ sentAt, pongAt }) => pongAt - sentAt));
  return { kind: 'held', longestMs, most: Math.max(...large.map(({ length }) => length)) };
}
