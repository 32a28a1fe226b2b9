// The part of a spool that is on disk: a queue of numbered records that a crash at any byte leaves exact. Numbers follow
// from the order of the records, so nothing has to be written when one is sent; what was read from the queue may have
// been sent, and is never dropped. Used by the spool alone; methods throw what the disk throws, and then nothing changed.

import type { Once } from '@telltale/protocol';
import type { AgentLog } from '../collector.ts';
import { Numbering } from './numbering.ts';
import { DroppedRecords, encodeHeader, encodeRecords, type Resumes, type SpoolRecord } from './record.ts';
import { repairSegment, type Taken } from './repair.ts';
import { SegmentReader, type ReadRecord } from './segment-reader.ts';
import { type Segment, Segments } from './segments.ts';
import { identityOf, type SpoolFiles } from './spool-files.ts';
import { openWatermark, readState, writeState, type SpoolState, type WatermarkFile } from './spool-state.ts';

export interface DiskQueueOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly files: SpoolFiles;
  readonly log: AgentLog;
  readonly now: () => number;
  readonly randomId: () => string;
}

export interface DiskEntry extends SpoolRecord {
  readonly once: Once;
  readonly segment: number;
  readonly index: number;
  readonly end: number;
  /** It was sent under a number of its own before it was on disk, which is no part of the channel's row. */
  readonly hasOwnNumber: boolean;
}

/** Which record of which segment. */
type Place = Pick<DiskEntry, 'segment' | 'index'>;

/** Segments are so much of the bound, and at most so large: what is dropped is dropped by whole segments. */
const segmentsPerBound = 16;
const mostSegmentBytes = 1024 * 1024;

export class DiskQueue {
  readonly #options: DiskQueueOptions;
  readonly #segments: Segments;
  #reader: SegmentReader | undefined;
  readonly #watermark: WatermarkFile;
  #state: SpoolState;
  /** Numbers of what is read next, and of what was answered last. */
  #ahead: Numbering;
  #answered: Numbering;
  /** The last record that was read from which on they are numbered anew. */
  #newNumbers: Place | undefined;
  #answeredUpTo: { readonly segment: number; readonly end: number } = { segment: 0, end: 0 };
  #resumes: Resumes = {};
  #dropped = 0;

