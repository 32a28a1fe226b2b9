// A local copy of a channel's log, for brokers whose log lives elsewhere. Announcements may be lost, late or doubled: one
// that does not join on to what is here, or that knows of another life of the log, makes the copy read again.

import { ChannelLog, type LogBounds } from '../log/channel-log.ts';
import type { Entry } from '../log/segment.ts';

/** What the broker says after an append. */
export interface Announcement {
  readonly epoch: string;
  /** Head before the append: what the copy must stand at for this to join on. */
  readonly previous: number;
  readonly head: number;
  readonly entries: readonly Entry[];
}

/** The broker's answer to a read from a position. */
export type Reread =
  | { readonly kind: 'none' }
  /** What came after the position that was asked for. */
  | { readonly kind: 'rest'; readonly head: number; readonly entries: readonly Entry[] }
  /** Another life, or more is gone than can be told: everything there is. */
  | {
      readonly kind: 'whole';
      readonly epoch: string;
      readonly head: number;
      /** Up to which offset messages, or removals of a table, are gone: what a gap and a reset are told by. */
      readonly horizon: number;
      readonly entries: readonly Entry[];
    };

export interface ReplicaOptions {
  readonly channel: string;
  readonly bounds: LogBounds;
  readonly monotonic: () => number;
  readonly read: (after: { epoch: string; offset: number } | undefined) => Promise<Reread>;
  readonly onChange: () => void;
  /** A read failed; the copy stays in doubt until the next announcement or check. */
  readonly onError: (error: unknown) => void;
}

export class Replica {
  readonly #options: ReplicaOptions;
  #log: ChannelLog | undefined;
  #reading: Promise<void> | undefined;
  #isReadAgain = false;
  #inDoubt = false;

  constructor(options: ReplicaOptions) {
    this.#options = options;
  }

  get log(): ChannelLog | undefined {
    return this.#log;
  }

  get inDoubt(): boolean {
    return this.#inDoubt;
  }

  /** Takes an announcement, or reads again where it does not join on. */
  announce({ epoch, previous, head, entries }: Announcement): void {
    const log = this.#log;
    if (log !== undefined && log.epoch === epoch && head <= log.head) return;
    if (this.#reading === undefined && log !== undefined && log.epoch === epoch && previous === log.head) {
      log.adopt(entries, head, this.#options.monotonic());
      this.#options.onChange();
      return;
    }
    void this.reread();
  }

  /** Compares with where the broker stands; reads again where that is elsewhere. */
  check(position: { epoch: string; offset: number } | undefined): void {
    const here = this.#log?.position;
    if (here?.epoch !== position?.epoch || here?.offset !== position?.offset) void this.reread();
  }

  /** Reads what is missing; one read at a time, once more if asked meanwhile. Resolves when equal, or after a failure. */
  reread(): Promise<void> {
    this.#isReadAgain = true;
    this.#reading ??= this.#readUntilEqual();
    return this.#reading;
  }

  async #readUntilEqual(): Promise<void> {
    this.#inDoubt = true;
    try {
      while (this.#isReadAgain) {
        this.#isReadAgain = false;
        this.#take(await this.#options.read(this.#log?.position));
      }
      this.#inDoubt = false;
    } catch (error) {
      this.#options.onError(error);
    }
    this.#reading = undefined;
    this.#options.onChange();
  }

  #take(reread: Reread): void {
    const { channel, bounds, monotonic } = this.#options;
    if (reread.kind === 'none') {
      this.#log = undefined;
      return;
    }
    if (reread.kind === 'whole') this.#log = new ChannelLog(channel, reread.epoch, bounds, reread.horizon);
    this.#log?.adopt(reread.entries, reread.head, monotonic());
  }
}
