// Senders and viewers of a stored channel, over a store that is slow, fails and dies, and a process that is killed: what
// was acknowledged is there once and in order, and every viewer ends with it, or with exactly what it was told is missing.

import type { Position } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import type { MessageStore } from '../broker/message-store.ts';
import { StoredBroker } from '../broker/stored-broker.ts';
import { type Channel, ChannelRegistry, stream } from '../channels/definition.ts';
import { message } from '../testing/describe-broker.ts';
import { HandReader } from '../testing/hand-reader.ts';
import { settled } from '../testing/hand-store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { type CommitFate, MemoryStore } from '../testing/memory-store.ts';
import { isLongRun, randomFrom, testSeed } from '../testing/random.ts';
import { Delivery } from './delivery.ts';
import type { Subscription } from './subscription.ts';

const quietLog = { debug() {}, info() {}, warn() {}, error() {} };
const registry = new ChannelRegistry({ s: stream('s', { stored: true, retention: { count: 60 } }) });
const channel = registry.find('s') as Channel;

describe('a stored channel in bad times', () => {
  it(`[STO1] [STO2] [STO3] [STO4] loses nothing that was answered, and tells no viewer a lie (seed ${testSeed})`, async () => {
    for (let run = 0; run < (isLongRun ? 500 : 25); run++) {
      await new Simulation(randomFrom(testSeed + run), `seed ${testSeed} run ${run}`).run();
    }
  });
});

/** Sends its messages in order, a few at once, and goes back to the first without an answer whenever one fails. */
class Sender {
  readonly producer: string;
  acknowledged = 0;
  next = 1;
  /** Everything up to here has to be acknowledged in the end. */
  last = 20;
  underWay = 0;
  readonly offsets = new Map<number, number>();

  constructor(producer: string) {
    this.producer = producer;
  }

  goBack(): void {
    this.next = this.acknowledged + 1;
    this.underWay = 0;
  }
}

interface Viewer {
  reader: HandReader;
  subscription: Subscription | undefined;
  readonly starts: (string | undefined)[];
}