  /** Opens what is there, as far as it is whole; makes it where there is nothing. */
  constructor(options: DiskQueueOptions) {
    const { directory, maxBytes, files } = options;
    this.#options = options;
    this.#segments = new Segments(directory, Math.min(mostSegmentBytes, Math.ceil(maxBytes / segmentsPerBound)), files);
    this.#watermark = openWatermark(files, directory);
    try {
      this.#segments.load();
      this.#state = this.#stateOf(readState(files, directory));
      this.#segments.removeBefore(this.#state.base);
      this.#segments.beginBehind(this.#state.base - 1);
      this.#repairLast();
      this.#reader = this.#newReader();
      this.#ahead = new Numbering(this.#state.producer, this.#state.lanes);
      this.#answered = new Numbering(this.#state.producer, this.#state.lanes);
      this.#skipAnswered();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Bytes that are not answered yet. */
  get bytes(): number {
    const { segment: answered, end } = this.#answeredUpTo;
    return this.#segments.list.reduce(
      (sum, { from, size }) => (from < answered ? sum : from === answered ? sum + size - end : sum + size),
      0,
    );
  }

  /** Items that were dropped since it was opened. */
  get dropped(): number {
    return this.#dropped;
  }

  /** By what was appended, answered or not. */
  get resumes(): Resumes {
    return this.#resumes;
  }

  /** Records that belong together: a crash leaves all of them or none. */
  append(records: readonly SpoolRecord[]): void {
    const lines = encodeRecords(records);
    // Before, not after: when this throws, nothing was appended.
    while (this.#segments.bytes + lines.length > this.#options.maxBytes && this.#dropOldest());
    this.#segments.append(lines, () => encodeHeader(this.#resumes));
    for (const { resumes } of records) if (resumes !== undefined) this.#resumes = { ...this.#resumes, ...resumes };
  }

  /** Takes the next record to be sent, with its number. */
  next(): DiskEntry | undefined {
    const record = this.#reader?.next();
    return record && { ...record, once: this.#number(record), hasOwnNumber: record.once !== undefined };
  }

  /** These, the oldest that were taken, are answered. */
  answered(entries: readonly DiskEntry[]): void {
    for (const entry of entries) {
      if (entry.index === 0 && entry.segment > this.#state.base) this.#advance(entry.segment);
      this.#pass(entry);
    }
    const last = entries.at(-1);
    if (last !== undefined) this.#watermark.write({ segment: last.segment, count: last.index + 1, end: last.end });
  }

  /** Records of one channel, taken and not answered, that have other numbers from now on. */
  renumber(entries: readonly (readonly [DiskEntry, Once])[]): void {
    for (const [{ segment, index, channel, hasOwnNumber }, once] of entries) {
      const others = this.#state.renumbered.filter((other) => other.segment !== segment || other.index !== index);
      this.#state = { ...this.#state, renumbered: [...others, { segment, index, once }] };
      const isOfThese = this.#newNumbers === undefined || isBehind(this.#newNumbers, { segment, index });
      if (!hasOwnNumber && isOfThese) this.#ahead.passed(channel, once);
    }
    if (entries.length > 0) this.#save();
  }

  close(): void {
    this.#watermark.close();
    this.#segments.close();
  }

  #pass(entry: DiskEntry): void {
    const { channel, items, once, hasOwnNumber, producer } = entry;
    if (producer !== undefined) this.#answered = new Numbering(producer);
    if (items.length > 0 && !hasOwnNumber) this.#answered.passed(channel, once);
    this.#answeredUpTo = entry;
  }

  #number({ segment, index, channel, items, once: own, producer }: ReadRecord): Once {
    if (producer !== undefined) {
      this.#ahead = new Numbering(producer);
      this.#newNumbers = { segment, index };
    }
    // What has no items is never sent and takes no number.
    if (items.length === 0) return { producer: this.#state.producer, seq: 0 };
    const found = this.#state.renumbered.find((other) => other.segment === segment && other.index === index);
    if (own !== undefined) return found?.once ?? own;
    if (found === undefined) return this.#ahead.next(channel);
    this.#ahead.passed(channel, found.once);
    return found.once;
  }

  #save(): boolean {
    const { directory, files, log } = this.#options;
    try {
      writeState(files, directory, this.#state);
      return true;
    } catch (error) {
      log.warn({ err: error, directory }, 'The spool could not save its state; it tries again later');
      return false;
    }
  }

  /** What was saved, if it can be gone on with; else numbers that nobody has used. */
  #stateOf(saved: ReturnType<typeof readState>): SpoolState {
    const { directory, files, log, randomId } = this.#options;
    const own = identityOf(files, directory);
    const first = this.#segments.list[0]?.from;
    if (typeof saved === 'object' && saved.directory === own) return saved;
    const anew = { directory: own, producer: randomId(), lanes: new Map<string, Once>(), renumbered: [] };
    if (typeof saved === 'object') {
      // Whoever has the original goes on with its numbers, and what we sent under them would be taken for a repetition.
      log.warn({ directory }, 'This spool is a copy; a little of it may arrive twice');
    } else if (saved === 'unreadable' || first !== undefined) {
      log.warn({ directory }, 'What this spool had sent is unreadable; some of it may arrive twice');
    }
    const state = { ...anew, base: typeof saved === 'object' ? saved.base : (first ?? 1) };
    writeState(files, directory, state);
    return state;
  }

  /** Everything before this segment is answered. Only when that is saved may the files go. */
  #advance(base: number): void {
    const renumbered = this.#state.renumbered.filter(({ segment }) => segment >= base);
    const { producer } = this.#answered;
    this.#state = { ...this.#state, producer, base, lanes: this.#answered.copy(), renumbered };
    if (this.#save()) this.#segments.removeBefore(base);
  }

  /** Cuts what was half-written at the end, and finds what to resume from. */
  #repairLast(): void {
    const last = this.#segments.list.at(-1);
    if (last === undefined) return;
    const behind = this.#newReader().behind(last);
    if (behind === undefined) return this.#segments.removeLast();
    this.#resumes = behind.resumes;
    this.#segments.reopenLast(behind.end);
  }

  #newReader(): SegmentReader {
    return new SegmentReader(this.#segments, (segment) => this.#repair(segment));
  }

  /** Puts gaps where a segment is damaged. What was read of it keeps its place, what is behind gets new numbers. */
  #repair(segment: Segment): void {
    const { directory, log, now, randomId } = this.#options;
    const { list } = this.#segments;
    const bytes = this.#segments.read(segment, 0, segment.size);
    const before = list[list.indexOf(segment) - 1];
    const { text, index } = repairSegment({
      bytes,
      isShort: bytes.length < segment.size,
      isLast: this.#segments.isLast(segment),
      taken: this.#takenOf(segment, bytes.length),
      header: () => encodeHeader((before && this.#newReader().behind(before)?.resumes) ?? {}),
      producer: randomId(),
      channels: new Set([...this.#state.lanes.keys(), ...this.#newReader().channels()]),
      now: now(),
    });
    const renumbered = this.#state.renumbered.filter((other) => isBehind(other, { segment: segment.from, index }));
    if (renumbered.length < this.#state.renumbered.length) {
      this.#state = { ...this.#state, renumbered };
      if (!this.#save()) throw new Error('the state of a damaged spool could not be saved');
    }
    this.#segments.rewrite(segment, text);
    log.warn(
      { directory, segment: segment.from },
      'A part of this spool was damaged; a gap stands in its place, and what is whole behind it is sent',
    );
  }

  /** What was handed on of a segment, in this life or before. */
  #takenOf({ from }: Segment, bytes: number): Taken {
    const { segment, count, end } = this.#watermark.found;
    if (from < segment) return { count: 0, end: bytes };
    const answered = from === segment ? { count, end: Math.min(end, bytes) } : { count: 0, end: 0 };
    // At a restart what was answered is read once more, so that the reader may stand before its end.
    const read = this.#reader?.segment === from ? this.#reader.taken : answered;
    return read.end > answered.end ? read : answered;
  }

  /** Reads past what is answered, counting its numbers. */
  #skipAnswered(): void {
    const { segment, count } = this.#watermark.found;
    if (segment < this.#state.base || count === 0) return;
    for (let entry = this.next(); entry !== undefined && entry.segment <= segment; entry = this.next()) {
      this.#pass(entry);
      if (entry.segment === segment && entry.index === count - 1) return;
    }
    // More was answered than is there: the machine lost its power, and the disk what it had promised. What comes next
    // must not be numbered like what is gone, or it would be taken for a repetition.
    const { directory, log, randomId } = this.#options;
    log.warn(
      { directory },
      'A part of this spool is missing; what was written last before the machine stopped is lost',
    );
    this.#state = { ...this.#state, producer: randomId(), base: segment + 1, lanes: new Map(), renumbered: [] };
    this.#ahead = new Numbering(this.#state.producer);
    this.#answered = new Numbering(this.#state.producer);
    this.#answeredUpTo = { segment: 0, end: 0 };
    this.#save();
    this.#segments.removeBefore(this.#state.base);
    this.#segments.beginBehind(segment);
    this.#reader = this.#newReader();
  }

  /** Drops the oldest segment that cannot have been sent. False: there is none. */
  #dropOldest(): boolean {
    const { now } = this.#options;
    const free = this.#segments.list.slice(0, -1).filter(({ from }) => from > (this.#reader?.segment ?? 0));
    const dropped = free.slice(0, free[0]?.isGap === true ? 2 : 1);
    if (dropped.length === 0 || dropped.at(-1)?.isGap === true) return false;
    const gone = new DroppedRecords();
    const reader = this.#newReader();
    for (const segment of dropped) {
      for (let record = reader.nextIn(segment); record !== undefined; record = reader.nextIn(segment)) {
        gone.add(record, 'spool-full', now());
      }
    }
    const lines = gone.take(now()).map((record) => encodeRecords([record]).toString());
    this.#segments.replace(dropped, encodeHeader({}) + lines.join(''));
    this.#dropped += gone.dropped;
    return true;
  }
}

/** Whether the second place is behind the first. */
function isBehind(one: Place, other: Place): boolean {
  return other.segment > one.segment || (other.segment === one.segment && other.index > one.index);
}
