// Keeps a table's channel equal to rows in memory: at most so often per row, and whole again where the budget of all
// logs took what nobody read. Whoever owns the rows puts and removes them; this owns when they are published.

import type { ChannelNameUnion, Gateway, GatewayLog, MessageData, Published } from '@telltale/gateway';
import type { HubChannels } from './channels.ts';

/** The channels of the hub that are tables of its own. */
type TableName = ChannelNameUnion<HubChannels>;

export interface LiveTableOptions<Name extends TableName> {
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read'>;
  readonly channel: Name;
  /** Least time between two publishes of one row, in milliseconds. */
  readonly everyMs: number;
  readonly log: GatewayLog;
  readonly now?: () => number;
  /**
   * Rows published at each tick, new and removed ones too: for tables that strangers can set in motion. Absent: a row
   * whose turn it is, and a removal, are published at once.
   */
  readonly mostPerTick?: number;
}

type Row<Name extends TableName> = MessageData<HubChannels, Name>;

export class LiveTable<Name extends TableName> {
  readonly #options: LiveTableOptions<Name>;
  readonly #now: () => number;
  readonly #rows = new Map<string, Row<Name>>();
  /** When each key was published last; a key that waits for its turn is in `#waiting`. */
  readonly #publishedAt = new Map<string, number>();
  readonly #waiting = new Set<string>();
  /** The life of the log that holds every row; another one holds only what came since it began. */
  #epoch: string | undefined;
  #hasFailed = false;

  constructor(options: LiveTableOptions<Name>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get(key: string): Row<Name> | undefined {
    return this.#rows.get(key);
  }

  /** Publishes a row now, or when its turn comes. */
  put(key: string, row: Row<Name>): void {
    this.#rows.set(key, row);
    if (this.#options.mostPerTick === undefined && this.#isDue(key)) this.#publish([key]);
    else this.#waiting.add(key);
  }

  remove(key: string): void {
    if (!this.#rows.delete(key)) return;
    if (this.#options.mostPerTick !== undefined) {
      // Nobody has heard of a row that was never published.
      if (this.#publishedAt.has(key)) this.#waiting.add(key);
      else this.#waiting.delete(key);
      return;
    }
    this.#waiting.delete(key);
    this.#publish([key]);
  }

  /** Publishes the rows whose turn has come. Called a few times a second. */
  tick(): void {
    const { mostPerTick = Infinity } = this.#options;
    const due: string[] = [];
    for (const key of this.#waiting) {
      if (due.length >= mostPerTick) break;
      if (!this.#rows.has(key) || this.#isDue(key)) due.push(key);
    }
    if (due.length > 0) this.#publish(due);
  }

  /** Publishes every row, unless the log still holds them: somebody has begun to read. */
  async restore(): Promise<void> {
    const { gateway, channel } = this.#options;
    const { epoch } = await gateway().read(channel, { limit: 1 });
    if (epoch === null || epoch !== this.#epoch) this.#publish([...this.#rows.keys()]);
  }

  #isDue(key: string): boolean {
    const last = this.#publishedAt.get(key);
    return last === undefined || this.#now() - last >= this.#options.everyMs;
  }

  /** Publishes rows as they are now; a key without one is removed. */
  #publish(keys: readonly string[]): void {
    const now = this.#now();
    const items = keys.map((key) => {
      this.#waiting.delete(key);
      const row = this.#rows.get(key);
      if (row === undefined) this.#publishedAt.delete(key);
      else this.#publishedAt.set(key, now);
      return { key, data: row ?? null };
    });
    if (items.length === 0) return;
    const { gateway, channel, log } = this.#options;
    gateway()
      .publishBatch(channel, items)
      .then(
        (published) => this.#published(published, keys),
        (error: unknown) => log.error({ err: error, channel }, 'Rows could not be published'),
      );
  }

  #published(published: Published, keys: readonly string[]): void {
    const { channel, log } = this.#options;
    if (published.kind === 'failed') {
      // A row that is not taken must not hold up those it was published with; alone, it waits until it is another one.
      if (published.retryable) for (const key of keys) this.#waiting.add(key);
      else if (keys.length > 1) return keys.forEach((key) => this.#publish([key]));
      if (!this.#hasFailed) log.warn({ channel, keys, published }, 'Rows were not taken');
      this.#hasFailed = true;
      return;
    }
    this.#hasFailed = false;
    const { epoch } = published.position;
    const before = this.#epoch;
    this.#epoch = epoch;
    if (before === undefined || before === epoch) return;
    // The log had been taken, and began anew with these rows alone.
    const told = new Set(keys);
    this.#publish([...this.#rows.keys()].filter((key) => !told.has(key)));
  }
}
