// Reads the records of a spool's segments one by one, from a place on. What is appended behind it is found by reading
// on. Used for the window, for the restart, and for telling what is dropped.

import { decodeRecord, type DecodedRecord, type Resumes } from './record.ts';
import type { Segment, Segments } from './segments.ts';

export interface ReadRecord extends DecodedRecord {
  /** Which record of which segment it is. */
  readonly segment: number;
  readonly index: number;
  /** Where the segment's next record begins. */
  readonly end: number;
}

const chunkBytes = 64 * 1024;
const lineFeed = 0x0a;

export class SegmentReader {
  readonly #segments: Segments;
  #segment: Segment | undefined;
  #offset = 0;
  #index = 0;
  #chunk: { readonly bytes: Buffer; readonly offset: number } = { bytes: Buffer.alloc(0), offset: 0 };
  /** A line that is no record: from there on this segment is unreadable. */
  isDamaged = false;

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  /** The number of the segment it stands in; 0: before the first. */
  get segment(): number {
    return this.#segment?.from ?? 0;
  }

  /** The next record; undefined: there is none yet. Throws what the disk throws. */
  next(): ReadRecord | undefined {
    for (;;) {
      const record = this.#segment && this.nextIn(this.#segment);
      if (record !== undefined) return record;
      const following = this.#segments.after(this.segment);
      if (following === undefined) return undefined;
      this.#enter(following);
    }
  }

  /** The next record of one segment, from its beginning at the first call. */
  nextIn(segment: Segment): ReadRecord | undefined {
    if (this.#segment !== segment) this.#enter(segment);
    if (this.#offset === 0) {
      // The header.
      const header = this.#line(segment);
      if (header === undefined) return undefined;
      this.#offset += header.length + 1;
    }
    const line = this.#line(segment);
    if (line === undefined) return undefined;
    const record = decodeRecord(line.toString());
    if (record === undefined) {
      this.isDamaged = true;
      this.#offset = segment.size;
      return undefined;
    }
    this.#offset += line.length + 1;
    return { ...record, segment: segment.from, index: this.#index++, end: this.#offset };
  }

  /** What the first line of a segment says, and where it ends; undefined: it was never finished. */
  header(segment: Segment): { readonly resumes: Resumes; readonly end: number } | undefined {
    this.#enter(segment);
    const line = this.#line(segment);
    try {
      const { r } = JSON.parse(String(line)) as { r?: Resumes };
      return line && { resumes: r ?? {}, end: line.length + 1 };
    } catch {
      return undefined;
    }
  }

  #enter(segment: Segment): void {
    this.#segment = segment;
    this.#offset = 0;
    this.#index = 0;
    this.#chunk = { bytes: Buffer.alloc(0), offset: 0 };
  }

  /** The line at the present offset, without its line feed; undefined: it has not ended yet. */
  #line(segment: Segment): Buffer | undefined {
    for (let length = chunkBytes; ; length *= 2) {
      const { bytes, offset } = this.#chunk;
      const from = this.#offset - offset;
      const end = from <= bytes.length ? bytes.indexOf(lineFeed, from) : -1;
      if (end >= 0) return bytes.subarray(from, end);
      const left = segment.size - this.#offset;
      if (left <= 0 || offset + bytes.length >= segment.size) return undefined;
      const read = this.#segments.read(segment, this.#offset, length);
      this.#chunk = { bytes: read, offset: this.#offset };
      if (read.length < Math.min(length, left)) {
        // Somebody else has shortened the file.
        this.isDamaged = true;
        return undefined;
      }
    }
  }
}
