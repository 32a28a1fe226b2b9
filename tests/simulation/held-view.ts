// What the client hands to one listener, folded as an application would and held against what was published: no message
// twice, none missing without a gap, a table as it is. Knows no frame.

import type { HeldMessage, Subscription, SubscriptionEvent } from '@telltale/client';
import type { Gap } from '@telltale/protocol';
import { type ChannelName, isTable } from './channels.ts';
import type { Faults, Property } from './properties.ts';
import { tableFault } from './table-fault.ts';
import type { Said, Truth } from './truth.ts';

type Event = SubscriptionEvent<Said | null>;

export interface HeldWorld {
  readonly who: string;
  readonly faults: Faults;
  readonly truth: Truth;
  readonly now: () => number;
}

export class HeldView {
  readonly channel: ChannelName;
  readonly #world: HeldWorld;
  /** A table's rows, key → message. */
  readonly #rows = new Map<string, HeldMessage>();
  #isFirst = true;
  #epoch: string | undefined;
  #offset = 0;
  #mayBeginAnew = true;
  #subscription: Subscription | undefined;
  /** Since the clock showed this, it has said that it is live or has a gap. */
  liveSince: number | undefined;

  constructor(channel: ChannelName, world: HeldWorld) {
    this.channel = channel;
    this.#world = world;
  }

  /** Given before the first event comes. */
  of(subscription: Subscription): void {
    this.#subscription = subscription;
  }

  take(event: Event): void {
    switch (event.type) {
      case 'messages':
        if (isTable(this.channel)) this.#tableMessages(event.messages);
        else this.#streamMessages(event.messages, event.gap);
        // What is held when one begins to listen may end with an earlier life, of whose end others were told.
        if (this.#isFirst) this.#mayBeginAnew = this.#subscription?.position?.epoch !== this.#epoch;
        this.#isFirst = false;
        return;
      case 'reset':
        this.#rows.clear();
        this.#mayBeginAnew = true;
        return;
      case 'cleared':
        return this.#fault('calm', 'found that somebody else is signed in');
      case 'freshness': {
        const isLive = event.freshness.kind === 'live' || event.freshness.kind === 'gap';
        this.liveSince = isLive ? (this.liveSince ?? this.#world.now()) : undefined;
        return;
      }
      case 'denied':
        this.liveSince = undefined;
    }
  }

  /** Looks at it between two steps, where the subscription says that it is live. */
  look(): void {
    const { position, held = [] } = this.#subscription ?? {};
    if (!isTable(this.channel) || position === undefined || this.liveSince === undefined) return;
    const life = this.#world.truth.lifeOf(this.channel, position.epoch);
    const fault = tableFault(this.#rows, life, position.offset);
    if (fault !== undefined) this.#fault(fault.property, `found it at ${position.offset} ${fault.found}`);
    const isSame = held.length === this.#rows.size && held.every((row) => this.#rows.get(row.key ?? '') === row);
    if (!isSame) this.#fault('newest-value', `found ${held.length} rows held, expected those that were handed over`);
  }

  #streamMessages(messages: readonly HeldMessage<Said | null>[], gap: Gap | undefined): void {
    const { truth, now, who } = this.#world;
    if (gap !== undefined) {
      const horizon = truth.horizon(this.channel, this.#subscription?.position?.epoch ?? this.#epoch, now(), 100);
      // Without a life of the log the gap is of the one that begins with it.
      if (this.#epoch !== undefined && !this.#mayBeginAnew && gap.from !== this.#offset + 1)
        this.#fault('exact-gap', `found gap ${gap.from} to ${gap.to} behind ${this.#offset}`);
      if (gap.to > horizon)
        this.#fault('exact-gap', `found gap ${gap.from} to ${gap.to}, where ${horizon + 1} is kept`);
      this.#offset = gap.to;
    }
    for (const { offset, epoch, time, data } of messages) {
      if (epoch !== this.#epoch) {
        // What is held when one begins to listen may be of several lives.
        if (this.#epoch !== undefined && !this.#mayBeginAnew && !this.#isFirst)
          this.#fault('epoch', `found ${offset} of the life ${epoch}, without a reset`);
      } else if (offset <= this.#offset) {
        this.#fault(offset === this.#offset ? 'no-duplicate' : 'order', `found ${offset} behind ${this.#offset}`);
      } else if (offset > this.#offset + 1 && !this.#isFirst && !this.#mayBeginAnew) {
        this.#fault('no-loss', `found ${offset} behind ${this.#offset}, without a gap`);
      }
      this.#mayBeginAnew = false;
      this.#epoch = epoch;
      this.#offset = offset;
      truth.learn(this.channel, epoch, { offset, at: time, n: data?.n, key: undefined }, who);
    }
    if (gap !== undefined && messages.length === 0) this.#offset = gap.to;
  }

  #tableMessages(messages: readonly HeldMessage<Said | null>[]): void {
    for (const message of messages) {
      const { key = '', offset, epoch, data } = message;
      const before = this.#rows.get(key);
      if (before !== undefined && before.epoch === epoch && before.offset >= offset) {
        const property = before.offset === offset ? 'no-duplicate' : 'order';
        this.#fault(property, `found ${key} of ${offset} behind that of ${before.offset}`);
      }
      const there = this.#world.truth.lifeOf(this.channel, epoch)?.at(offset);
      if (there?.n !== data?.n || there?.key !== key)
        this.#fault('content', `found publish ${data?.n} at ${offset}, expected ${there?.n}`);
      if (data === null) this.#rows.delete(key);
      else this.#rows.set(key, message);
    }
  }

  #fault(property: Property, found: string): void {
    this.#world.faults.add(property, `${this.#world.who} at ${this.channel}`, found);
  }
}
