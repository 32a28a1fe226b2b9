// A record of a spool: one publish, finished, as a line of JSON. Records that were appended together and did not fit in
// one are marked, so that a crash between them takes them all or none. Pure.

import { isOnce, type Once } from '@telltale/protocol';
import type { DroppedMessages, GapReason } from '../run-events.ts';

/** Where a source of records goes on after a restart: by a name of its own, whatever it needs. */
export type Resumes = Readonly<Record<string, unknown>>;

export interface SpoolRecord {
  readonly channel: string;
  /** When it was appended, in milliseconds since the epoch. */
  readonly at: number;
  readonly items: readonly unknown[];
  readonly resumes?: Resumes | undefined;
  /** The number it was sent with before it was on disk, if it was. */
  readonly once?: Once | undefined;
  /** From here on all channels are numbered anew, under this producer. */
  readonly producer?: string | undefined;
}

/** Bounds of one record: what fits into one frame with room to spare. */
export const recordBounds: { readonly items: number; readonly bytes: number } = { items: 500, bytes: 32 * 1024 };

/** Largest single item: a frame has 64 KiB, and says more than the item. */
const itemBytes = 60 * 1024;

export interface CutRecords {
  /** Appended together; what to resume from goes with the last. */
  readonly records: readonly SpoolRecord[];
  readonly bytes: number;
  /** Items that have a gap in their place: no JSON, or too large for any frame. */
  readonly misfits: number;
}

/** Cuts what is appended together into records within the bounds. */
export function cutRecords({ channel, at, items, resumes }: SpoolRecord): CutRecords {
  const groups: unknown[][] = [];
  let [bytes, groupBytes] = [0, Infinity];
  const fitting = withoutMisfits(items, at);
  for (const { item, size } of fitting.items) {
    bytes += size;
    const last = groups.at(-1);
    if (last === undefined || last.length >= recordBounds.items || groupBytes + size > recordBounds.bytes) {
      groups.push([item]);
      groupBytes = size;
    } else {
      last.push(item);
      groupBytes += size;
    }
  }
  // What it takes to resume must not be lost with the items.
  if (groups.length === 0 && resumes !== undefined) groups.push([]);
  const records = groups.map((group, index): SpoolRecord => {
    const record = { channel, at, items: group };
    return index === groups.length - 1 && resumes !== undefined ? { ...record, resumes } : record;
  });
  return { records, bytes, misfits: fitting.misfits };
}

interface Sized {
  readonly item: unknown;
  readonly size: number;
}

/** Puts a gap in the place of what fits no frame: one for all that stood together. */
function withoutMisfits(items: readonly unknown[], at: number): { items: readonly Sized[]; misfits: number } {
  const fitting: Sized[] = [];
  let [misfits, gap]: [number, DroppedMessages | undefined] = [0, undefined];
  const tell = (): void => {
    if (gap !== undefined) fitting.push({ item: gap, size: jsonBytes(gap) ?? 0 });
    gap = undefined;
  };
  for (const item of items) {
    const size = jsonBytes(item);
    if (size === undefined || size > itemBytes) {
      misfits++;
      gap = joinedGap(gap, momentOf(item, at), 'too-large', at);
      continue;
    }
    tell();
    fitting.push({ item, size });
  }
  tell();
  return { items: fitting, misfits };
}

/** Lines, each with its line feed, of records that are written together. */
export function encodeRecords(records: readonly SpoolRecord[]): Buffer {
  const lines = records.map(({ channel, at, items, resumes, once, producer }, index) => {
    const more = index < records.length - 1 ? { m: 1 } : {};
    return `${JSON.stringify({ c: channel, t: at, i: items, r: resumes, o: once, p: producer, ...more })}\n`;
  });
  return Buffer.from(lines.join(''));
}

function jsonBytes(item: unknown): number | undefined {
  try {
    const json = JSON.stringify(item) as string | undefined;
    return json === undefined ? undefined : Buffer.byteLength(json);
  } catch {
    return undefined;
  }
}

export interface DecodedRecord extends SpoolRecord {
  /** Whether the next record belongs to the same append. */
  readonly hasMore: boolean;
}

