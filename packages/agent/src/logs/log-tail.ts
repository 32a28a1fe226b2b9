// Follows one log file by its name: what is added to it, its rotation by renaming or by copying and emptying, its absence
// and return. Where it stands goes into the spool with the lines, so that a restart goes on exactly behind the last line
// that is safe. Looks when it is told to.

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { AgentLog } from '../collector.ts';
import type { DroppedMessages, Line, LogMessage } from '../run-events.ts';
import type { Spool } from '../spool/spool.ts';
import type { Piece } from './byte-lines.ts';
import type { LogName } from './log-names.ts';
import { type LogPlace, LogReader } from './log-reader.ts';
import { type FileIdentity, identify, type RotatedFile, rotatedOf } from './rotated.ts';

export interface LogTailOptions {
  readonly name: LogName;
  /** `logs/<agent>/<file>`. */
  readonly channel: string;
  readonly spool: Pick<Spool, 'append' | 'resumeOf'>;
  readonly log: AgentLog;
  /** Milliseconds since the epoch. Only for tests. */
  readonly now?: () => number;
}

/** Where a tail stood: what the file was before and is not read to its end, then what it is. */
interface TailPlace {
  readonly at: number;
  readonly files: readonly LogPlace[];
}

interface OpenFile {
  readonly reader: LogReader;
  /** Since when the name stands for another file, or for none; undefined: it stands for this one. */
  leftAt: number | undefined;
  wasHolding: boolean;
}

/** How much of a file that was there before the agent was is told, in bytes. */
const lookBackBytes = 64 * 1024;
/** Bytes that one look reads; what is left waits for the next, which comes soon. */
const mostPerLook = 1024 * 1024;
/** How long a file that was renamed may still be written to, in milliseconds: its program has to notice first. */
const lingerMs = 30_000;
/** What changed twice within this may have one time, in milliseconds. */
const tickMs = 100;
/** Clocks of file systems are coarse: a copy may seem to be older than what was read before it. */
const clockMs = 1000;

export class LogTail {
  readonly #options: LogTailOptions;
  readonly #now: () => number;
  /** In the order in which they are read. */
  #files: OpenFile[] = [];
  #place: TailPlace | undefined;
  /** A file that appears from now on is read from its beginning. */
  #hasLooked = false;
  #isTold = false;
  /** Of lines that nobody will read: said once, since a program may empty its file every second. */
  #hasWarned = false;
  /** The file as it was when there was nothing left to do. */
  #still: FileIdentity | undefined;
  /** When all that was there had been read. */
  #readAt: number | undefined;

  constructor(options: LogTailOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#place = placeOf(options.spool.resumeOf(this.#resumeName));
  }

  /** Reads what is new. True: there is more, look again soon. */
  look(): boolean {
    const { path } = this.#options.name;
    try {
      const present = identify(path);
      if (present === undefined && existsSync(path)) throw new Error('found something else than a file');
      if (this.#still !== undefined && isSame(present, this.#still)) {
        this.#readAt = this.#now();
        return false;
      }
      this.#still = undefined;
      if (this.#files.length === 0) this.#begin(path);
      else this.#follow(path);
      this.#hasLooked = true;
      const hasMore = this.#readAll();
      if (!hasMore) this.#readAt = this.#now();
      this.#isTold = false;
      // Most looks are at a file that nothing was added to.
      if (!hasMore && this.#isDone(present)) this.#still = present;
      return hasMore;
    } catch (error) {
      if (!this.#isTold) this.#options.log.warn({ err: error, path }, `The log file ${path} cannot be read`);
      this.#isTold = true;
      return false;
    }
  }

  /** Lets go of the files. What is held back of an unfinished line is read again after the next start. */
  close(): void {
    for (const { reader } of this.#files.splice(0)) reader.close();
  }

  /** Whether all of a file as it was found is read, and nothing else is open. */
  #isDone(found: FileIdentity | undefined): boolean {
    const [only, another] = this.#files;
    if (only === undefined || another !== undefined || only.leftAt !== undefined) return false;
    const { id, offset } = only.reader.place;
    // Within one tick of the disk's clock it may change again and look the same.
    return id === found?.id && offset === found.size && this.#now() - found.modifiedAt > tickMs;
  }

  get #resumeName(): string {
    return `log:${this.#options.name.file}`;
  }

  #begin(path: string): void {
    const place = this.#place;
    if (place === undefined) {
      // What was there before is not told from its beginning.
      return this.#add(LogReader.open(path, { offset: this.#hasLooked ? 0 : startOf(path), part: 0 }));
    }
    for (const file of place.files) this.#add(this.#resumed(path, file, place.at));
    if (this.#files.length < place.files.length && !this.#hasLooked) this.#tellUnread(path, place.at);
    this.#follow(path);
  }

  /** How much was added to a file before it was gone or emptied, nobody knows: perhaps nothing. */
  #tellUnread(path: string, since: number): void {
    const words = `The log file ${path} was rotated away or emptied unread; some lines may be missing`;
    if (!this.#hasWarned) this.#options.log.warn({ path }, words);
    this.#hasWarned = true;
    const at = this.#now();
    const gap: DroppedMessages = { type: 'gap', at, count: 0, orMore: true, from: since, to: at, reason: 'rotated' };
    this.#say([gap], at);
  }

  /** Finds a file where it was left: under its name, renamed, or as the copy that was made before it was emptied. */
  #resumed(path: string, place: LogPlace, at: number): LogReader | undefined {
    const rotated = rotatedOf(path);
    const same = [path, ...rotated.map((file) => file.path)].find((other) => identify(other)?.id === place.id);
    const reader = same === undefined ? undefined : LogReader.resume(same, place);
    if (reader !== undefined || place.head === '') return reader;
    // One that keeps the time of what it was copied from is known by having nothing more than was read.
    const isCopy = ({ id, modifiedAt, size }: RotatedFile): boolean =>
      id !== place.id && (modifiedAt >= at - clockMs || size === place.offset);
    for (const copy of rotated.filter(isCopy).toReversed()) {
      const resumed = LogReader.resume(copy.path, place);
      if (resumed !== undefined) return resumed;
    }
    return undefined;
  }

  /** Opens what the name stands for now, and what it stood for in between. */
  #follow(path: string): void {
    const present = identify(path);
    const last = this.#files.at(-1);
    if (present?.id === last?.reader.id) {
      if (last !== undefined) last.leftAt = undefined;
      return;
    }
    if (last !== undefined) last.leftAt ??= this.#now();
    if (present === undefined) return;
    const since = last?.reader.modifiedAt ?? Infinity;
    const known = new Set(this.#files.map(({ reader }) => reader.id));
    const isBetween = ({ id, modifiedAt }: { id: string; modifiedAt: number }): boolean =>
      !known.has(id) && id !== present.id && modifiedAt > since;
    for (const between of rotatedOf(path).filter(isBetween)) this.#add(LogReader.open(between.path));
    this.#add(LogReader.open(path));
  }

  #add(reader: LogReader | undefined): void {
    if (reader === undefined) return;
    const last = this.#files.at(-1);
    if (last !== undefined) last.leftAt ??= this.#now();
    this.#files.push({ reader, leftAt: undefined, wasHolding: false });
  }

