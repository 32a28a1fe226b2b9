// The log of one channel: what is kept, from which offset, and the frames read from it. Streams keep the newest
// messages, tables the last one per key. The broker appends, delivery reads; it knows neither sockets nor rules.

import type { ChannelKind, Position } from '@telltale/protocol';
import { type Entry, frameHead, type MessagesFrameBytes, Segment, segmentBytes } from './segment.ts';

/** How much a log keeps. */
export interface LogBounds {
  readonly kind: ChannelKind;
  readonly count: number;
  readonly keys: number;
  /** Age in seconds; undefined: no bound. */
  readonly seconds: number | undefined;
  readonly bytes: number;
}

/** A message before it has an offset. */
export interface NewMessage {
  readonly key: string | undefined;
  /** The message's JSON behind `offset` and `time`: `"data":…}`. */
  readonly body: string;
  /** A table's key is removed. */
  readonly removes: boolean;
}

/** Where a read begins, and whether from what was asked for. */
export interface ReadStart {
  readonly start: 'fresh' | 'resumed' | 'reset';
  readonly offset: number;
}

/** Longest life and largest number of tombstones; a resume from before the oldest one kept is a reset (RES4). */
export const tombstoneBounds: { readonly ms: number; readonly count: number } = { ms: 600_000, count: 10_000 };

/** Rough bytes of an entry beside its JSON, and of a log that is empty. */
const entryOverhead = 120;
const logOverhead = 2000;

export class ChannelLog {
  readonly channel: string;
  readonly epoch: string;
  readonly bounds: LogBounds;
  #head = 0;
  #bytes = 0;
  #count = 0;
  /** Table: changes up to here may be forgotten. Stream: messages up to here are. */
  #horizon = 0;
  #segments: Segment[] = [];
  readonly #offsetOfKey = new Map<string, number>();
  /** Offset → when, oldest first. */
  readonly #tombstones = new Map<number, number>();
  #tombstoneBytes = 0;
  readonly #frameHead: Buffer;

  /** @param horizon where a copy of a log begins; 0 for a log of its own */
  constructor(channel: string, epoch: string, bounds: LogBounds, horizon = 0) {
    this.channel = channel;
    this.epoch = epoch;
    this.bounds = bounds;
    this.#horizon = horizon;
    this.#frameHead = frameHead(channel, epoch);
  }

  /** Offset of the newest message; 0 before the first. */
  get head(): number {
    return this.#head;
  }