class Simulation {
  readonly #random: () => number;
  readonly #label: string;
  readonly #clock = new ManualClock();
  readonly #store = new MemoryStore();
  readonly #held: ((fate: CommitFate | undefined) => void)[] = [];
  readonly #senders = ['p', 'q'].map((producer) => new Sender(producer));
  readonly #viewers: Viewer[] = [1, 2, 3].map(() => ({
    reader: new HandReader(),
    subscription: undefined,
    starts: [],
  }));
  #isQuiet = false;
  /** Which life of the process this is: what an earlier one answers, nobody hears. */
  #life = 0;
  #broker: StoredBroker;
  #delivery: Delivery;

  constructor(random: () => number, label: string) {
    this.#random = random;
    this.#label = label;
    this.#store.fate = () => (this.#isBad(0.4) ? this.#hold(() => this.#fate()) : this.#fate());
    this.#store.onPage = async () => {
      if (this.#isBad(0.3)) await this.#hold(() => {});
      if (this.#isBad(0.1)) throw new Error('the disk is away');
    };
    [this.#broker, this.#delivery] = this.#begin();
  }

  async run(): Promise<void> {
    for (let step = 0; step < 250; step++) await this.#step();
    this.#isQuiet = true;
    for (let round = 0; round < 200 && !this.#isOver; round++) {
      this.#letGo();
      for (const sender of this.#senders) if (sender.next <= sender.last) this.#send(sender);
      for (const viewer of this.#viewers) {
        viewer.reader.transport.isCongested = false;
        this.#delivery.resume(viewer.reader);
        this.#join(viewer);
      }
      await this.#pass(1000);
    }
    this.#judge();
  }

  async #step(): Promise<void> {
    const fate = this.#random();
    const sender = this.#pick(this.#senders);
    const viewer = this.#pick(this.#viewers);
    const { transport } = viewer.reader;
    if (fate < 0.5) this.#send(sender);
    else if (fate < 0.6) this.#letGo();
    else if (fate < 0.8) await this.#pass(this.#random() < 0.05 ? 100_000 : this.#random() * 100);
    else if (fate < 0.88) transport.isCongested = !transport.isCongested;
    else if (fate < 0.97) {
      if (viewer.subscription === undefined) this.#join(viewer);
      else this.#leave(viewer);
    } else await this.#kill();
    if (!transport.isCongested) this.#delivery.resume(viewer.reader);
    if (this.#random() < 0.5) await settled();
  }

  /** The process dies; what the store was doing then is done or not. */
  async #kill(): Promise<void> {
    this.#life++;
    this.#letGo();
    for (const sender of this.#senders) sender.goBack();
    for (const viewer of this.#viewers) this.#newSession(viewer);
    this.#delivery.stop();
    await settled();
    [this.#broker, this.#delivery] = this.#begin();
  }

  #newSession(viewer: Viewer): void {
    viewer.starts.push(...startsOf(viewer.reader));
    viewer.reader.transport.isCut = true;
    viewer.reader = new HandReader(viewer.reader.view);
    viewer.subscription = undefined;
  }

  #begin(): [StoredBroker, Delivery] {
    const clock = this.#clock;
    const broker = new StoredBroker({ clock, logBytes: 1e9, store: this.#storeOfThisLife(), log: quietLog });
    const delivery: Delivery = new Delivery({
      broker,
      clock,
      flushMs: 20,
      onInterest() {},
      onLost: (subscription) => {
        const viewer = this.#viewers.find((one) => one.subscription === subscription);
        if (viewer !== undefined) viewer.subscription = undefined;
        delivery.unsubscribe(subscription);
      },
    });
    return [broker, delivery];
  }

  /** What is left of a life that was ended asks in vain. */
  #storeOfThisLife(): MessageStore {
    const life = this.#life;
    const never = (): Promise<never> => new Promise(() => {});
    return {
      commit: (appends) => (life === this.#life ? this.#store.commit(appends) : never()),
      page: (name, request) => (life === this.#life ? this.#store.page(name, request) : never()),
    };
  }

  #send(sender: Sender): void {
    if (sender.underWay >= 8) return;
    const seq = sender.next++;
    sender.last = Math.max(sender.last, seq);
    sender.underWay++;
    const life = this.#life;
    const once = { identity: 'i', producer: sender.producer, seq };
    // A try that is repeated sends the same.
    const messages = Array.from({ length: 1 + (seq % 3) }, (_, n) => message(`${sender.producer} ${seq} ${n}`));
    const appending = Promise.resolve(this.#broker.append('s', messages, channel.bounds, once));
    void appending.then((outcome) => {
      if (life !== this.#life) return;
      sender.underWay = Math.max(0, sender.underWay - 1);
      if (outcome.kind !== 'appended') return sender.goBack();
      // An answer to a try before it went back may come late, and is as good.
      if (seq !== sender.acknowledged + 1) return;
      sender.acknowledged = seq;
      sender.next = Math.max(sender.next, seq + 1);
      if (!outcome.duplicate) sender.offsets.set(seq, outcome.position.offset);
    });
  }

  #join(viewer: Viewer): void {
    if (viewer.subscription !== undefined) return;
    const { position } = viewer.reader.view;
    viewer.subscription = this.#delivery.subscribe(viewer.reader, channel, position ?? undefined, 1);
  }

  #leave(viewer: Viewer): void {
    if (viewer.subscription !== undefined) this.#delivery.unsubscribe(viewer.subscription);
    viewer.subscription = undefined;
  }

  async #pass(ms: number): Promise<void> {
    this.#clock.advance(ms);
    this.#broker.sweep();
    await settled();
    this.#clock.advance(40);
  }

  #hold<Value>(value: () => Value): Promise<Value> {
    return new Promise((resolve) => this.#held.push(() => resolve(value())));
  }

  #letGo(): void {
    for (const release of this.#held.splice(0)) release(undefined);
  }

  #isBad(share: number): boolean {
    return !this.#isQuiet && this.#random() < share;
  }

  #fate(): CommitFate {
    if (!this.#isBad(0.12)) return 'written';
    return this.#pick(['nothing-written', 'unknown-written', 'unknown-lost'] as const);
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  get #isOver(): boolean {
    const head = this.#store.contents('s').length;
    return (
      this.#senders.every(({ acknowledged, last }) => acknowledged === last) &&
      this.#viewers.every(({ reader }) => reader.view.position?.offset === head)
    );
  }

  #judge(): void {
    const stored = this.#store.contents('s').map((text) => JSON.parse(text) as { offset: number; data: string });
    for (const { producer, acknowledged, last, offsets } of this.#senders) {
      expect(acknowledged, `${this.#label} ${producer}`).toBe(last);
      const own = stored.filter(({ data }) => data.startsWith(`${producer} `));
      const seqs = [...new Set(own.map(({ data }) => Number(data.split(' ')[1])))];
      expect(seqs, `${this.#label} ${producer}`).toEqual(Array.from({ length: last }, (_, n) => n + 1));
      expect(new Set(own.map(({ data }) => data)).size, `${this.#label} ${producer}: twice`).toBe(own.length);
      for (const [seq, offset] of offsets) expect(stored[offset - 1]?.data, this.#label).toMatch(` ${seq} `);
    }
    expect(
      stored.map(({ offset }) => offset),
      this.#label,
    ).toEqual(stored.map((_, index) => index + 1));
    for (const viewer of this.#viewers) this.#judgeViewer(viewer, stored);
  }

  #judgeViewer({ reader, starts }: Viewer, stored: readonly { offset: number; data: string }[]): void {
    const { view } = reader;
    expect(view.faults, this.#label).toEqual([]);
    expect([...starts, ...startsOf(reader)], this.#label).not.toContain('reset');
    const position: Position | null = view.position;
    expect(position?.offset, this.#label).toBe(stored.length);
    for (const { offset, data } of view.messages) expect(data, this.#label).toBe(stored[offset - 1]?.data);
    const seen = view.messages.map(({ offset }) => offset);
    const missed = view.missed.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, n) => from + n));
    const known = [...seen, ...missed].sort((one, other) => one - other);
    const first = known[0] ?? stored.length + 1;
    expect(known, this.#label).toEqual(Array.from({ length: stored.length - first + 1 }, (_, n) => first + n));
  }
}

function startsOf({ transport }: HandReader): string[] {
  return transport.frames.flatMap((frame) => (frame.type === 'subscribed' ? frame.start : []));
}
