// Output that comes faster than any line to a hub takes it. Once the spool is full, each new line of it pushes out an older
// one: writing all of them down would only make the job wait for our disk. So most are counted and left out, whole lines
// only, until there is room again. Knows bytes, not what they say.

import type { Clock } from '../clock.ts';
import type { Spool } from '../spool/spool.ts';

/** Twice what a hub takes of one session, in bytes per second. */
const floodRate = 16 * 1024 * 1024;
/** How long the pace is watched before it is judged, in milliseconds. */
const watchMs = 250;
const lineFeed = 0x0a;

/** What of a chunk is written down, and how many lines between the two parts are not. */
export interface Thinned {
  readonly head: Uint8Array;
  readonly lines: number;
  readonly tail: Uint8Array;
}

export interface FloodGauge {
  /** Takes note of so many bytes of output. Answers whether lines have to be left out. */
  isFlood(bytes: number): boolean;
}

export function createFloodGauge(spool: Pick<Spool, 'dropped'>, clock: Clock): FloodGauge {
  let begun = clock.monotonic();
  let seen = 0;
  let dropped = spool.dropped;
  let isFlood = false;
  return {
    isFlood(bytes) {
      seen += bytes;
      const ms = clock.monotonic() - begun;
      if (ms < watchMs) return isFlood;
      isFlood = (seen / ms) * 1000 > floodRate && spool.dropped > dropped;
      begun += ms;
      seen = 0;
      dropped = spool.dropped;
      return isFlood;
    },
  };
}

/** Leaves out the whole lines of a chunk: its head ends the line that is open, its tail begins another. */
export function thin(bytes: Uint8Array): Thinned {
  const first = bytes.indexOf(lineFeed);
  const last = bytes.lastIndexOf(lineFeed);
  if (first === last) return { head: bytes, lines: 0, tail: new Uint8Array() };
  let lines = 0;
  for (let at = bytes.indexOf(lineFeed, first + 1); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) lines++;
  return { head: bytes.subarray(0, first + 1), lines, tail: bytes.subarray(last + 1) };
}
