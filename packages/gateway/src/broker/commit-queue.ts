// One thing at a time with the store: a commit, then what may only be done between commits, then the next commit, of
// everything that came meanwhile. So commits are as large as the store is slow, and whoever reads between two of them
// reads a log that stands still. Knows neither logs nor followers.

import type { GatewayLog } from '../types.ts';
import { type MessageStore, nothingWritten, type StoreAppend, type StoreOutcome } from './message-store.ts';

/** What became of an append: the store's answer, or why there is none. */
export type CommitResult = StoreOutcome | { readonly kind: 'nothing-written' } | { readonly kind: 'unknown' };

export interface CommitQueueOptions {
  readonly store: MessageStore;
  readonly log: GatewayLog;
}

interface Waiting {
  readonly append: StoreAppend;
  readonly bytes: number;
  readonly settle: (result: CommitResult) => void;
}

/** Most that may wait, the commit under way included. */
export const queueBounds: { readonly appends: number; readonly bytes: number } = {
  appends: 10_000,
  bytes: 32 * 1024 * 1024,
};

/** Most of one commit, but at least one append; and how many reads go between two commits. */
const mostBytesAtOnce = 4 * 1024 * 1024;
const mostAppendsAtOnce = 2000;
const mostReadsAtOnce = 8;

export class CommitQueue {
  readonly #store: MessageStore;
  readonly #log: GatewayLog;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  readonly #reads: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #isFailing = false;
  #isClosed = false;

  constructor({ store, log }: CommitQueueOptions) {
    this.#store = store;
    this.#log = log;
  }

  /** Puts an append behind the others; `settle` is called once, in their order, and must not throw. False: no room. */
  add(append: StoreAppend, bytes: number, settle: (result: CommitResult) => void): boolean {
    const isOver = this.#waiting.length >= queueBounds.appends || this.#waitingBytes + bytes > queueBounds.bytes;
    if (this.#isClosed || (isOver && this.#waiting.length > 0)) return false;
    this.#waiting.push({ append, bytes, settle });
    this.#waitingBytes += bytes;
    this.#run();
    return true;
  }

  /** Does something between two commits; it must not reject. Who calls sees to it that not much waits. */
  between(read: () => Promise<void>): void {
    this.#reads.push(read);
    this.#run();
  }

  /** Takes nothing more; resolves when what waits has been committed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  #run(): void {
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    // What is published in the same turn goes in one commit.
    await Promise.resolve();
    while (this.#reads.length > 0 || this.#waiting.length > 0) {
      await Promise.all(this.#reads.splice(0, mostReadsAtOnce).map((read) => read()));
      if (this.#waiting.length > 0) await this.#commit(this.#next());
    }
    // In the same turn as the last look: what comes next begins anew.
    this.#running = undefined;
  }

  /** As many of the oldest as fit into one commit. They still count as waiting. */
  #next(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((waiting, index) => {
      bytes += waiting.bytes;
      return index > 0 && (bytes > mostBytesAtOnce || index >= mostAppendsAtOnce);
    });
    return end === -1 ? this.#waiting.slice() : this.#waiting.slice(0, end);
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const results = await this.#resultsOf(group);
    this.#waiting = this.#waiting.slice(group.length);
    for (const [index, { bytes, settle }] of group.entries()) {
      this.#waitingBytes -= bytes;
      settle(results[index] ?? { kind: 'unknown' });
    }
  }

  async #resultsOf(group: readonly Waiting[]): Promise<readonly CommitResult[]> {
    try {
      const outcomes = await this.#store.commit(group.map(({ append }) => append));
      // Who asks for what is there alone has tried no disk.
      if (this.#isFailing && group.some(({ append }) => append.recalls !== true)) {
        this.#log.info({}, 'The store takes messages again');
        this.#isFailing = false;
      }
      return outcomes;
    } catch (error) {
      // Said once: what fails for one commit usually fails for all of the next hour.
      if (!this.#isFailing)
        this.#log.warn({ err: error }, 'The store took no messages: who publishes is told to try again');
      this.#isFailing = true;
      const kind = (error as { code?: unknown } | undefined)?.code === nothingWritten ? 'nothing-written' : 'unknown';
      return group.map(() => ({ kind }));
    }
  }
}
