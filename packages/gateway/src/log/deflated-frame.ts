// The compressed twin of a frame (RFC 7692), made when somebody is first sent it and shared like the frame itself. Each
// is deflated by itself, without what went before, so that it means the same to everybody.

import { constants, deflateRawSync } from 'node:zlib';
import { compressedTextFrame, payloadOf } from './websocket-frame.ts';

/**
 * How far a frame may look back, as a power of two. 4 KiB hold several messages of the same shape, which is what there is
 * to be saved; the whole 32 KiB save 1 to 3 % more and cost half as much again, and some clients ask for no more than this.
 */
export const sharedWindowBits = 12;

/** Payloads below have too little that comes twice. */
export const leastBytes = 512;

/** What every flush ends with and no frame carries. */
const emptyBlockBytes = 4;

const options = { level: 3, windowBits: sharedWindowBits, memLevel: 6, finishFlush: constants.Z_SYNC_FLUSH } as const;

export class DeflatedFrame {
  readonly #frame: Buffer;
  #made: Buffer | undefined;

  /** @param frame a text frame, header included */
  constructor(frame: Buffer) {
    this.#frame = frame;
  }

  /** The frame to send to a peer that inflates: the compressed one, or, where that saves nothing, the frame as it is. */
  get buffer(): Buffer {
    return (this.#made ??= deflated(this.#frame));
  }

  /** What it holds beside the frame, in bytes. */
  get heldBytes(): number {
    return this.#made === undefined || this.#made === this.#frame ? 0 : this.#made.length;
  }
}

function deflated(frame: Buffer): Buffer {
  const payload = payloadOf(frame);
  if (payload.length < leastBytes) return frame;
  const flushed = deflateRawSync(payload, { ...options, chunkSize: Math.max(1024, payload.length >> 1) });
  const made = compressedTextFrame(flushed.subarray(0, -emptyBlockBytes));
  return made.length < frame.length ? made : frame;
}
