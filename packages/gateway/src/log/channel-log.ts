// The log of one channel: what is kept, from which offset, and the frames read from it. Streams keep the newest
// messages, tables the last one per key. The broker appends, delivery reads; it knows neither sockets nor rules.

import type { ChannelKind, Position } from '@telltale/protocol';
import { Entries } from './entries.ts';
import { type Entry, frameHead, type MessagesFrameBytes, Segment } from './segment.ts';

/** How much a log keeps. */
export interface LogBounds {
  readonly kind: ChannelKind;
  readonly count: number;
  readonly keys: number;
  /** Age in seconds; undefined: no bound. */
  readonly seconds: number | undefined;
  readonly bytes: number;
  /** Whether a store has it as well, so that what is let go of here is not lost. */
  readonly isStored: boolean;
}

/** A message before it has an offset. */
export interface NewMessage {
  readonly key: string | undefined;
  /** The message's JSON behind `offset` and `time`: `"data":…}`. */
  readonly body: string;
  /** A table's key is removed. */
  readonly removes: boolean;
}

export interface ReadOptions {
  /** Removals up to here are left out, which only a reader that began after them may ask for. */
  readonly withoutTombstones: number;
  /** At most about so many bytes of messages, and one message at least. Absent: a segment. */
  readonly pieceBytes?: number | undefined;
}

/** Where a read begins, and whether from what was asked for. */
export interface ReadStart {
  readonly start: 'fresh' | 'resumed' | 'reset';
  readonly offset: number;
}

/** Longest life and largest number of tombstones; a resume from before the oldest one kept is a reset (RES4). */
export const tombstoneBounds: { readonly ms: number; readonly count: number } = { ms: 600_000, count: 10_000 };

/** Rough bytes of a log that is empty. */
const logOverhead = 2000;

