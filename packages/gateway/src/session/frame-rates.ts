// How fast one peer may send: frames and bytes, and how often it may go beyond. Made with a session's first frame, since
// most only watch.

import type { Limits } from '@telltale/protocol';
import { TokenBucket } from './token-bucket.ts';

/** Frames refused for their rate within `overrunWindowMs` after which a session is ended. */
export const mostOverruns = 200;
export const overrunWindowMs = 10_000;

export class FrameRates {
  readonly #frames: TokenBucket;
  readonly #bytes: TokenBucket;
  #overruns = 0;
  #overrunAt = -Infinity;

  constructor(limits: Limits, monotonic: number) {
    this.#frames = new TokenBucket(limits.framesPerSecond, limits.frameBurst, monotonic);
    this.#bytes = new TokenBucket(limits.bytesPerSecond, limits.byteBurst, monotonic);
  }

  /** Milliseconds by which a frame came too early; 0 if it is in time. `isOver`: too many did, one after the other. */
  take(bytes: number, monotonic: number): { readonly waitMs: number; readonly isOver: boolean } {
    const waitMs = this.#frames.take(1, monotonic) || this.#bytes.take(bytes, monotonic);
    if (waitMs === 0) return inTime;
    if (monotonic - this.#overrunAt > overrunWindowMs) this.#overruns = 0;
    this.#overrunAt = monotonic;
    this.#overruns++;
    return { waitMs, isOver: this.#overruns > mostOverruns };
  }
}

const inTime = { waitMs: 0, isOver: false };
