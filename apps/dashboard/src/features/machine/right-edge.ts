// The time at the right edge of the charts. Pure.

import type { Sample } from '@telltale/agent/sample';

/**
 * The newest sample while samples come, so that each is drawn once and the line ends at the edge; the clock when they are
 * late or the line is away, so that the silence grows on the screen. Never before the newest sample: the clock is read
 * once a second, and what was shown must not vanish because it is younger than that.
 */
export function rightEdge(newest: Pick<Sample, 'at' | 'intervalMs'> | undefined, tick: number, isUp: boolean): number {
  if (newest === undefined) return tick;
  const isComing = isUp && tick - newest.at < 2 * newest.intervalMs;
  return isComing ? newest.at : Math.max(tick, newest.at);
}
