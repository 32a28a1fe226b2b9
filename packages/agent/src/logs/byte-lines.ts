// A file's bytes as lines, counted: after each piece it is known how many bytes it stands for, so that whoever reads the
// file again begins exactly behind it. Pieces follow the rule of `Line`. Knows no files.

/** A line, or a part of one. */
export interface Piece {
  readonly text: string;
  readonly part?: number;
  readonly more?: true;
}

/** Where in a file a reader stands: bytes that were handed on, and the parts of the present line among them. */
export interface LinePosition {
  readonly offset: number;
  readonly part: number;
}

/** Bytes of one piece: no text of UTF-8, nor of what is none, has more characters than bytes. */
const mostBytes = 8192;
const lineFeed = 0x0a;

export class ByteLines {
  #held: Buffer = Buffer.alloc(0);
  #offset: number;
  #part: number;

  constructor({ offset, part }: LinePosition) {
    this.#offset = offset;
    this.#part = part;
  }

  /** Behind the last piece that was handed on. */
  get position(): LinePosition {
    return { offset: this.#offset, part: this.#part };
  }

  /** Where the next bytes come from. */
  get readOffset(): number {
    return this.#offset + this.#held.length;
  }

  /** Whether something of an unfinished line is held back. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  write(bytes: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) {
      this.#finish(rest.subarray(0, end), pieces);
      this.#offset++;
      rest = rest.subarray(end + 1);
    }
    rest = this.#cut(rest, pieces);
    this.#held = Buffer.from(rest);
    return pieces;
  }

  /** Lets go of what is held of an unfinished line, but for a character whose bytes are not all there yet. */
  show(): Piece[] {
    const whole = characterEnd(this.#held, this.#held.length);
    if (whole === 0) return [];
    const shown = this.#held.subarray(0, whole);
    this.#held = this.#held.subarray(whole);
    return [this.#more(shown)];
  }

  /** The file goes on no further: closes the last line, if it was not finished. */
  end(): Piece[] {
    const pieces: Piece[] = [];
    if (this.#held.length > 0 || this.#part > 0) this.#finish(this.#held, pieces);
    this.#held = Buffer.alloc(0);
    return pieces;
  }

  #finish(line: Buffer, pieces: Piece[]): void {
    const last = this.#cut(line, pieces);
    this.#offset += last.length;
    const text = last.toString();
    pieces.push(this.#part === 0 ? { text } : { text, part: this.#part });
    this.#part = 0;
  }

  /** Hands on whole pieces, until what is left fits in one. */
  #cut(bytes: Buffer, pieces: Piece[]): Buffer {
    let rest = bytes;
    while (rest.length > mostBytes) {
      const length = characterEnd(rest, mostBytes) || mostBytes;
      pieces.push(this.#more(rest.subarray(0, length)));
      rest = rest.subarray(length);
    }
    return rest;
  }

  #more(bytes: Buffer): Piece {
    this.#offset += bytes.length;
    return { text: bytes.toString(), part: this.#part++, more: true };
  }
}

/** The last place at or before `end` at which no character of UTF-8 is cut in two. */
function characterEnd(bytes: Buffer, end: number): number {
  for (let start = end - 1; start >= Math.max(0, end - 4); start--) {
    const byte = bytes[start] as number;
    if (byte < 0x80) return end;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return start + length > end ? start : end;
  }
  return end;
}
