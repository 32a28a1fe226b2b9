// Whether frames are held back on the way and let go in bundles: pings that left one by one come back together.

import { type Check, done, type PingSample, pass, skip, warn } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';

/** Pongs that arrive within this time of each other arrive together, in milliseconds. */
const togetherMs = 20;
/** Pings that left over a longer time than this did not leave together, in milliseconds. */
const apartMs = 150;

export const buffering: Check = {
  name: 'buffering',
  title: 'buffering',
  run({ facts: { pings } }) {
    if (pings.length === 0) return skip('there is no session');
    const held = heldBack(pings);
    if (held === undefined) return done(pass('each frame comes by itself'));
    return done(
      warn({
        id: 'frames-buffered',
        hop: 'proxy',
        found: `frames are held back for up to ${shownMs(held.longestMs)} and come ${held.most} at a time`,
        cure: 'switch off buffering and inspection for this path in what stands between (proxy_buffering off in nginx)',
      }),
    );
  },
};

/**
 * How frames were bundled, or undefined. A machine that was busy for a moment makes one bundle of a few; who buffers
 * makes bundles of most of what passes.
 */
export function heldBack(
  samples: readonly PingSample[],
): { readonly longestMs: number; readonly most: number } | undefined {
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
  const large = bundles.filter((bundle) => {
    const times = bundle.map(({ sentAt }) => sentAt);
    return Math.max(...times) - Math.min(...times) >= apartMs;
  });
  const inThem = large.reduce((sum, { length }) => sum + length, 0);
  const isHabit = large.length >= 2 ? inThem >= answered.length * 0.6 : inThem >= answered.length * 0.9;
  if (large.length === 0 || !isHabit) return undefined;
  const longestMs = Math.max(...large.flat().map(({ sentAt, pongAt }) => pongAt - sentAt));
  return { longestMs, most: Math.max(...large.map(({ length }) => length)) };
}
