// Reads the records of a spool's segments one by one, from a place on. What is appended behind it is found by reading
// on; what is damaged is repaired first, so that nothing of it is passed over in silence. Used for the window, for the
// restart, and for telling what is dropped.

import { channelsIn, decodeHeader, decodeRecord, type DecodedRecord, type Resumes } from './record.ts';
import type { Taken } from './repair.ts';
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
  readonly #repair: (segment: Segment) => void;
  #segment: Segment | undefined;
  #offset = 0;
  #index = 0;
  #chunk: { readonly bytes: Buffer; readonly offset: number } = { bytes: Buffer.alloc(0), offset: 0 };

  /** @param repair makes a damaged segment whole, and leaves the records that were read at their places */
  constructor(segments: Segments, repair: (segment: Segment) => void) {
    this.#segments = segments;
    this.#repair = repair;
  }

  /** The number of the segment it stands in; 0: before the first. */
  get segment(): number {
    return this.#segment?.from ?? 0;
  }

  /** What was read of that segment. */
  get taken(): Taken {
    return { count: this.#index, end: this.#offset };
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
    const record = this.#read(segment);
    if (record !== 'damaged') return record;
    const read = this.#index;
    this.#repair(segment);
    this.#enter(segment);
    for (let again = this.#read(segment); ; again = this.#read(segment)) {
      if (again === 'damaged') throw unrepaired(segment);
      if (again === undefined || again.index >= read) return again;
    }
  }

  /** What to resume from behind a segment, and where its whole records end; undefined: not even its first line does. */
  behind(segment: Segment): { readonly resumes: Resumes; readonly end: number } | undefined {
    const begun = this.#header(segment);
    if (begun === undefined) return undefined;
    let { resumes, end } = begun;
    let group: Resumes = {};
    for (let record = this.nextIn(segment); record !== undefined; record = this.nextIn(segment)) {
      group = { ...group, ...record.resumes };
      // Records that were appended together are all there, or none is.
      if (record.hasMore) continue;
      end = record.end;
      resumes = { ...resumes, ...group };
    }
    return { resumes, end };
  }

  /** The channels of all segments, as far as their names can be read. */
  channels(): readonly string[] {
    return this.#segments.list.flatMap((segment) =>
      channelsIn(this.#segments.read(segment, 0, segment.size).toString()),
    );
  }

  #header(segment: Segment): { readonly resumes: Resumes; readonly end: number } | undefined {
    this.#enter(segment);
    let resumes = this.#begin(segment);
    if (resumes === 'damaged') {
      this.#repair(segment);
      this.#enter(segment);
      resumes = this.#begin(segment);
    }
    if (resumes === 'damaged') throw unrepaired(segment);
    return resumes && { resumes, end: this.#offset };
  }

  #begin(segment: Segment): Resumes | 'damaged' | undefined {
    const line = this.#line(segment);
    if (line === undefined || line === 'damaged') return line;
    const resumes = decodeHeader(line.toString());
    if (resumes === undefined) return 'damaged';
    this.#offset += line.length + 1;
    return resumes;
  }

  #read(segment: Segment): ReadRecord | 'damaged' | undefined {
    if (this.#offset === 0) {
      const begun = this.#begin(segment);
      if (begun === undefined || begun === 'damaged') return begun;
    }
    const line = this.#line(segment);
    if (line === undefined || line === 'damaged') return line;
    const record = decodeRecord(line.toString());
    if (record === undefined) return 'damaged';
    this.#offset += line.length + 1;
    return { ...record, segment: segment.from, index: this.#index++, end: this.#offset };
  }

  #enter(segment: Segment): void {
    this.#segment = segment;
    this.#offset = 0;
    this.#index = 0;
    this.#chunk = { bytes: Buffer.alloc(0), offset: 0 };
  }

  /** The line at the present offset, without its line feed; undefined: there is none, or it has not ended yet. */
  #line(segment: Segment): Buffer | 'damaged' | undefined {
    for (let length = chunkBytes; ; length *= 2) {
      const { bytes, offset } = this.#chunk;
      const from = this.#offset - offset;
      const end = from <= bytes.length ? bytes.indexOf(lineFeed, from) : -1;
      if (end >= 0) return bytes.subarray(from, end);
      const left = segment.size - this.#offset;
      if (left <= 0) return undefined;
      // Only behind the last segment something may follow that ends the line.
      if (offset + bytes.length >= segment.size) return this.#segments.isLast(segment) ? undefined : 'damaged';
      const read = this.#segments.read(segment, this.#offset, length);
      this.#chunk = { bytes: read, offset: this.#offset };
      // Somebody else has shortened the file.
      if (read.length < Math.min(length, left)) return 'damaged';
    }
  }
}

function unrepaired({ path }: Segment): Error {
  return new Error(`${path} is damaged, and was not repaired`);
}