  get position(): Position {
    return { epoch: this.epoch, offset: this.#head };
  }

  /** Up to here messages of a stream, or removals of a table, are gone. */
  get horizon(): number {
    return this.#horizon;
  }

  /** What the log holds in memory, in bytes. */
  get bytes(): number {
    let frames = 0;
    for (const segment of this.#segments) frames += segment.frameBytes;
    return logOverhead + this.#bytes + this.#count * entryOverhead + frames;
  }

  /** Messages kept, tombstones included. */
  get count(): number {
    return this.#count;
  }

  /** Live keys of a table. */
  get keys(): number {
    return this.#offsetOfKey.size - this.#tombstones.size;
  }

  /** Appends messages and answers the offset of the last one. `monotonic` decides retention, `time` only shows. */
  append(messages: readonly NewMessage[], time: number, monotonic: number): number {
    for (const { key, body, removes } of messages) {
      if (removes && (key === undefined || !this.#hasRow(key))) {
        // Removing what is not there changes nothing, but its offset is used, so that the sender's position is true.
        this.#head++;
        continue;
      }
      this.#put(key, body, removes, time, monotonic);
    }
    this.trim(time, monotonic);
    return this.#head;
  }

  /**
   * Takes over what another process numbered, up to its head; offsets must rise. Only for replicas: rows that are over the
   * bounds of a table are removed where they are numbered, and arrive as removals.
   */
  adopt(entries: Iterable<Entry>, head: number, monotonic: number): void {
    for (const entry of entries) {
      if (entry.key !== undefined) this.#supersede(entry.key);
      this.#keep(entry);
    }
    this.#head = head;
    if (this.bounds.kind === 'stream') this.trim(0, monotonic);
    else this.#dropTombstones(monotonic, this.bounds.bytes / 2);
  }

  /** Lets go of what is over the bounds. */
  trim(time: number, monotonic: number): void {
    const { kind, count, keys, seconds, bytes } = this.bounds;
    const oldest = seconds === undefined ? -Infinity : monotonic - seconds * 1000;
    if (kind === 'stream') {
      this.#dropOldestWhile((entry) => this.#count > count || this.#bytes > bytes || entry.at < oldest);
      return;
    }
    // Removals never push out rows: who resumes from before a forgotten one begins anew and is right again.
    this.#dropTombstones(monotonic, bytes / 2);
    for (;;) {
      const isOver = this.keys > keys || this.#bytes > bytes;
      if (!isOver && seconds === undefined) break;
      const row = this.#oldestRow();
      if (row === undefined || (!isOver && row.at >= oldest)) break;
      // A row that has to go goes as a removal, so that viewers let it go too.
      this.#put(row.key, `"key":${JSON.stringify(row.key)},"data":null}`, true, time, monotonic);
    }
  }

  /** Drops the oldest segment of a stream, where all logs together hold too much. Answers whether there was one. */
  dropOldestSegment(): boolean {
    const segment = this.#segments[0];
    if (segment === undefined || this.bounds.kind === 'table') return false;
    const { last } = segment;
    this.#dropOldestWhile((entry) => entry.offset <= last);
    return true;
  }

  /** Lets go of the frames made for readers that catch up; they are made again when needed. */
  forgetFrames(): void {
    for (const segment of this.#segments) segment.forgetFrames();
  }

  /** Where a read from a position begins. */
  resume(position: Position): ReadStart {
    const lost =
      position.epoch !== this.epoch ||
      position.offset > this.#head ||
      (this.bounds.kind === 'table' && position.offset < this.#horizon);
    return lost ? { start: 'reset', offset: this.#beforeFirst } : { start: 'resumed', offset: position.offset };
  }

  /** Where a first read of the last n messages or of the last so many seconds begins. */
  startOf(since: { readonly last: number } | { readonly seconds: number }, monotonic: number): number {
    if ('last' in since) {
      let left = since.last;
      for (const segment of this.#segments.toReversed()) {
        if (left <= segment.entries.length) {
          const first = segment.entries[segment.entries.length - left];
          return first === undefined ? segment.last : first.offset - 1;
        }
        left -= segment.entries.length;
      }
      return this.#beforeFirst;
    }
    const oldest = monotonic - since.seconds * 1000;
    for (const segment of this.#segments) {
      if ((segment.entries.at(-1) as Entry).at < oldest) continue;
      for (const entry of segment.entries) if (entry.at >= oldest) return entry.offset - 1;
    }
    return this.#head;
  }

  /** A whole read of a table begins before its first row. */
  get beginning(): number {
    return this.#beforeFirst;
  }

  /** Whether a table has forgotten removals after this offset, so that its reader must begin anew. */
  hasForgotten(offset: number): boolean {
    return this.bounds.kind === 'table' && offset < this.#horizon;
  }

  /**
   * The next frame for a reader at `cursor`: at most one segment, up to `upTo`. The reader stands at the answer's `to`.
   * The buffer is shared: nobody may change it. Removals up to `withoutTombstones` are left out, which only a reader that
   * began after them may ask for.
   */
  read(cursor: number, upTo: number, options: { withoutTombstones: number }): MessagesFrameBytes {
    const index = this.#segmentAfter(cursor);
    const segment = this.#segments[index];
    const isLast =
      segment === undefined || segment.last >= upTo || (this.#segments[index + 1]?.first ?? Infinity) > upTo;
    const gapFrom = this.bounds.kind === 'stream' && cursor < this.#horizon ? cursor + 1 : undefined;
    const to = isLast ? upTo : segment.last;
    const request = { after: cursor, to, more: !isLast, gapFrom, withoutTombstones: to <= options.withoutTombstones };
    return (segment ?? new Segment()).frame(this.#frameHead, request);
  }

  /** Entries before an offset, newest last; for pages of history. */
  before(offset: number, limit: number): Entry[] {
    const found: Entry[] = [];
    for (const segment of this.#segments.toReversed()) {
      for (let index = segment.indexAfter(offset - 1) - 1; index >= 0 && found.length < limit; index--) {
        found.push(segment.entries[index] as Entry);
      }
    }
    return found.reverse();
  }

  /** Entries after an offset, oldest first; for replicas that read again. */
  *after(offset: number): Generator<Entry> {
    for (let index = this.#segmentAfter(offset); index < this.#segments.length; index++) {
      const segment = this.#segments[index] as Segment;
      for (let at = segment.indexAfter(offset); at < segment.entries.length; at++) yield segment.entries[at] as Entry;
    }
  }

  #dropOldestWhile(isGone: (entry: Entry) => boolean): void {
    for (let segment = this.#segments[0]; segment !== undefined; segment = this.#segments[0]) {
      for (let entry = segment.entries[0]; entry !== undefined && isGone(entry); entry = segment.entries[0]) {
        segment.removeFirst();
        this.#count--;
        this.#bytes -= entry.bytes.length;
        this.#horizon = entry.offset;
      }
      if (segment.entries.length > 0) return;
      this.#segments.shift();
    }
  }

  #put(key: string | undefined, body: string, removes: boolean, time: number, at: number): void {
    const offset = this.#head + 1;
    if (key !== undefined) this.#supersede(key);
    const bytes = Buffer.from(`{"offset":${offset},"time":${time},${body}`);
    this.#keep({ offset, at, bytes, key, isTombstone: removes });
  }

  #keep(entry: Entry): void {
    let segment = this.#segments.at(-1);
    if (segment === undefined || segment.isFull || segment.bytes + entry.bytes.length > segmentBytes) {
      segment = new Segment();
      this.#segments.push(segment);
    }
    segment.push(entry);
    this.#head = entry.offset;
    this.#count++;
    this.#bytes += entry.bytes.length;
    if (entry.key !== undefined) this.#offsetOfKey.set(entry.key, entry.offset);
    if (!entry.isTombstone) return;
    this.#tombstones.set(entry.offset, entry.at);
    this.#tombstoneBytes += entry.bytes.length;
  }

  #hasRow(key: string): boolean {
    const offset = this.#offsetOfKey.get(key);
    return offset !== undefined && !this.#tombstones.has(offset);
  }

  #supersede(key: string): void {
    const offset = this.#offsetOfKey.get(key);
    if (offset === undefined) return;
    this.#offsetOfKey.delete(key);
    this.#take(offset);
  }

  #take(offset: number): void {
    const index = this.#segmentAfter(offset - 1);
    const segment = this.#segments[index];
    const entry = segment?.remove(offset);
    if (segment === undefined || entry === undefined) return;
    this.#count--;
    this.#bytes -= entry.bytes.length;
    if (this.#tombstones.delete(offset)) this.#tombstoneBytes -= entry.bytes.length;
    const next = this.#segments[index + 1];
    if (segment.entries.length === 0) this.#segments.splice(index, 1);
    else if (next !== undefined && segment.bytes + next.bytes <= segmentBytes / 2) {
      segment.absorb(next);
      this.#segments.splice(index + 1, 1);
    }
  }

  #dropTombstones(monotonic: number, mostBytes: number): void {
    const oldest = monotonic - tombstoneBounds.ms;
    for (const [offset, at] of this.#tombstones) {
      const isOver = this.#tombstones.size > tombstoneBounds.count || this.#tombstoneBytes > mostBytes;
      if (!isOver && at >= oldest) return;
      const key = this.#entryAt(offset)?.key;
      if (key !== undefined) this.#offsetOfKey.delete(key);
      this.#take(offset);
      this.#horizon = Math.max(this.#horizon, offset);
    }
  }

  #entryAt(offset: number): Entry | undefined {
    const segment = this.#segments[this.#segmentAfter(offset - 1)];
    return segment?.entries[segment.indexAfter(offset - 1)];
  }

  #oldestRow(): Entry | undefined {
    for (const segment of this.#segments) {
      for (const entry of segment.entries) if (!entry.isTombstone) return entry;
    }
    return undefined;
  }

  get #oldest(): Entry | undefined {
    return this.#segments[0]?.entries[0];
  }

  get #beforeFirst(): number {
    const first = this.#oldest;
    return first === undefined ? this.#head : first.offset - 1;
  }

  /** Index of the first segment that holds something after an offset. */
  #segmentAfter(offset: number): number {
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