export class ChannelLog {
  readonly channel: string;
  readonly epoch: string;
  readonly bounds: LogBounds;
  #head = 0;
  /** Table: changes up to here may be forgotten. Stream: messages up to here are. */
  #horizon = 0;
  readonly #entries = new Entries();
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
    return logOverhead + this.#entries.heldBytes;
  }

  /** Messages kept, tombstones included. */
  get count(): number {
    return this.#entries.count;
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

  /** Makes a message say something else at its place, in the frames already made too. Answers whether it is here. */
  replace(offset: number, time: number, body: string): boolean {
    return this.#entries.replace(offset, messageBytes(offset, time, body));
  }

  /** Lets go of what is over the bounds. */
  trim(time: number, monotonic: number): void {
    const { kind, count, keys, seconds, bytes } = this.bounds;
    const oldest = seconds === undefined ? -Infinity : monotonic - seconds * 1000;
    if (kind === 'stream') {
      const entries = this.#entries;
      this.#dropOldestWhile((entry) => entries.count > count || entries.bytes > bytes || entry.at < oldest);
      return;
    }
    // Removals never push out rows: who resumes from before a forgotten one begins anew and is right again.
    this.#dropTombstones(monotonic, bytes / 2);
    for (;;) {
      const isOver = this.keys > keys || this.#entries.bytes > bytes;
      if (!isOver && seconds === undefined) break;
      const row = this.#oldestRow();
      if (row === undefined || (!isOver && row.at >= oldest)) break;
      // A row that has to go goes as a removal, so that viewers let it go too.
      this.#put(row.key, `"key":${JSON.stringify(row.key)},"data":null}`, true, time, monotonic);
    }
  }

  /** Drops the oldest segment of a stream, where all logs together hold too much. Answers whether there was one. */
  dropOldestSegment(): boolean {
    const end = this.#entries.oldestSegmentEnd;
    if (end === undefined || this.bounds.kind === 'table') return false;
    this.#dropOldestWhile((entry) => entry.offset <= end);
    return true;
  }

  /** Lets go of the frames made for readers that catch up; they are made again when needed. */
  forgetFrames(): void {
    this.#entries.forgetFrames();
  }

  /** Where a read from a position begins. */
  resume(position: Position): ReadStart {
    const lost =
      position.epoch !== this.epoch ||
      position.offset > this.#head ||
      (this.bounds.kind === 'table' && position.offset < this.#horizon);
    return lost ? { start: 'reset', offset: this.beginning } : { start: 'resumed', offset: position.offset };
  }

  /** Where a first read of the last n messages or of the last so many seconds begins. */
  startOf(since: { readonly last: number } | { readonly seconds: number }, monotonic: number): number {
    if ('last' in since) {
      if (since.last === 0) return this.#head;
      const first = this.#entries.newest(since.last);
      return first === undefined ? this.beginning : first - 1;
    }
    const first = this.#entries.since(monotonic - since.seconds * 1000);
    return first === undefined ? this.#head : first.offset - 1;
  }

  /** A whole read of a table begins before its first row. */
  get beginning(): number {
    const { oldest } = this.#entries;
    return oldest === undefined ? this.#head : oldest.offset - 1;
  }

  /** Whether a table has forgotten removals after this offset, so that its reader must begin anew. */
  hasForgotten(offset: number): boolean {
    return this.bounds.kind === 'table' && offset < this.#horizon;
  }

  /**
   * The next frame for a reader at `cursor`: at most one segment, up to `upTo`. The reader stands at the answer's `to`.
   * The buffer is shared: nobody may change it.
   */
  read(cursor: number, upTo: number, { withoutTombstones, pieceBytes }: ReadOptions): MessagesFrameBytes {
    const { segment, nextFirst } = this.#entries.segmentAfter(cursor);
    const end =
      segment === undefined || pieceBytes === undefined ? segment?.last : segment.pieceEnd(cursor, pieceBytes);
    const isLast =
      segment === undefined || end === undefined || end >= upTo || (end === segment.last && nextFirst > upTo);
    // What is gone beyond `upTo` is told by the read that goes there.
    const isShort = this.bounds.kind === 'stream' && cursor < Math.min(this.#horizon, upTo);
    const gapFrom = isShort ? cursor + 1 : undefined;
    const to = isLast ? upTo : end;
    const request = { after: cursor, to, more: !isLast, gapFrom, withoutTombstones: to <= withoutTombstones };
    return (segment ?? new Segment()).frame(this.#frameHead, request);
  }

  /** Entries before an offset, newest last; for pages of history. */
  before(offset: number, limit: number): Entry[] {
    return this.#entries.before(offset, limit);
  }

  /** Entries after an offset, oldest first; for replicas that read again. */
  after(offset: number): Iterable<Entry> {
    return this.#entries.after(offset);
  }

  #dropOldestWhile(isGone: (entry: Entry) => boolean): void {
    this.#entries.shiftWhile(isGone, ({ offset }) => {
      this.#horizon = offset;
    });
  }

  #put(key: string | undefined, body: string, removes: boolean, time: number, at: number): void {
    const offset = this.#head + 1;
    if (key !== undefined) this.#supersede(key);
    const bytes = messageBytes(offset, time, body);
    this.#keep({ offset, at, bytes, key, isTombstone: removes });
  }

  #keep(entry: Entry): void {
    this.#entries.push(entry);
    this.#head = entry.offset;
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

  #take(offset: number): Entry | undefined {
    const entry = this.#entries.take(offset);
    if (entry !== undefined && this.#tombstones.delete(offset)) this.#tombstoneBytes -= entry.bytes.length;
    return entry;
  }

  #dropTombstones(monotonic: number, mostBytes: number): void {
    const oldest = monotonic - tombstoneBounds.ms;
    for (const [offset, at] of this.#tombstones) {
      const isOver = this.#tombstones.size > tombstoneBounds.count || this.#tombstoneBytes > mostBytes;
      if (!isOver && at >= oldest) return;
      const key = this.#take(offset)?.key;
      if (key !== undefined) this.#offsetOfKey.delete(key);
      this.#horizon = Math.max(this.#horizon, offset);
    }
  }

  #oldestRow(): Entry | undefined {
    for (const entry of this.#entries.after(0)) if (!entry.isTombstone) return entry;
    return undefined;
  }
}

/** A message as it is sent. */
export function messageBytes(offset: number, time: number, body: string): Buffer {
  return Buffer.from(`{"offset":${offset},"time":${time},${body}`);
}
