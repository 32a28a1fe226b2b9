// A spool's part of the disk, as the spool sees it: it takes what is written, or not now. Opens the queue as soon as the disk
// lets it, asks a disk that took nothing again after a while, and says so once. What is written is the spool's to say.

import { DiskQueue } from './disk-queue.ts';
import { newProducer } from './numbering.ts';
import { claim, type Claim } from './owner.ts';
import { freeForLastWords, makeReserve } from './reserve.ts';
import { isFull, realFiles, type SpoolFiles } from './spool-files.ts';
import type { SpoolOptions } from './types.ts';

export const defaultSpoolBytes: number = 64 * 1024 * 1024;
/** What the disk does not take, and memory holds at most, in bytes. */
export const overflowBytes: number = 4 * 1024 * 1024;
/** A disk that took nothing is asked again after this, in milliseconds. */
const retryMs = 1000;

type Owned = Extract<Claim, { kind: 'owned' }>;

export class SpoolDisk {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFiles;
  readonly #now: () => number;
  #release: (() => void) | undefined;
  #queue: DiskQueue | undefined;
  /** Since when it takes nothing, as asked last; undefined: it takes. */
  #failed: { readonly at: number; readonly error: unknown } | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#files = options.files ?? realFiles;
    this.#now = options.now ?? Date.now;
  }

  /** What is on disk; undefined: nothing that could be opened. */
  get queue(): DiskQueue | undefined {
    return this.#queue;
  }

  /** Opens what is there, or says whose it is. Throws what the disk throws. */
  open(): Owned | undefined {
    const { directory, maxBytes = defaultSpoolBytes, log } = this.#options;
    const files = this.#files;
    if (this.#release === undefined) {
      const claimed = claim(files, directory);
      if (claimed.kind === 'owned') return claimed;
      this.#release = claimed.release;
    }
    this.#queue = new DiskQueue({ directory, maxBytes, files, log, now: this.#now, randomId: newProducer });
    return undefined;
  }

  /** Makes it, or opens it, with a reserve; on a full disk in room that is made for it. What fails is tried again by `use`. */
  begin(): Owned | undefined {
    try {
      try {
        return this.#make();
      } catch (error) {
        if (!this.#makeRoom(error)) throw error;
        return this.#make();
      }
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Does something with it; false: that cannot be done now. */
  use(work: (queue: DiskQueue) => void): boolean {
    if (this.#failed !== undefined && Math.abs(this.#now() - this.#failed.at) < retryMs) return false;
    return this.#attempt(() => {
      // What memory holds has overtaken it by now: it waits for the next start.
      if (this.#queue === undefined && this.#holdsRecords()) throw new Error('it holds what is older');
      work(this.#opened());
    });
  }

  /** Lets the next `use` ask the disk, whenever it was asked last. */
  askAgain(): void {
    if (this.#failed !== undefined) this.#failed = { ...this.#failed, at: -Infinity };
  }

  /** As `use`, at once and in all the room that is kept for it. */
  useLast(work: (queue: DiskQueue) => void): boolean {
    freeForLastWords(this.#files, this.#options.directory);
    const attempt = (): boolean => this.#attempt(() => work(this.#opened()));
    return attempt() || (this.#makeRoom(this.#failed?.error) && attempt());
  }

  /** Lets go of it; what is in it stays for the next who opens it. */
  close(): void {
    const { directory, log } = this.#options;
    try {
      this.#queue?.close();
    } catch (error) {
      log.warn({ err: error, directory }, 'The spool was not closed in order');
    }
    this.#release?.();
    try {
      if (this.#queue === undefined) this.#files.rmdirSync(directory);
    } catch {
      // It is not empty, or was never made.
    }
  }

  #make(): Owned | undefined {
    const { directory } = this.#options;
    this.#files.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const owned = this.open();
    if (owned === undefined) makeReserve(this.#files, directory);
    return owned;
  }

  #opened(): DiskQueue {
    const owned = this.#queue === undefined ? this.#make() : undefined;
    if (this.#queue === undefined) throw new Error(`process ${owned?.pid} has it`);
    return this.#queue;
  }

  #attempt(work: () => void): boolean {
    try {
      work();
    } catch (error) {
      this.#fail(error);
      return false;
    }
    const { directory, log } = this.#options;
    if (this.#failed !== undefined) log.warn({ directory }, 'The disk takes the spool again');
    this.#failed = undefined;
    return true;
  }

  #fail(error: unknown): void {
    const { directory, log } = this.#options;
    if (this.#failed === undefined) {
      const most = overflowBytes / (1024 * 1024);
      log.warn({ err: error, directory }, `The disk does not take the spool; at most ${most} MiB are kept in memory`);
    }
    this.#failed = { at: this.#now(), error };
  }

  #makeRoom(error: unknown): boolean {
    return isFull(error) && this.#options.makeRoom?.() === true;
  }

  #holdsRecords(): boolean {
    try {
      return this.#files.readdirSync(this.#options.directory).some((name) => name.endsWith('.jsonl'));
    } catch {
      return false;
    }
  }
}
