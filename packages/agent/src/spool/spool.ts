// What a process has to report, kept until the hub has it: on disk, bounded, exact over a kill -9 of either side. Appending
// never throws and never waits. Agent and runs each have one; the link sends what is in its window and says what became
// of it. Knows no sockets.

import type { Once } from '@telltale/protocol';
import type { AgentLog } from '../collector.ts';
import type { DiskEntry, DiskQueue } from './disk-queue.ts';
import { newProducer, Numbering, numberOfGap } from './numbering.ts';
import { Overflow } from './overflow.ts';
import { cutRecords, gapFor, isGap, type Resumes, type SpoolRecord } from './record.ts';
import { overflowBytes, SpoolDisk } from './spool-disk.ts';
import { realFiles, type SpoolFiles } from './spool-files.ts';
import type { AppendOptions, OpenedSpool, ReopenedSpool, Spool, SpoolEntry, SpoolOptions } from './types.ts';

export { defaultSpoolBytes } from './spool-disk.ts';
export type * from './types.ts';

/** Most records that may be under way; what is behind them was never sent. */
export const windowSize = 8;
/** How much of what the disk did not take is kept over the end of the process, in the room that was kept for it. */
const lastBytes = 16 * 1024;

/** Opens a spool, after a crash as it was. Without a usable disk it is one in memory, until the disk is usable. */
export function openSpool(options: SpoolOptions): OpenedSpool {
  const disk = new SpoolDisk(options);
  return disk.begin() ?? { kind: 'open', spool: new OpenSpool(options, disk) };
}

/** Opens a spool that another process has left. Without a usable disk it stays as it is: one in memory has nothing of it. */
export function reopenSpool(options: SpoolOptions): ReopenedSpool {
  const disk = new SpoolDisk(options);
  try {
    return disk.open() ?? { kind: 'open', spool: new OpenSpool(options, disk) };
  } catch (error) {
    disk.close();
    return { kind: 'unusable', error };
  }
}

interface Entry extends SpoolEntry {
  items: readonly unknown[];
  once: Once;
  isAnswered: boolean;
  readonly resumes?: Resumes | undefined;
  /** Undefined: it is in memory alone. */
  stored: DiskEntry | undefined;
}

class OpenSpool implements Spool {
  readonly directory: string;
  readonly #files: SpoolFiles;
  readonly #log: AgentLog;
  readonly #now: () => number;
  readonly #disk: SpoolDisk;
  readonly #overflow: Overflow;
  readonly #listeners = new Set<() => void>();
  #window: readonly Entry[] = [];
  /** Of records that are in memory alone: numbers that nobody can confuse with those on disk after a crash. */
  #memory: Numbering = new Numbering(newProducer());
  /** Of records that were answered without ever being on disk. */
  #unsaved: Resumes | undefined;
  #isClosed = false;

  constructor(options: SpoolOptions, disk: SpoolDisk) {
    this.directory = options.directory;
    this.#files = options.files ?? realFiles;
    this.#log = options.log;
    this.#now = options.now ?? Date.now;
    this.#disk = disk;
    this.#overflow = new Overflow(overflowBytes, this.#now);
    this.#fill();
  }

  get window(): readonly SpoolEntry[] {
    return this.#window;
  }

