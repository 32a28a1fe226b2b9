// The files that a spool's records are in: numbered segments, appended to at the end, read from the front, removed whole.
// Segments that had to be dropped are replaced by one that says so: a single rename decides, and its name says which
// segments it stands for. Knows lines, not what they mean. Throws what the disk throws, with everything as it was.

import { join } from 'node:path';
import { removeFile, replaceFile, writeAll, type SpoolFiles } from './spool-files.ts';

export interface Segment {
  /** The first and the last number it stands for; they differ only where segments were dropped. */
  readonly from: number;
  readonly to: number;
  readonly isGap: boolean;
  readonly path: string;
  /** Bytes that hold whole records. */
  readonly size: number;
}

type MutableSegment = { -readonly [Key in keyof Segment]: Segment[Key] };

const namePattern = /^(\d{10})(?:-(\d{10})\.gap)?\.jsonl$/;
const pad = (number: number): string => String(number).padStart(10, '0');

export class Segments {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #files: SpoolFiles;
  #list: MutableSegment[] = [];
  /** The last segment, open for writing. */
  #writer: { readonly descriptor: number; readonly segment: MutableSegment } | undefined;
  /** Numbers up to this were used. */
  #floor = 0;
  /** A torn line could not be taken back: what is written behind it would be lost with it. */
  #isTorn = false;

  constructor(directory: string, segmentBytes: number, files: SpoolFiles) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#files = files;
  }

  /** Oldest first. */
  get list(): readonly Segment[] {
    return this.#list;
  }

  get bytes(): number {
    return this.#list.reduce((sum, { size }) => sum + size, 0);
  }

  /** Finds what is there, and removes what a crash left behind: half-made files, and segments that a gap stands for. */
  load(): void {
    const found: MutableSegment[] = [];
    for (const name of this.#files.readdirSync(this.#directory)) {
      const path = join(this.#directory, name);
      if (name.endsWith('.jsonl.new')) removeFile(this.#files, path);
      const [, from, to] = namePattern.exec(name) ?? [];
      if (from === undefined) continue;
      found.push({ from: Number(from), to: Number(to ?? from), isGap: to !== undefined, path, size: 0 });
    }
    // A gap that stands for more comes later: it took the other in.
    const gaps = found.filter(({ isGap }) => isGap);
    const isCovered = (one: Segment): boolean =>
      gaps.some(
        (gap) => gap !== one && gap.from <= one.from && gap.to >= one.to && (!one.isGap || widthOf(gap) > widthOf(one)),
      );
    for (const segment of found.filter(isCovered)) removeFile(this.#files, segment.path);
    this.#list = found.filter((segment) => !isCovered(segment)).sort((one, other) => one.from - other.from);
    for (const segment of this.#list) segment.size = this.#sizeOf(segment.path);
  }

  /** The segment behind this number; the first one for 0. */
  after(number: number): Segment | undefined {
    return this.#list.find(({ from }) => from > number);
  }

  isLast(segment: Segment): boolean {
    return this.#list.at(-1) === segment;
  }

  /** Cuts the last segment to its whole records and goes on behind them. */
  reopenLast(size: number): void {
    const last = this.#list.at(-1);
    if (last === undefined || last.isGap) return;
    const descriptor = this.#files.openSync(last.path, 'r+');
    this.#writer = { descriptor, segment: last };
    if (size < this.#sizeOf(last.path)) this.#files.ftruncateSync(descriptor, size);
    last.size = size;
  }

  /**
   * Appends lines, to a new segment if the last one is full.
   *
   * @param header makes the first line of a new segment, with its line feed
   */
  append(lines: Buffer, header: () => string): void {
    if (this.#isTorn) throw new Error('a torn line could not be taken back');
    const writer = this.#writer;
    if (writer === undefined || writer.segment.size + lines.length > this.#segmentBytes) {
      return this.#begin(Buffer.concat([Buffer.from(header()), lines]));
    }
    const { descriptor, segment } = writer;
    try {
      writeAll(this.#files, descriptor, lines, segment.size);
    } catch (error) {
      try {
        this.#files.ftruncateSync(descriptor, segment.size);
      } catch {
        this.#isTorn = true;
      }
      throw error;
    }
    segment.size += lines.length;
  }

  /** Takes the last segment away: not even its first line was finished. */
  removeLast(): void {
    const last = this.#list.pop();
    if (last !== undefined) removeFile(this.#files, last.path);
  }

  /** The next append begins a segment with a higher number than this. */
  beginBehind(number: number): void {
    this.close();
    this.#floor = Math.max(this.#floor, number);
  }

  /** Puts one segment in the place of several that follow each other. */
  replace(dropped: readonly Segment[], lines: string): void {
    const [first, last] = [dropped[0], dropped.at(-1)];
    if (first === undefined || last === undefined) return;
    const path = join(this.#directory, `${pad(first.from)}-${pad(last.to)}.gap.jsonl`);
    // From this rename on they are dropped, also if the next line is never reached.
    replaceFile(this.#files, path, lines);
    for (const segment of dropped) if (segment.path !== path) removeFile(this.#files, segment.path);
    const gap = { from: first.from, to: last.to, isGap: true, path, size: Buffer.byteLength(lines) };
    this.#list = this.#list.flatMap((segment) =>
      segment === first ? [gap] : dropped.includes(segment) ? [] : [segment],
    );
  }

  /** Puts other lines into one segment. */
  rewrite(segment: Segment, lines: string): void {
    replaceFile(this.#files, segment.path, lines);
    // What is open is the file that was there before.
    if (this.#writer?.segment === segment) this.close();
    for (const one of this.#list) if (one === segment) one.size = Buffer.byteLength(lines);
  }

  /** Removes the segments before this one; their records are answered. */
  removeBefore(number: number): void {
    for (const { path } of this.#list.filter(({ from }) => from < number)) removeFile(this.#files, path);
    this.#list = this.#list.filter(({ from }) => from >= number);
  }

  /** Reads bytes of a segment: all there are, up to so many. */
  read(segment: Segment, offset: number, length: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, segment.size - offset)));
    const descriptor = this.#files.openSync(segment.path, 'r');
    try {
      let filled = 0;
      while (filled < buffer.length) {
        const count = this.#files.readSync(descriptor, buffer, filled, buffer.length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return buffer.subarray(0, filled);
    } finally {
      this.#files.closeSync(descriptor);
    }
  }

  close(): void {
    if (this.#writer !== undefined) this.#files.closeSync(this.#writer.descriptor);
    this.#writer = undefined;
  }

  #begin(bytes: Buffer): void {
    const number = Math.max(this.#list.at(-1)?.to ?? 0, this.#floor) + 1;
    const path = join(this.#directory, `${pad(number)}.jsonl`);
    const descriptor = this.#files.openSync(path, 'w+', 0o600);
    try {
      writeAll(this.#files, descriptor, bytes, 0);
    } catch (error) {
      this.#files.closeSync(descriptor);
      removeFile(this.#files, path);
      throw error;
    }
    this.close();
    const segment = { from: number, to: number, isGap: false, path, size: bytes.length };
    this.#list.push(segment);
    this.#writer = { descriptor, segment };
  }

  #sizeOf(path: string): number {
    const descriptor = this.#files.openSync(path, 'r');
    try {
      return this.#files.fstatSync(descriptor).size;
    } finally {
      this.#files.closeSync(descriptor);
    }
  }
}

function widthOf({ from, to }: Segment): number {
  return to - from;
}
