// Delivery on a broker that answers later, as one across the network does.

import { describe, expect, it } from 'vitest';
import type { Broker, Following } from '../broker/broker.ts';
import { MemoryBroker } from '../broker/memory-broker.ts';
import { ChannelRegistry, stream } from '../channels/definition.ts';
import { message } from '../testing/describe-broker.ts';
import { HandReader } from '../testing/hand-reader.ts';
import { handStore, settled } from '../testing/hand-store.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { eventually } from '../testing/plain-client.ts';
import { startGateway, testChannels } from '../testing/start-gateway.ts';
import { Delivery } from './delivery.ts';
import type { Subscription } from './subscription.ts';

/** Follows when the test says so, and counts what is followed. */
class LaterBroker extends MemoryBroker {
  open = 0;
  readonly #waiting: { settle: (error?: Error) => void }[] = [];

  get asBroker(): Broker {
    return {
      append: (...values) => this.append(...values),
      recall: (...values) => this.recall(...values),
      follow: (...values) => this.#followLater(...values),
      sweep: () => this.sweep(),
      figures: () => this.figures(),
      stop: () => this.stop(),
    };
  }

  async settle(error?: Error): Promise<void> {
    for (const { settle } of this.#waiting.splice(0)) settle(error);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  #followLater(...values: Parameters<Broker['follow']>): Promise<Following> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        if (error !== undefined) return reject(error);
        const following = this.follow(...values);
        this.open++;
        const release = (): void => {
          this.open--;
          following.release();
        };
        resolve({
          release,
          inDoubt: false,
          get log() {
            return following.log;
          },
        });
      };
      this.#waiting.push({ settle });
    });
  }
}

function setUp() {
  const clock = new ManualClock();
  const broker = new LaterBroker({ clock, logBytes: 1e9 });
  const lost: Subscription[] = [];
  const onLost = (subscription: Subscription): void => void lost.push(subscription);
  const delivery = new Delivery({ broker: broker.asBroker, clock, flushMs: 20, onInterest() {}, onLost });
  const registry = new ChannelRegistry({ s: stream('s') });
  const channel = registry.find('s') as NonNullable<ReturnType<ChannelRegistry['find']>>;
  const publish = (data: unknown) => broker.append('s', [message(data)], channel.bounds);
  const subscribe = (reader: HandReader) => delivery.subscribe(reader, channel, undefined, 1);
  return { clock, broker, delivery, lost, publish, subscribe };
}

const dataOf = ({ transport }: HandReader) =>
  transport.messages('s').flatMap(({ messages }) => messages.map(({ data }) => data));

describe('subscribing where following takes time', () => {
  it('[SUB3] begins for each when the log is here, and follows once', async () => {
    const { clock, broker, delivery, publish, subscribe } = setUp();
    publish(1);
    const readers = Array.from({ length: 3 }, () => new HandReader());
    const subscriptions = readers.map(subscribe);
    publish(2);
    clock.advance(100);
    expect(readers.flatMap(({ transport }) => transport.frames)).toEqual([]);
    await broker.settle();
    expect(broker.open).toBe(1);
    publish(3);
    clock.advance(100);
    for (const reader of readers) expect(dataOf(reader)).toEqual([1, 2, 3]);
    for (const subscription of subscriptions) delivery.unsubscribe(subscription);
    expect(broker.open).toBe(0);
  });

  it('[SUB6] sends nothing to who left before the log was here, and keeps nothing open', async () => {
    const { clock, broker, delivery, publish, subscribe } = setUp();
    publish(1);
    const [gone, stays, alone] = [new HandReader(), new HandReader(), new HandReader()];
    const leaving = subscribe(gone);
    const staying = subscribe(stays);
    delivery.unsubscribe(leaving);
    await broker.settle();
    clock.advance(100);
    expect(gone.transport.frames).toEqual([]);
    expect(dataOf(stays)).toEqual([1]);
    delivery.unsubscribe(staying);
    delivery.unsubscribe(subscribe(alone));
    await broker.settle();
    clock.advance(100);
    expect(alone.transport.frames).toEqual([]);
    expect(broker.open).toBe(0);
    expect(delivery.hasReaders('s')).toBe(false);
  });

  it('[SUB1] tells who cannot be given the channel, and follows anew for the next', async () => {
    const { clock, broker, delivery, lost, publish, subscribe } = setUp();
    publish(1);
    const subscription = subscribe(new HandReader());
    await broker.settle(new Error('not reachable'));
    expect(lost).toEqual([subscription]);
    delivery.unsubscribe(subscription);
    const reader = new HandReader();
    subscribe(reader);
    await broker.settle();
    clock.advance(100);
    expect(dataOf(reader)).toEqual([1]);
  });

  it('[SUB1] says unsubscribed over the socket when a channel cannot be followed', async () => {
    const broker = new LaterBroker({ clock: new ManualClock(), logBytes: 1e9 });
    await using started = await startGateway({ channels: testChannels, broker: broker.asBroker });
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'subscribe', id: 1, channel: 'log/a' });
    await eventually('a subscription', () => started.gateway.hasReaders('log/a'));
    await broker.settle(new Error('not reachable'));
    expect(await client.ofType('unsubscribed')).toMatchObject({ channel: 'log/a', code: 4503, retry: true });
    expect(started.gateway.hasReaders('log/a')).toBe(false);
    expect(started.events.at(-1)).toMatchObject({
      type: 'unsubscribed',
      channel: 'log/a',
      reason: 'the channel cannot be read now',
    });
  });
});

describe('a log that is read again', () => {
  it('[RES3] tells who was live exactly what it no longer holds', async () => {
    const { clock, store, broker } = handStore();
    const delivery = new Delivery({ broker, clock, flushMs: 20, onInterest() {}, onLost() {} });
    const registry = new ChannelRegistry({ s: stream('s', { stored: true, retention: { count: 3 } }) });
    const channel = registry.find('s') as NonNullable<ReturnType<ChannelRegistry['find']>>;
    const publish = (data: unknown) => broker.append('s', [message(data)], channel.bounds);
    await publish(1);
    const reader = new HandReader();
    delivery.subscribe(reader, channel, undefined, 1);
    await settled();
    clock.advance(100);
    store.fate = () => 'unknown-written';
    store.onPage = () => Promise.reject(new Error('the disk is away'));
    for (let n = 2; n <= 9; n++) await publish(n);
    store.fate = () => 'written';
    store.onPage = () => {};
    await publish(10);
    await settled();
    clock.advance(100);
    expect(dataOf(reader)).toEqual([1, 8, 9, 10]);
    expect(reader.view).toMatchObject({ faults: [], missed: [{ from: 2, to: 7 }], position: { offset: 10 } });
  });
});

describe('a turn of the catch-up', () => {
  it('[DLV2] passes by who became congested while it waited', async () => {
    const { clock, broker, delivery, publish, subscribe } = setUp();
    for (let n = 0; n < 200; n++) publish('x'.repeat(1000));
    const reader = new HandReader();
    subscribe(reader);
    await broker.settle();
    reader.transport.isCongested = true;
    clock.advance(100);
    expect(reader.transport.messages('s')).toEqual([]);
    reader.transport.isCongested = false;
    delivery.resume(reader);
    clock.advance(100);
    expect(dataOf(reader)).toHaveLength(200);
  });
});
