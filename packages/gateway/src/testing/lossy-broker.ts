// A broker whose announcements are dropped, late and repeated, by a seed. Its followers hold copies, as they will with a
// broker across the network; the contract suite proves that they end equal all the same.

import type { AppendOutcome, Broker, Following, OnceKey, RecallOutcome } from '../broker/broker.ts';
import type { MemoryBroker } from '../broker/memory-broker.ts';
import { type Announcement, Replica, type Reread } from '../broker/replica.ts';
import type { Clock } from '../clock.ts';
import type { LogBounds, NewMessage } from '../log/channel-log.ts';

interface Copy {
  readonly replica: Replica;
  readonly source: Following;
}

export class LossyBroker implements Broker {
  readonly #inner: MemoryBroker;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #copies = new Map<string, Set<Copy>>();

  /** @param random numbers in [0, 1), from a seed */
  constructor(inner: MemoryBroker, clock: Clock, random: () => number) {
    this.#inner = inner;
    this.#clock = clock;
    this.#random = random;
  }

  async append(
    channel: string,
    messages: readonly NewMessage[],
    bounds: LogBounds,
    once?: OnceKey,
  ): Promise<AppendOutcome> {
    const source = this.#inner.follow(channel, bounds, () => {});
    const previous = source.log?.head ?? 0;
    const outcome = this.#inner.append(channel, messages, bounds, once);
    const { log } = source;
    source.release();
    if (log !== undefined && outcome.kind === 'appended' && !outcome.duplicate) {
      this.#announce(channel, { epoch: log.epoch, previous, head: log.head, entries: [...log.after(previous)] });
    }
    return outcome;
  }

  async recall(channel: string, bounds: LogBounds, once: OnceKey): Promise<RecallOutcome> {
    return this.#inner.recall(channel, bounds, once);
  }

  async follow(channel: string, bounds: LogBounds, onChange: () => void): Promise<Following> {
    const source = this.#inner.follow(channel, bounds, () => {});
    const replica = new Replica({
      channel,
      bounds,
      monotonic: () => this.#clock.monotonic(),
      read: async (after) => readFrom(source, after),
      onChange,
      onError: (error) => {
        throw error;
      },
    });
    const copy = { replica, source };
    const copies = this.#copies.get(channel) ?? new Set();
    copies.add(copy);
    this.#copies.set(channel, copies);
    await replica.reread();
    return {
      get log() {
        return replica.log;
      },
      get inDoubt() {
        return replica.inDoubt;
      },
      release: () => {
        copies.delete(copy);
        source.release();
      },
    };
  }

  /** Also says where each log stands, as a broker across the network does every few seconds. */
  sweep(): void {
    this.#inner.sweep();
    for (const copies of this.#copies.values()) {
      for (const { replica, source } of copies) replica.check(source.log?.position);
    }
  }

  figures(): ReturnType<Broker['figures']> {
    return this.#inner.figures();
  }

  async stop(): Promise<void> {
    this.#copies.clear();
    await this.#inner.stop();
  }

  #announce(channel: string, announcement: Announcement): void {
    for (const { replica } of this.#copies.get(channel) ?? []) {
      const fate = this.#random();
      if (fate < 0.2) continue;
      if (fate < 0.5) {
        this.#clock.after(this.#random() * 50, () => replica.announce(announcement));
        continue;
      }
      replica.announce(announcement);
      if (fate < 0.7) replica.announce(announcement);
    }
  }
}

function readFrom(source: Following, after: { epoch: string; offset: number } | undefined): Reread {
  const { log } = source;
  if (log === undefined) return { kind: 'none' };
  const resumed = after === undefined ? undefined : log.resume(after);
  if (resumed?.start === 'resumed' && after !== undefined && after.offset >= log.beginning) {
    return { kind: 'rest', head: log.head, entries: [...log.after(after.offset)] };
  }
  return { kind: 'whole', epoch: log.epoch, head: log.head, horizon: log.horizon, entries: [...log.after(0)] };
}
