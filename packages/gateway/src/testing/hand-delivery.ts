// Delivery on the memory broker and a clock that is moved by hand, for its tests.

import type { Since } from '@telltale/protocol';
import { MemoryBroker } from '../broker/memory-broker.ts';
import type { AppendOutcome } from '../broker/broker.ts';
import { type Channel, ChannelRegistry, stream, table } from '../channels/definition.ts';
import { Delivery } from '../delivery/delivery.ts';
import type { Reader, Subscription } from '../delivery/subscription.ts';
import type { Retention } from '../types.ts';
import { message } from './describe-broker.ts';
import { ManualClock } from './manual-clock.ts';

export interface HandDelivery {
  readonly clock: ManualClock;
  readonly broker: MemoryBroker;
  readonly delivery: Delivery;
  readonly interest: [string, boolean][];
  channel(name: string): Channel;
  publish(name: string, data: unknown, key?: string): AppendOutcome;
  subscribe(reader: Reader, name: string, since?: Since): Subscription;
}

/** Streams `s/:name`, tables `t/:name`, compressed streams `c/:name`, and `slow`, which is flushed every fifth tick. */
export function handDelivery(retention: Retention = {}): HandDelivery {
  const clock = new ManualClock();
  const broker = new MemoryBroker({ clock, logBytes: 1e9 });
  const interest: [string, boolean][] = [];
  const delivery = new Delivery({
    broker,
    clock,
    flushMs: 20,
    onInterest: (...change) => interest.push(change),
    onLost: (_, error) => {
      throw error;
    },
  });
  const registry = new ChannelRegistry({
    s: stream('s/:name', { retention }),
    t: table('t/:name', { retention }),
    slow: stream('slow', { flushEvery: 5 }),
    c: stream('c/:name', { retention, compress: true }),
  });
  const channel = (name: string) => registry.find(name) as NonNullable<ReturnType<ChannelRegistry['find']>>;
  return {
    clock,
    broker,
    delivery,
    interest,
    channel,
    publish: (name: string, data: unknown, key?: string) =>
      broker.append(name, [message(data, key)], channel(name).bounds),
    subscribe: (reader: Reader, name: string, since?: Since) => delivery.subscribe(reader, channel(name), since, 1),
  };
}