  get bytes(): number {
    return (this.#disk.queue?.bytes ?? 0) + this.#overflow.bytes;
  }

  get oldestAt(): number | undefined {
    return this.#window[0]?.at;
  }

  get dropped(): number {
    return (this.#disk.queue?.dropped ?? 0) + this.#overflow.dropped;
  }

  get isInMemory(): boolean {
    return this.#held().length > 0 || !this.#overflow.isEmpty;
  }

  append(channel: string, items: readonly unknown[], { at = this.#now(), resumes }: AppendOptions = {}): void {
    if (this.#isClosed) return;
    const all = this.#unsaved === undefined ? resumes : { ...this.#unsaved, ...resumes };
    const { records, bytes, misfits } = cutRecords({ channel, at, items, resumes: all });
    if (misfits > 0)
      this.#log.warn(
        { channel, count: misfits },
        'Left out what is no JSON or larger than a frame; a gap stands in its place',
      );
    if (records.length === 0) return;
    // Behind what is in memory alone, also where this would fit and that does not.
    if (!this.#save() || !this.#disk.use((queue) => queue.append(records))) this.#overflow.push(records, bytes);
    this.#unsaved = undefined;
    this.#changed();
  }

  answered(entry: SpoolEntry): void {
    const found = this.#window.find((other) => other === entry);
    if (found === undefined || this.#isClosed) return;
    found.isAnswered = true;
    this.#changed();
  }

  refused(entry: SpoolEntry): boolean {
    const found = this.#window.find((other) => other === entry);
    if (found === undefined || this.#isClosed) return false;
    if (found.items.every((item) => isGap(item))) {
      this.answered(found);
      return false;
    }
    found.items = [gapFor(found, 'refused', this.#now())];
    found.once = numberOfGap(found.once);
    this.#changed();
    return true;
  }

  renumber(channel: string, expected: number): void {
    const open = this.#window.filter((entry) => entry.channel === channel && !entry.isAnswered);
    const before = open[0]?.once.producer;
    if (before === undefined || this.#isClosed) return;
    // Where nothing is remembered, what was sent long ago could still be under way under the old name.
    const producer = expected === 1 ? newProducer() : before;
    const row = open.filter(({ once }) => once.producer === before);
    for (const [index, entry] of row.entries()) entry.once = { producer, seq: expected + index };
    const last = { producer, seq: expected + row.length - 1 };
    if (this.#memory.last(channel)?.producer === before) this.#memory.passed(channel, last);
    this.#disk.queue?.renumber(
      row.flatMap(({ stored, once }) => (stored === undefined ? [] : [[stored, once] as const])),
    );
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  resumeOf(name: string): unknown {
    return this.#disk.queue?.resumes[name];
  }

  close(): 'kept' | 'lost' {
    if (this.#isClosed) return 'kept';
    this.#disk.askAgain();
    const isSaved = this.#save() || this.#saveLast();
    this.#isClosed = true;
    this.#disk.close();
    return isSaved ? 'kept' : 'lost';
  }

  remove(): void {
    if (!this.#isClosed) this.#disk.close();
    this.#isClosed = true;
    try {
      this.#files.rmSync(this.directory, { recursive: true, force: true });
    } catch (error) {
      this.#log.warn({ err: error, directory: this.directory }, 'A spool that is empty could not be removed');
    }
  }

  /** What is in the window and on no disk. */
  #held(): readonly Entry[] {
    return this.#window.filter(({ stored }) => stored === undefined);
  }

  /** Writes what is only in memory, as soon as the disk takes it; what may have been sent keeps its number. False: not all. */
  #save(): boolean {
    return !this.isInMemory || this.#disk.use((queue) => this.#write(queue));
  }

  /** On a full disk: at least how much is lost, and what was said last. False: not even that. */
  #saveLast(): boolean {
    this.#overflow.shrink(lastBytes);
    this.#overflow.drop(this.#held().filter(({ isAnswered }) => !isAnswered));
    this.#window = this.#window.filter(({ stored }) => stored !== undefined);
    return this.#overflow.isEmpty || this.#disk.useLast((queue) => this.#write(queue));
  }

  #write(queue: DiskQueue): void {
    for (const entry of this.#held()) {
      const { channel, at, items, resumes, once } = entry;
      queue.append([{ channel, at, items, resumes, once }]);
      // Behind all that was read so far, or it would not have been taken from memory.
      entry.stored = queue.next();
    }
    this.#overflow.flush((records) => queue.append(records));
    this.#memory = new Numbering(newProducer());
  }

  /** Lets go of what is answered at the front, takes up to 8 behind it, and tells who listens. */
  #changed(): void {
    this.#settle();
    this.#fill();
    for (const listener of this.#listeners) listener();
  }

  #settle(): void {
    const pending = this.#window.findIndex(({ isAnswered }) => !isAnswered);
    const count = pending < 0 ? this.#window.length : pending;
    if (count === 0) return;
    const done = this.#window.slice(0, count);
    this.#window = this.#window.slice(count);
    for (const { stored, resumes } of done) {
      if (stored === undefined && resumes !== undefined) this.#unsaved = { ...this.#unsaved, ...resumes };
    }
    const stored = done.flatMap((entry) => entry.stored ?? []);
    try {
      this.#disk.queue?.answered(stored);
    } catch (error) {
      this.#log.warn({ err: error, directory: this.directory }, 'The spool could not note what the hub has');
    }
  }

  #fill(): void {
    while (this.#window.length < windowSize) {
      const entry = this.#take();
      if (entry === undefined) return;
      this.#window = [...this.#window, entry];
      if (entry.isAnswered) this.#settle();
    }
  }

  #take(): Entry | undefined {
    let stored: DiskEntry | undefined;
    try {
      stored = this.#disk.queue?.next();
    } catch (error) {
      this.#log.warn({ err: error, directory: this.directory }, 'The spool cannot be read; it tries again later');
      return undefined;
    }
    if (stored !== undefined) return entryOf(stored, stored.once, stored);
    const record = this.#overflow.shift();
    if (record === undefined) return undefined;
    const { channel, items } = record;
    const once = items.length === 0 ? { producer: '', seq: 0 } : this.#memory.next(channel);
    return entryOf(record, once, undefined);
  }
}

function entryOf(record: SpoolRecord, once: Once, stored: DiskEntry | undefined): Entry {
  const { channel, at, items, resumes } = record;
  // What only says where to resume has nothing to send.
  return { channel, at, items, resumes, once, stored, isAnswered: items.length === 0 };
}
