// What was published, as far as anybody was told: by the answer to who published, or by the first frame that showed it.
// The checker compares every reader with it. Knows neither gateway nor client.

import { channels, isTable, type TableName } from './channels.ts';
import type { Faults } from './properties.ts';

/** The data of every message here: each is another. */
export interface Said {
  readonly n: number;
  readonly by: string;
  readonly pad: string;
}

/** A message of a log. */
export interface Known {
  readonly offset: number;
  /** By the gateway's clock. */
  readonly at: number;
  /** Which publish; undefined: a removal. */
  readonly n: number | undefined;
  readonly key: string | undefined;
}

/** One life of a log. */
export class Life {
  readonly epoch: string;
  /** In the order of their offsets; a table's hold its removals too. */
  readonly messages: Known[] = [];
  readonly #byOffset = new Map<number, Known>();
  #head = 0;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  get head(): number {
    return this.#head;
  }

  at(offset: number): Known | undefined {
    return this.#byOffset.get(offset);
  }

  add(message: Known): void {
    this.#byOffset.set(message.offset, message);
    const index = this.messages.findLastIndex(({ offset }) => offset < message.offset);
    this.messages.splice(index + 1, 0, message);
    this.reach(message.offset);
  }

  /** Offsets up to here were given away. */
  reach(offset: number): void {
    this.#head = Math.max(this.#head, offset);
  }

  /** Whether a row was set or removed behind an offset. */
  changesAfter(key: string, offset: number): boolean {
    return this.messages.some((message) => message.offset > offset && message.key === key);
  }

  /** A table's rows as they were at an offset: key → message. */
  rowsAt(to: number): Map<string, Known> {
    const rows = new Map<string, Known>();
    for (const message of this.messages) {
      if (message.offset > to) break;
      // Deleted first, so that the rows stand in the order of their offsets.
      rows.delete(message.key as string);
      if (message.n !== undefined) rows.set(message.key as string, message);
    }
    return rows;
  }
}

export class Truth {
  readonly #faults: Faults;
  readonly #lives = new Map<string, Life[]>();
  /** Where each publish was seen: by n, the channel and its life. */
  readonly #seen = new Map<number, string>();
  /** What is older was published in a life that is over, also where somebody who slept shows it later. */
  #diedAt = -Infinity;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  /** The newest life of a channel's log; undefined: there is none. */
  life(channel: string): Life | undefined {
    return this.#lives.get(channel)?.at(-1);
  }

  lifeOf(channel: string, epoch: string): Life | undefined {
    return this.#lives.get(channel)?.find((life) => life.epoch === epoch);
  }

  /** Whether a publish was seen in a log, in any life of it. */
  wasSeen(n: number): boolean {
    return this.#seen.has(n);
  }

  /** A message of a stream was shown, or acknowledged. */
  learn(channel: string, epoch: string, message: Known, who: string): void {
    const life = this.#begin(channel, epoch, message.at);
    const known = life.at(message.offset);
    if (known !== undefined) {
      if (known.n === message.n) return;
      return this.#faults.add(
        'content',
        who,
        `found publish ${message.n} at ${channel} ${message.offset}, where ${known.n} was published`,
      );
    }
    life.add(message);
    const place = `${channel} ${epoch}`;
    const before = message.n === undefined ? undefined : this.#seen.get(message.n);
    // What was appended to a log that died with its process may be appended anew.
    if (before === place || (before !== undefined && channels[channel as 'ledger'].isStored)) {
      this.#faults.add('once', who, `found publish ${message.n} a second time, at ${channel} ${message.offset}`);
    }
    if (message.n !== undefined) this.#seen.set(message.n, place);
  }

  /** A publish to a table was acknowledged: what it did, and the rows its bounds let go. */
  learnRow(
    channel: TableName,
    { epoch, offset }: { epoch: string; offset: number },
    message: Omit<Known, 'offset'>,
  ): void {
    const life = this.#begin(channel, epoch, message.at);
    const { keys } = channels[channel].retention;
    const rows = life.rowsAt(life.head);
    const { key = '', n, at } = message;
    if (n !== undefined || rows.has(key)) life.add({ ...message, offset: life.head + 1 });
    else life.reach(life.head + 1);
    rows.delete(key);
    if (n !== undefined) rows.set(key, { ...message, offset: life.head });
    for (const [oldest] of rows) {
      if (rows.size <= keys) break;
      rows.delete(oldest);
      life.add({ offset: life.head + 1, at, n: undefined, key: oldest });
    }
    // A table of few bytes lets rows go by what they weigh, which is not counted here: its other removals are seen.
    if (life.head === offset) return;
    this.#faults.add('position', 'the application', `found ${channel} at ${offset}, expected ${life.head}`);
  }

  /** The process that held the logs in memory is gone, and it is this time. */
  died(now: number): void {
    this.#diedAt = now;
    for (const [channel, lives] of this.#lives) {
      if (!channels[channel as 'ledger'].isStored && lives.at(-1)?.epoch !== '') lives.push(new Life(''));
    }
  }

  /**
   * Offset up to which a stream's messages may be gone by its bounds; `slackMs` is how exactly its age is known. What comes
   * may be of a life that is over.
   */
  horizon(channel: string, epoch: string | undefined, now: number, slackMs: number): number {
    const life = (epoch === undefined ? undefined : this.lifeOf(channel, epoch)) ?? this.life(channel);
    if (life === undefined || isTable(channel)) return 0;
    const { count, seconds } = channels[channel as 'aged'].retention;
    const oldest = seconds === undefined ? -Infinity : now - seconds * 1000 + slackMs;
    const aged = life.messages.findLast(({ at }) => at < oldest)?.offset ?? 0;
    return Math.max(0, life.head - count, aged);
  }

  #begin(channel: string, epoch: string, at: number): Life {
    const lives = this.#lives.get(channel) ?? [];
    this.#lives.set(channel, lives);
    const known = lives.find((life) => life.epoch === epoch);
    if (known !== undefined) return known;
    const life = new Life(epoch);
    if (at < this.#diedAt && !channels[channel as 'ledger'].isStored) {
      if (lives.length === 0) lives.push(new Life(''));
      lives.splice(-1, 0, life);
      return life;
    }
    // Nothing was known of the life that began when the last one died.
    if (lives.at(-1)?.epoch === '') lives.pop();
    lives.push(life);
    return life;
  }
}
