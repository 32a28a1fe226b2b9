// A run of neighbouring entries of a log, up to 64 KiB of them, and the frames made of it. Segments are the fixed
// boundaries at which catch-up frames are cut: readers at different cursors soon stand at the same boundary and share
// one cached frame (DLV3). Only ChannelLog uses it.

import { DeflatedFrame } from './deflated-frame.ts';
import { textFrame } from './websocket-frame.ts';

/** One message as the log keeps it: the very JSON bytes that are sent. */
export interface Entry {
  readonly offset: number;
  /** Monotonic milliseconds, for retention only. */
  readonly at: number;
  readonly bytes: Buffer;
  readonly key: string | undefined;
  /** A removed key of a table. */
  readonly isTombstone: boolean;
}

/** Bytes of entries after which a new segment begins. */
export const segmentBytes: number = 64 * 1024;

/** As many as it has pieces for those who read slowly, and a few for the others. */
const maxCachedFrames = 8;
const comma = Buffer.from(',');

/** What one frame is to hold; equal requests share one buffer. */
export interface FrameRequest {
  /** Entries after this offset. */
  readonly after: number;
  /** Entries up to this offset; also the frame's `to`. */
  readonly to: number;
  readonly more: boolean;
  /** First missing offset, where the log has moved past the reader. */
  readonly gapFrom: number | undefined;
  /** A reader that has read nothing before this frame needs no removals. */
  readonly withoutTombstones: boolean;
}

export interface MessagesFrameBytes {
  readonly buffer: Buffer;
  /** The same for peers that inflate, where its channel is compressed. */
  readonly deflated: DeflatedFrame;
  readonly to: number;
  readonly count: number;
  /** What the frame says is gone. */
  readonly gap: { readonly from: number; readonly to: number } | undefined;
  /** It was made for somebody who came before. */
  readonly isShared: boolean;
}

export class Segment {
  entries: Entry[] = [];
  bytes = 0;
  #frames: Map<string, MessagesFrameBytes> | undefined;

  get first(): number {
    return this.entries[0]?.offset ?? 0;
  }

  get last(): number {
    return this.entries.at(-1)?.offset ?? 0;
  }

  get isFull(): boolean {
    return this.bytes >= segmentBytes;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
    this.#changed(entry.bytes.length);
  }

  removeFirst(): void {
    const entry = this.entries.shift();
    if (entry !== undefined) this.#changed(-entry.bytes.length);
  }

  /** Takes the entry of one offset out; answers it if it was there. */
  remove(offset: number): Entry | undefined {
    const index = this.indexAfter(offset - 1);
    if (this.entries[index]?.offset !== offset) return undefined;
    const [entry] = this.entries.splice(index, 1);
    if (entry !== undefined) this.#changed(-entry.bytes.length);
    return entry;
  }

  /** Puts other bytes at an offset. Answers by how many bytes it grew; undefined: it is not here. */
  replace(offset: number, bytes: Buffer): number | undefined {
    const index = this.indexAfter(offset - 1);
    const entry = this.entries[index];
    if (entry?.offset !== offset) return undefined;
    const grown = bytes.length - entry.bytes.length;
    this.entries[index] = { ...entry, bytes };
    // Frames made of the old bytes go with it.
    this.#changed(grown);
    return grown;
  }

  /** Takes over the entries of the segment behind this one. */
  absorb(next: Segment): void {
    this.entries = this.entries.concat(next.entries);
    this.#changed(next.bytes);
  }

  /** Index of the first entry after an offset; the length where there is none. */
  indexAfter(offset: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] as Entry).offset > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * The last offset of the piece that the entry after an offset is in, where the segment is cut into pieces of so many bytes.
   * They are cut from its beginning, so that readers at different cursors meet at the same ends.
   */
  pieceEnd(after: number, pieceBytes: number): number {
    let bytes = 0;
    for (const entry of this.entries) {
      bytes += entry.bytes.length;
      if (bytes < pieceBytes) continue;
      if (entry.offset > after) return entry.offset;
      bytes = 0;
    }
    return this.last;
  }

  /** The frame of a part of this segment, made once for all who ask for the same. */
  frame(head: Buffer, request: FrameRequest): MessagesFrameBytes {
    const { after, to, more, gapFrom, withoutTombstones } = request;
    const from = this.indexAfter(after);
    const name = `${from} ${to} ${more} ${gapFrom ?? ''} ${withoutTombstones}`;
    const cached = this.#frames?.get(name);
    if (cached !== undefined) return cached;
    const pieces: Buffer[] = [head];
    let count = 0;
    for (let index = from; index < this.entries.length; index++) {
      const entry = this.entries[index] as Entry;
      if (entry.offset > to) break;
      if (entry.isTombstone && withoutTombstones) continue;
      if (count++ > 0) pieces.push(comma);
      pieces.push(entry.bytes);
    }
    const gapTo = Math.min(to, (this.entries[from]?.offset ?? Infinity) - 1);
    const gap = gapFrom === undefined ? undefined : { from: gapFrom, to: gapTo };
    pieces.push(frameTail(to, more, gap));
    const buffer = textFrame(pieces);
    const made = { buffer, deflated: new DeflatedFrame(buffer), to, count, gap, isShared: false };
    this.#frames ??= new Map();
    if (this.#frames.size >= maxCachedFrames) this.#frames.delete(this.#frames.keys().next().value as string);
    this.#frames.set(name, { ...made, isShared: true });
    return made;
  }

  /** Bytes of the cached frames. */
  get frameBytes(): number {
    let bytes = 0;
    for (const { buffer, deflated } of this.#frames?.values() ?? []) bytes += buffer.length + deflated.heldBytes;
    return bytes;
  }

  forgetFrames(): void {
    this.#frames = undefined;
  }

  #changed(bytes: number): void {
    this.bytes += bytes;
    this.#frames = undefined;
  }
}

/** The end of a `messages` frame, behind its last message. */
export function frameTail(to: number, more: boolean, gap: { from: number; to: number } | undefined): Buffer {
  const gapText = gap === undefined ? '' : `,"gap":{"from":${gap.from},"to":${gap.to}}`;
  return Buffer.from(`],"to":${to}${more ? ',"more":true' : ''}${gapText}}`);
}

/** The start of a `messages` frame, up to its first message. */
export function frameHead(channel: string, epoch: string | null): Buffer {
  return Buffer.from(
    `{"type":"messages","channel":${JSON.stringify(channel)},"epoch":${JSON.stringify(epoch)},"messages":[`,
  );
}
