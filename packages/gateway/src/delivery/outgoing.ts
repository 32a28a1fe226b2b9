// What one flush has for a session, as a chain of frames. Sessions with the same channels walk the same chain, so that its
// frames are joined into one buffer once for all of them: one write costs less than a gathered one, and nothing per frame.
// Made and let go of within a flush; only Delivery uses it.

export class Outgoing {
  readonly bytes: number;
  readonly #before: Outgoing | undefined;
  readonly #frame: Buffer | undefined;
  /** Chains that begin with this one. Nearly always the one made last is asked for again. */
  #next: Map<Buffer, Outgoing> | undefined;
  #newest: Outgoing | undefined;
  #isTaken = false;
  #joined: readonly Buffer[] | undefined;

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

  #collect(frames: Buffer[]): void {
    if (this.#before !== undefined) this.#before.#collect(frames);
    if (this.#frame !== undefined) frames.push(this.#frame);
  }
}
