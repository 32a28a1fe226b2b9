// What one flush has for a session, as a chain of frames. Sessions with the same channels walk the same chain, so that its
// frames are joined once for all of them: into one buffer, since one write costs less than a gathered one, or for who
// takes that into one message, since a page pays for each message it gets. Made and let go of within a flush; only
// Delivery uses it.

import { isCompressedFrame, payloadOf, textFrame } from '../log/websocket-frame.ts';

const [open, comma, close] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')] as const;

export class Outgoing {
  readonly bytes: number;
  readonly #before: Outgoing | undefined;
  readonly #frame: Buffer | undefined;
  /** Chains that begin with this one. Nearly always the one made last is asked for again. */
  #next: Map<Buffer, Outgoing> | undefined;
  #newest: Outgoing | undefined;
  #isTaken = false;
  #joined: readonly Buffer[] | undefined;
  #message: readonly Buffer[] | undefined;

  /** Without arguments: the empty chain, at which a flush begins. */
  constructor(before?: Outgoing, frame?: Buffer) {
    this.#before = before;
    this.#frame = frame;
    this.bytes = (before?.bytes ?? 0) + (frame?.length ?? 0);
  }

  /** The chain with one frame more, the same one whoever asks. */
  with(frame: Buffer): Outgoing {
    if (this.#newest !== undefined && this.#newest.#frame === frame) return this.#newest;
    this.#next ??= new Map();
    let next = this.#next.get(frame);
    if (next === undefined) {
      next = new Outgoing(this, frame);
      this.#next.set(frame, next);
    }
    this.#newest = next;
    return next;
  }

  /** What to write. Who comes first gets the frames as they are, since copying them pays only where it is shared. */
  take(): readonly Buffer[] {
    if (this.#joined !== undefined) return this.#joined;
    const frames: Buffer[] = [];
    this.#collect(frames);
    if (this.#isTaken) this.#joined = frames.length > 1 ? [Buffer.concat(frames)] : frames;
    this.#isTaken = true;
    return this.#joined ?? frames;
  }

  /** What to write to who takes several frames as one message; with a compressed one among them, as to everybody. */
  takeAsMessage(): readonly Buffer[] {
    if (this.#message !== undefined) return this.#message;
    const frames: Buffer[] = [];
    this.#collect(frames);
    if (frames.length < 2 || frames.some(isCompressedFrame)) return this.take();
    this.#message = [arrayOf(frames)];
    return this.#message;
  }

  #collect(frames: Buffer[]): void {
    if (this.#before !== undefined) this.#before.#collect(frames);
    if (this.#frame !== undefined) frames.push(this.#frame);
  }
}

/** One text message of all these: a JSON array. */
function arrayOf(frames: readonly Buffer[]): Buffer {
  const pieces = frames.flatMap((frame) => [comma, payloadOf(frame)]);
  return textFrame([open, ...pieces.slice(1), close]);
}
