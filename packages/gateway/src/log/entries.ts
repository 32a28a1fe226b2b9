// The entries of a log in the order of their offsets, as a list of segments: added at the young end, taken from the old
// end or out of the middle, found by two binary searches. Knows neither keys nor bounds; only ChannelLog uses it.

import { type Entry, Segment, segmentBytes } from './segment.ts';

/** Rough bytes of an entry beside its JSON. */
const entryOverhead = 120;

export class Entries {
  readonly #segments: Segment[] = [];
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** Bytes of the messages' JSON. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What all of it holds in memory, cached frames included. */
  get heldBytes(): number {
    let frames = 0;
    for (const segment of this.#segments) frames += segment.frameBytes;
    return this.#bytes + this.#count * entryOverhead + frames;
  }

  get oldest(): Entry | undefined {
    return this.#segments[0]?.entries[0];
  }

  /** The segment a reader at an offset reads next, and where the one behind it begins. */
  segmentAfter(offset: number): { readonly segment: Segment | undefined; readonly nextFirst: number } {
    const index = this.#indexAfter(offset);
    return { segment: this.#segments[index], nextFirst: this.#segments[index + 1]?.first ?? Infinity };
  }

  push(entry: Entry): void {
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.isFull || segment.bytes + entry.bytes.length > segmentBytes) {
      segment = new Segment();
      this.#segments.push(segment);
    }
    segment.push(entry);
    this.#count++;
    this.#bytes += entry.bytes.length;
  }

  /** Takes entries off the old end while the predicate holds, which sees the counts as they are then. */
  shiftWhile(isGone: (entry: Entry) => boolean, onGone: (entry: Entry) => void): void {
    for (let segment = this.#segments[0]; segment !== undefined; segment = this.#segments[0]) {
      for (let entry = segment.entries[0]; entry !== undefined && isGone(entry); entry = segment.entries[0]) {
        segment.removeFirst();
        this.#forget(entry);
        onGone(entry);
      }
      if (segment.entries.length > 0) return;
      this.#segments.shift();
    }
  }

  /** Takes the entry of an offset out; neighbours that became sparse are merged. */
  take(offset: number): Entry | undefined {
    const index = this.#indexAfter(offset - 1);
    const segment = this.#segments[index];
    const entry = segment?.remove(offset);
    if (segment === undefined || entry === undefined) return undefined;
    this.#forget(entry);
    const next = this.#segments[index + 1];
    if (segment.entries.length === 0) this.#segments.splice(index, 1);
    else if (next !== undefined && segment.bytes + next.bytes <= segmentBytes / 2) {
      segment.absorb(next);
      this.#segments.splice(index + 1, 1);
    }
    return entry;
  }

  /** Puts other bytes at an offset. Answers whether it was here. */
  replace(offset: number, bytes: Buffer): boolean {
    const grown = this.#segments[this.#indexAfter(offset - 1)]?.replace(offset, bytes);
    if (grown === undefined) return false;
    this.#bytes += grown;
    return true;
  }

  /** The last offset of the oldest segment. */
  get oldestSegmentEnd(): number | undefined {
    return this.#segments[0]?.last;
  }

  /** Offset of the n-th newest entry; undefined where there are fewer. */
  newest(count: number): number | undefined {
    let left = count;
    for (const { entries } of this.#segments.toReversed()) {
      if (left <= entries.length) return entries[entries.length - left]?.offset;
      left -= entries.length;
    }
    return undefined;
  }

  /** The oldest entry taken at or after a monotonic time. */
  since(at: number): Entry | undefined {
    const segment = this.#segments.find(({ entries }) => (entries.at(-1)?.at ?? -Infinity) >= at);
    return segment?.entries.find((entry) => entry.at >= at);
  }

  /** Entries after an offset, oldest first. */
  *after(offset: number): Generator<Entry> {
    for (let index = this.#indexAfter(offset); index < this.#segments.length; index++) {
      const segment = this.#segments[index] as Segment;
      for (let at = segment.indexAfter(offset); at < segment.entries.length; at++) yield segment.entries[at] as Entry;
    }
  }

  /** At most so many entries before an offset, oldest first. */
  before(offset: number, limit: number): Entry[] {
    const found: Entry[] = [];
    for (const segment of this.#segments.toReversed()) {
      for (let index = segment.indexAfter(offset - 1) - 1; index >= 0 && found.length < limit; index--) {
        found.push(segment.entries[index] as Entry);
      }
    }
    return found.reverse();
  }

  forgetFrames(): void {
    for (const segment of this.#segments) segment.forgetFrames();
  }

  #forget(entry: Entry): void {
    this.#count--;
    this.#bytes -= entry.bytes.length;
  }

  /** Index of the first segment that holds something after an offset. */
  #indexAfter(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#segments[middle] as Segment).last > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
