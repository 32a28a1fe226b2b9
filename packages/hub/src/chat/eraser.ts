// What was taken back vanishes from the database's journal too, where pages still stand as they were: soon after the last
// deletion or edit, and again while somebody reads the journal.

import type { GatewayLog } from '@telltale/gateway';
import type { Storage } from '../storage/storage.ts';

export interface EraserOptions {
  readonly storage: Pick<Storage, 'foldJournalBack'>;
  readonly log: GatewayLog;
  /** From the first thing to erase, and between two tries, in milliseconds. */
  readonly afterMs?: number;
}

export class Eraser {
  readonly #options: EraserOptions;
  #timer: NodeJS.Timeout | undefined;
  /** What is being erased now. */
  #work: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: EraserOptions) {
    this.#options = options;
  }

  /** Something was taken back. */
  due(): void {
    if (this.#isStopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#work = this.#erase();
    }, this.#options.afterMs ?? 2000).unref();
  }

  /** Erases at once what is due, and nothing after that; before the database is closed. */
  async flush(): Promise<void> {
    await this.#work;
    this.#isStopped = true;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#options.storage.foldJournalBack().catch((error: unknown) => this.#failed(error));
  }

  async #erase(): Promise<void> {
    try {
      if (!(await this.#options.storage.foldJournalBack())) this.due();
    } catch (error) {
      this.#failed(error);
      this.due();
    }
  }

  #failed(error: unknown): void {
    this.#options.log.warn({ err: error }, 'What was deleted in a room is still in the journal; it is tried again');
  }
}
