// The server's clock as seen from here, and how long the way takes: estimated from `welcome` and from answered pings.

import type { PongFrame } from '@telltale/protocol';

export interface ServerClock {
  readonly offsetMs: number;
  readonly roundTripMs: number | undefined;
  serverNow(): number;
  /** A session began, with the server's clock so much ahead of ours. */
  begin(aheadMs: number): void;
  pong(frame: PongFrame): void;
}

export function createClock(now: () => number): ServerClock {
  let offsetMs = 0;
  let roundTripMs: number | undefined;
  return {
    get offsetMs() {
      return offsetMs;
    },
    get roundTripMs() {
      return roundTripMs;
    },
    serverNow: () => now() + offsetMs,
    begin(aheadMs) {
      offsetMs = aheadMs;
    },
    pong({ at, time }) {
      const tookMs = now() - at;
      if (tookMs < 0) return;
      roundTripMs = tookMs;
      offsetMs = time - at - tookMs / 2;
    },
  };
}
