// Reads one file, under whatever name, from a place on: what has been added, as lines. Notices that it was emptied or
// written anew. Holds it open, so that what is renamed or removed is still read to its end.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ByteLines, type LinePosition, type Piece } from './byte-lines.ts';
import { identify } from './rotated.ts';

/** Where to go on in a file after a restart. */
export interface LogPlace extends LinePosition {
  readonly id: string;
  /** The file's first bytes as base64: another file may get its inode, and a file that was emptied may grow again. */
  readonly head: string;
}

const headBytes = 64;
const chunkBytes = 64 * 1024;
const beginning: LinePosition = { offset: 0, part: 0 };

export class LogReader {
  readonly id: string;
  readonly #descriptor: number;
  #lines: ByteLines;
  #head: Buffer;

  private constructor(id: string, descriptor: number, position: LinePosition, head: Buffer) {
    this.id = id;
    this.#descriptor = descriptor;
    this.#lines = new ByteLines(position);
    this.#head = head;
  }

  /** Opens a file; undefined: there is none. Throws what the system throws. */
  static open(path: string, position: LinePosition = beginning, head: Buffer = Buffer.alloc(0)): LogReader | undefined {
    // What is no file might hold whoever opens it, also if it has become that since.
    if (identify(path) === undefined) return undefined;
    const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    // Between the two it may have become another.
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return new LogReader(`${dev}:${ino}`, descriptor, position, head);
  }

  /** Opens a file where a reader of it, or of the file it is a copy of, left off. Undefined: it is neither. */
  static resume(path: string, { offset, part, head }: LogPlace): LogReader | undefined {
    const reader = LogReader.open(path, { offset, part }, Buffer.from(head, 'base64'));
    if (reader === undefined || reader.isWhatItWas) return reader;
    reader.close();
    return undefined;
  }

  /** Behind the last piece that was handed on. */
  get place(): LogPlace {
    return { id: this.id, ...this.#lines.position, head: this.#head.toString('base64') };
  }

  get modifiedAt(): number {
    return fstatSync(this.#descriptor).mtimeMs;
  }

  get isHolding(): boolean {
    return this.#lines.isHolding;
  }

  /** False: it was emptied, and perhaps written to again. */
  get isWhatItWas(): boolean {
    if (fstatSync(this.#descriptor).size < this.#lines.readOffset) return false;
    return this.#head.equals(this.#readHead(this.#head.length));
  }

  /** The next pieces; `bytes` 0: there is nothing new. */
  read(): { readonly pieces: Piece[]; readonly bytes: number } {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const bytes = readSync(this.#descriptor, chunk, 0, chunkBytes, this.#lines.readOffset);
    const pieces = bytes > 0 ? this.#lines.write(chunk.subarray(0, bytes)) : [];
    if (this.#head.length < headBytes) this.#head = this.#readHead(Math.min(headBytes, this.#lines.position.offset));
    return { pieces, bytes };
  }

  /** Lets go of what is held back of an unfinished line. */
  show(): Piece[] {
    return this.#lines.show();
  }

  /** Closes the last line: nothing is added to it any more. */
  end(): Piece[] {
    return this.#lines.end();
  }

  /** Reads from the beginning again. */
  restart(): void {
    this.#lines = new ByteLines(beginning);
    this.#head = Buffer.alloc(0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #readHead(length: number): Buffer {
    const head = Buffer.alloc(length);
    return head.subarray(0, length === 0 ? 0 : readSync(this.#descriptor, head, 0, length, 0));
  }
}
