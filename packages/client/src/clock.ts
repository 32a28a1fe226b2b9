// The server's clock as seen from here, and how long the way takes: estimated from `welcome` and from answered pings.

import type { PongFrame } from '@telltale/protocol';

export interface ServerClock {
  readonly offsetMs: number;
  readonly roundTripMs: number | undefined;
  serverNow(): number;
  /** A session began with this time of the server. */
  begin(time: number): void;
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
    begin(time) {
      offsetMs = time - now();
    },
    pong({ at, time }) {
      const tookMs = now() - at;
      if (tookMs < 0) return;
      roundTripMs = tookMs;
      offsetMs = time - at - tookMs / 2;
    },
  };
}