/** Reads a line; undefined: it is none of ours. */
export function decodeRecord(line: string): DecodedRecord | undefined {
  try {
    const { c, t, i, r, o, p, m } = JSON.parse(line) as Record<string, unknown>;
    if (typeof c !== 'string' || typeof t !== 'number' || !Array.isArray(i)) return undefined;
    const resumes = typeof r === 'object' && r !== null ? (r as Resumes) : undefined;
    const once = isOnce(o) ? o : undefined;
    const producer = typeof p === 'string' ? p : undefined;
    return { channel: c, at: t, items: i as unknown[], resumes, once, producer, hasMore: m === 1 };
  } catch {
    return undefined;
  }
}

/** The channels that are named in a text of records, whole or not. */
export function channelsIn(text: string): readonly string[] {
  return [...new Set(Array.from(text.matchAll(/\{"c":"([^"\\]+)","t":\d/g), ([, channel = '']) => channel))];
}

/** The first line of a segment, with its line feed: what to resume from where nothing behind it says more. */
export function encodeHeader(resumes: Resumes): string {
  return `${JSON.stringify({ v: 1, r: resumes })}\n`;
}

/** Reads the first line of a segment; undefined: it is none. */
export function decodeHeader(line: string): Resumes | undefined {
  try {
    const { v, r } = JSON.parse(line) as { v?: unknown; r?: Resumes };
    return v === 1 ? (r ?? {}) : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in the place of records that were dropped: for each channel one, with the exact number of its items. */
export class DroppedRecords {
  readonly #gaps = new Map<string, DroppedMessages>();
  #resumes: Resumes | undefined;
  /** Lines and the like that were dropped anew; those that a gap stood for already do not count again. */
  dropped = 0;

  get isEmpty(): boolean {
    return this.#gaps.size === 0 && this.#resumes === undefined;
  }

  add({ channel, at, items, resumes }: SpoolRecord, reason: GapReason, now: number): void {
    if (resumes !== undefined) this.#resumes = { ...this.#resumes, ...resumes };
    for (const item of items) {
      const gone = isGap(item) ? item : momentOf(item, at);
      if (!isGap(item)) this.dropped += gone.count;
      this.#gaps.set(channel, joinedGap(this.#gaps.get(channel), gone, reason, now));
    }
  }

  /** As records, in the order in which their channels first lost something; empties this. */
  take(now: number): SpoolRecord[] {
    const records = [...this.#gaps].map(([channel, gap]): SpoolRecord => ({ channel, at: now, items: [gap] }));
    const resumes = this.#resumes;
    this.#gaps.clear();
    this.#resumes = undefined;
    if (resumes === undefined) return records;
    const last = records.pop() ?? { channel: '', at: now, items: [] };
    return [...records, { ...last, resumes }];
  }
}

/** What stands in the place of one record. */
export function gapFor({ items, at }: SpoolRecord, reason: GapReason, now: number): DroppedMessages {
  let gap: DroppedMessages | undefined;
  for (const item of items) gap = joinedGap(gap, isGap(item) ? item : momentOf(item, at), reason, now);
  return gap ?? { type: 'gap', at: now, count: 0, from: at, to: at, reason };
}

/** Whether an item stands for others that are missing. */
export function isGap(item: unknown): item is DroppedMessages {
  const { type, count } = (item ?? {}) as { type?: unknown; count?: unknown };
  return type === 'gap' && typeof count === 'number';
}

type Missing = Pick<DroppedMessages, 'count' | 'orMore' | 'from' | 'to'>;

/** A gap that stands for what is missing, and for what the one before it stood for. */
function joinedGap(before: Missing | undefined, gone: Missing, reason: GapReason, now: number): DroppedMessages {
  const isCounted = before?.orMore !== true && gone.orMore !== true;
  return {
    type: 'gap',
    at: now,
    count: (before?.count ?? 0) + gone.count,
    ...(isCounted ? {} : { orMore: true }),
    from: Math.min(before?.from ?? gone.from, gone.from),
    to: Math.max(before?.to ?? gone.to, gone.to),
    reason,
  };
}

/** What one item counts for: a part of a line that goes on is no line. */
function momentOf(item: unknown, otherwise: number): Missing {
  const { at, more } = (item ?? {}) as { at?: unknown; more?: unknown };
  const moment = typeof at === 'number' ? at : otherwise;
  return { count: more === true ? 0 : 1, from: moment, to: moment };
}