  /** In order: a file is read to its end before the one that follows it. */
  #readAll(): boolean {
    let left = mostPerLook;
    for (let file = this.#files[0]; file !== undefined; file = this.#after(file)) {
      const { reader } = file;
      if (!reader.isWhatItWas) file = this.#emptied(file);
      for (;;) {
        const { pieces, bytes } = file.reader.read();
        this.#append(pieces);
        left -= bytes;
        if (bytes === 0) break;
        if (left <= 0) return true;
      }
      this.#settle(file);
    }
    return false;
  }

  #after(file: OpenFile): OpenFile | undefined {
    return this.#files[this.#files.indexOf(file) + 1];
  }

  /** What was in it is in its copy, as a rule; what is in it now comes after that. Answers what to read first. */
  #emptied(file: OpenFile): OpenFile {
    const { path } = this.#options.name;
    const { reader } = file;
    const copy = this.#resumed(path, { ...reader.place, id: '' }, this.#place?.at ?? 0);
    if (copy === undefined) this.#append(reader.end());
    reader.restart();
    if (copy === undefined) {
      this.#tellUnread(path, this.#readAt ?? this.#place?.at ?? this.#now());
      return file;
    }
    const before = { reader: copy, leftAt: this.#now(), wasHolding: false };
    this.#files.splice(this.#files.indexOf(file), 0, before);
    return before;
  }

  /** Shows what a person may be waiting for, and lets go of a file to which nothing is added any more. */
  #settle(file: OpenFile): void {
    const { reader, leftAt } = file;
    const hasFollower = this.#after(file) !== undefined;
    // Pieces of two files must not be taken for one line.
    if (hasFollower) this.#append(reader.end());
    else if (file.wasHolding && reader.isHolding) this.#append(reader.show());
    file.wasHolding = reader.isHolding;
    if (leftAt === undefined || this.#now() - leftAt < lingerMs) return;
    this.#append(reader.end());
    reader.close();
    this.#files = this.#files.filter((other) => other !== file);
  }

  #append(pieces: readonly Piece[]): void {
    if (pieces.length === 0) return;
    const at = this.#now();
    const lines = pieces.map((piece): Line => ({ type: 'line', at, ...piece }));
    this.#say(lines, at);
  }

  /** Hands messages on, with the place behind them. */
  #say(messages: readonly LogMessage[], at: number): void {
    const { channel, spool } = this.#options;
    this.#place = { at, files: this.#files.map(({ reader }) => reader.place) };
    spool.append(channel, messages, { at, resumes: { [this.#resumeName]: this.#place } });
  }
}

function isSame(one: FileIdentity | undefined, other: FileIdentity): boolean {
  return one?.id === other.id && one.size === other.size && one.modifiedAt === other.modifiedAt;
}

function placeOf(value: unknown): TailPlace | undefined {
  const { at, files } = (value ?? {}) as Partial<TailPlace>;
  return typeof at === 'number' && Array.isArray(files) ? { at, files } : undefined;
}

/** Where a file is first read: at the beginning of a line, not too far from its end. */
function startOf(path: string): number {
  const size = identify(path)?.size ?? 0;
  if (size <= lookBackBytes) return 0;
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(lookBackBytes);
    const count = readSync(descriptor, bytes, 0, lookBackBytes, size - lookBackBytes);
    const lineFeed = bytes.subarray(0, count).indexOf(0x0a);
    return lineFeed < 0 ? size - lookBackBytes : size - lookBackBytes + lineFeed + 1;
  } finally {
    closeSync(descriptor);
  }
}
