// Counts what delivery does, so that what it costs is visible: how much was joined, who fell behind, what was told to be
// gone. Delivery and CatchUp count; the gateway's figures show it.

import type { MessagesFrameBytes } from '../log/segment.ts';
import type { GatewayFigures } from '../types.ts';

/** Counters since the start. */
export type DeliveryCounts = Pick<
  GatewayFigures,
  | 'flushes'
  | 'writes'
  | 'joined'
  | 'fellBehind'
  | 'catchUps'
  | 'catchUpFrames'
  | 'catchUpShared'
  | 'gaps'
  | 'gapMessages'
> & { readonly messages: number };

export class DeliveryTally {
  #messages = 0;
  #flushes = 0;
  #writes = 0;
  #joined = 0;
  #fellBehind = 0;
  #catchUps = 0;
  #catchUpFrames = 0;
  #catchUpShared = 0;
  #gaps = 0;
  #gapMessages = 0;

  flushed(): void {
    this.#flushes++;
  }

  /** A flush gave a live viewer so many messages, of which so many shared a frame with an earlier one. */
  delivered(messages: number, joined: number): void {
    this.#messages += messages;
    this.#joined += joined;
  }

  /** Messages left for one viewer in one write. */
  wrote(): void {
    this.#writes++;
  }

  fellBehind(): void {
    this.#fellBehind++;
  }

  /** One who is behind got these frames, in one write. */
  caughtUp(frames: readonly MessagesFrameBytes[]): void {
    if (frames.some(({ count }) => count > 0)) this.#writes++;
    for (const { count, isShared, gap } of frames) {
      this.#messages += count;
      this.#joined += Math.max(0, count - 1);
      this.#catchUpFrames++;
      if (isShared) this.#catchUpShared++;
      if (gap === undefined) continue;
      this.#gaps++;
      this.#gapMessages += gap.to - gap.from + 1;
    }
  }

  /** A read from an older cursor has come to the head. */
  reachedHead(): void {
    this.#catchUps++;
  }

  get counts(): DeliveryCounts {
    return {
      messages: this.#messages,
      flushes: this.#flushes,
      writes: this.#writes,
      joined: this.#joined,
      fellBehind: this.#fellBehind,
      catchUps: this.#catchUps,
      catchUpFrames: this.#catchUpFrames,
      catchUpShared: this.#catchUpShared,
      gaps: this.#gaps,
      gapMessages: this.#gapMessages,
    };
  }
}
