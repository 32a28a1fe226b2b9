import { describe, expect, it } from 'vitest';
import type { Broker } from '../broker/broker.ts';
import { ChannelLog, tombstoneBounds } from '../log/channel-log.ts';
import { message } from '../testing/describe-broker.ts';
import { HandReader } from '../testing/hand-reader.ts';
import { handDelivery } from '../testing/hand-delivery.ts';
import { Delivery } from './delivery.ts';

const dataOf = (reader: HandReader, name: string) =>
  reader.transport.messages(name).flatMap(({ messages }) => messages.map(({ data }) => data));

describe('subscribing', () => {
  it('[SUB1] answers with subscribed and at least one frame of messages, also without a log', () => {
    const { clock, subscribe, publish } = handDelivery();
    const reader = new HandReader();
    subscribe(reader, 's/a');
    clock.advance(0);
    expect(reader.transport.frames).toEqual([
      { type: 'subscribed', id: 1, channel: 's/a', kind: 'stream', start: 'fresh', position: null },
      { type: 'messages', channel: 's/a', epoch: null, messages: [], to: 0 },
    ]);
    publish('s/a', 'first');
    clock.advance(20);
    expect(dataOf(reader, 's/a')).toEqual(['first']);
    const other = new HandReader();
    subscribe(other, 's/a', { last: 0 });
    clock.advance(0);
    expect(other.transport.messages('s/a')).toMatchObject([{ messages: [], to: 1 }]);
  });

  it('[SUB2] [RES3] tells what has gone of a log that began after a viewer was told that there was none', () => {
    const { clock, subscribe, publish, delivery } = handDelivery({ count: 50 });
    const slow = new HandReader();
    slow.transport.isCongested = true;
    subscribe(slow, 's/a');
    clock.advance(10);
    for (let n = 1; n <= 60; n++) publish('s/a', n);
    slow.transport.isCongested = false;
    delivery.resume(slow);
    clock.advance(10);
    expect(slow.transport.messages('s/a')).toMatchObject([{ gap: { from: 1, to: 10 }, to: 60 }]);
    expect(slow.view.faults).toEqual([]);
  });

  it('[SUB3] misses nothing and repeats nothing around the moment it becomes live', () => {
    const { clock, subscribe, publish } = handDelivery();
    for (let n = 1; n <= 300; n++) publish('s/a', `${n} ${'x'.repeat(1000)}`);
    const early = new HandReader();
    subscribe(early, 's/a');
    for (let n = 301; n <= 400; n++) {
      publish('s/a', `${n} ${'x'.repeat(1000)}`);
      if (n % 7 === 0) clock.advance(3);
      if (n === 350) subscribe(new HandReader(), 's/a');
    }
    clock.advance(1000);
    expect(early.view.faults).toEqual([]);
    expect(early.view.messages.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 400 }, (_, index) => index + 1),
    );
  });

  it('[RES1] [RES2] resumes from a position it got between two flushes', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const reader = new HandReader();
    const first = subscribe(reader, 's/a');
    for (let n = 1; n <= 10; n++) publish('s/a', n);
    clock.advance(100);
    publish('s/a', 11);
    const outcome = publish('s/a', 12);
    delivery.unsubscribe(first);
    const position = outcome.kind === 'appended' ? outcome.position : null;
    subscribe(reader, 's/a', position ?? undefined);
    publish('s/a', 13);
    clock.advance(100);
    expect(
      reader.transport.frames.find((frame) => frame.type === 'subscribed' && frame.start === 'resumed'),
    ).toBeDefined();
    expect(dataOf(reader, 's/a').slice(-1)).toEqual([13]);
    expect(reader.view.faults).toEqual([]);
  });

  it('[SUB3] repeats nothing to who resumes beyond what the tick has flushed', () => {
    const { clock, subscribe, publish } = handDelivery();
    const live = new HandReader();
    subscribe(live, 's/a');
    clock.advance(100);
    publish('s/a', 1);
    clock.advance(1);
    publish('s/a', 2);
    const outcome = publish('s/a', 3);
    const reader = new HandReader();
    subscribe(reader, 's/a', outcome.kind === 'appended' ? (outcome.position ?? undefined) : undefined);
    const newest = new HandReader();
    subscribe(newest, 's/a', { last: 0 });
    clock.advance(5);
    publish('s/a', 4);
    clock.advance(100);
    expect(dataOf(live, 's/a')).toEqual([1, 2, 3, 4]);
    for (const { view } of [live, reader, newest]) expect(view.faults).toEqual([]);
    expect(dataOf(reader, 's/a')).toEqual([4]);
    expect(dataOf(newest, 's/a')).toEqual([4]);
  });

  it('[RES4] [LOG5] tells everybody when a followed log begins a new life, also who comes before the flush', () => {
    const { clock, channel } = handDelivery();
    const logOf = (epoch: string, count: number): ChannelLog => {
      const log = new ChannelLog('s/a', epoch, channel('s/a').bounds);
      for (let n = 1; n <= count; n++) log.append([message(`${epoch} ${n}`)], 0, 0);
      return log;
    };
    const following = { log: logOf('e1', 10), inDoubt: false, release() {} };
    let tell = (): void => {};
    const broker: Broker = {
      append: () => ({ kind: 'unavailable', reason: 'appended elsewhere' }),
      recall: () => ({ kind: 'not-appended' }),
      follow: (_name, _bounds, onChange) => ((tell = onChange), following),
      sweep() {},
      figures: () => ({ logs: 1, logBytes: 0, evictions: 0 }),
      stop: async () => {},
    };
    const delivery = new Delivery({ broker, clock, flushMs: 20, onInterest() {}, onLost() {} });
    const [live, early, behind] = [new HandReader(), new HandReader(), new HandReader()];
    for (const reader of [live, behind]) delivery.subscribe(reader, channel('s/a'), undefined, 1);
    clock.advance(100);
    behind.transport.isCongested = true;
    following.log.append([message('e1 11')], 0, 0);
    tell();
    clock.advance(100);
    following.log = logOf('e2', 3);
    delivery.subscribe(early, channel('s/a'), undefined, 1);
    clock.advance(1);
    expect(early.view.position).toEqual({ epoch: 'e2', offset: 3 });
    behind.transport.isCongested = false;
    delivery.resume(behind);
    clock.advance(1);
    tell();
    clock.advance(100);
    for (const { view, transport } of [live, early, behind]) {
      expect(view.faults).toEqual([]);
      expect(view.messages.map(({ data }) => data)).toEqual(['e2 1', 'e2 2', 'e2 3']);
      expect(transport.frames.filter(({ type }) => type === 'subscribed').length).toBeLessThanOrEqual(2);
    }
    expect(early.transport.frames.filter(({ type }) => type === 'subscribed')).toHaveLength(1);
    expect(delivery.figures.behind).toBe(0);
  });

  it('[RES4] begins anew where the log is another one, and says so', () => {
    const { clock, subscribe, publish } = handDelivery();
    publish('t/a', 1, 'k');
    const reader = new HandReader();
    subscribe(reader, 't/a', { epoch: 'other', offset: 5 });
    clock.advance(10);
    expect(reader.view).toMatchObject({ start: 'reset', rows: new Map([['k', 1]]) });
    const late = new HandReader();
    subscribe(late, 's/never', { epoch: 'other', offset: 5 });
    expect(late.view.start).toBe('reset');
  });

  it('[SUB2] [RES4] reads a large table whose old removals are forgotten, once and to its end', () => {
    const { clock, subscribe, publish } = handDelivery();
    for (let n = 0; n < 300; n++) publish('t/a', 'x'.repeat(1000), `row${n}`);
    publish('t/a', 1, 'gone');
    publish('t/a', null, 'gone');
    clock.advance(tombstoneBounds.ms + 1);
    publish('t/a', 'y', 'newest');
    const reader = new HandReader();
    subscribe(reader, 't/a');
    clock.advance(1000);
    expect(reader.transport.frames.filter(({ type }) => type === 'subscribed')).toMatchObject([{ start: 'fresh' }]);
    expect(reader.view).toMatchObject({ isComplete: true, faults: [] });
    expect(reader.view.rows.size).toBe(301);
  });

  it('tells who is interested in a channel', () => {
    const { subscribe, interest, delivery } = handDelivery();
    const one = subscribe(new HandReader(), 's/a');
    const two = subscribe(new HandReader(), 's/a');
    delivery.unsubscribe(one);
    expect(delivery.hasReaders('s/a')).toBe(true);
    delivery.unsubscribe(two);
    delivery.unsubscribe(two);
    expect(interest).toEqual([
      ['s/a', true],
      ['s/a', false],
    ]);
  });
});

describe('flushing', () => {
  it('[DLV1] joins what came since the last flush into one frame that all viewers share', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const readers = Array.from({ length: 3 }, () => new HandReader());
    for (const reader of readers) subscribe(reader, 's/a');
    clock.advance(100);
    publish('s/a', 1);
    clock.advance(0);
    expect(dataOf(readers[0] as HandReader, 's/a')).toEqual([1]);
    for (let n = 2; n <= 17; n++) publish('s/a', n);
    clock.advance(19);
    expect(dataOf(readers[0] as HandReader, 's/a')).toEqual([1]);
    clock.advance(1);
    const frames = readers.map(({ transport }) => transport.buffers.at(-1));
    expect(readers[0]?.transport.messages('s/a').at(-1)?.messages).toHaveLength(16);
    expect(new Set(frames).size).toBe(1);
    expect(delivery.figures).toMatchObject({ joined: 45, messages: 51, behind: 0 });
  });

  it('[DLV5] sends all logs of a session in one write', () => {
    const { clock, subscribe, publish } = handDelivery();
    const reader = new HandReader();
    for (const name of ['s/a', 's/b', 't/c']) subscribe(reader, name);
    clock.advance(100);
    const before = reader.transport.writes.length;
    publish('s/a', 1);
    publish('s/b', 2);
    publish('t/c', 3, 'k');
    clock.advance(20);
    expect(reader.transport.writes.slice(before).map((write) => write.length)).toEqual([3]);
  });

  it('[DLV6] sends all logs of a session in one message to who takes that, in the order of the others', () => {
    const { clock, subscribe, publish } = handDelivery();
    const readers = [new HandReader(), new HandReader(), new HandReader()] as const;
    const [plain, ...joining] = readers;
    for (const { transport } of joining) transport.joins = true;
    for (const reader of readers) for (const name of ['s/a', 's/b', 't/c']) subscribe(reader, name);
    clock.advance(100);
    const before = plain.transport.frames.length;
    for (const { transport } of readers) transport.buffers.length = 0;
    publish('s/a', 1);
    publish('s/b', 2);
    publish('t/c', 3, 'k');
    clock.advance(20);
    const [first, second] = joining.map(({ transport }) => transport.buffers);
    expect(first).toHaveLength(1);
    expect(second?.[0], 'made once for both').toBe(first?.[0]);
    for (const { transport } of joining)
      expect(transport.frames.slice(before)).toEqual(plain.transport.frames.slice(before));
    publish('s/a', 4);
    clock.advance(20);
    expect(joining[0]?.transport.frames.at(-1), 'one frame is a message as ever').toEqual(
      plain.transport.frames.at(-1),
    );
  });

  it('flushes a slow channel at its multiple of the tick', () => {
    const { clock, subscribe, publish } = handDelivery();
    const reader = new HandReader();
    subscribe(reader, 'slow');
    clock.advance(1000);
    for (let n = 0; n < 20; n++) {
      publish('slow', n);
      clock.advance(20);
    }
    const frames = reader.transport.messages('slow').filter(({ messages }) => messages.length > 0);
    expect(frames.length).toBeLessThanOrEqual(5);
    clock.advance(200);
    expect(dataOf(reader, 'slow')).toHaveLength(20);
  });

  it('[LOG2] sends a row that changed many times between two flushes once', () => {
    const { clock, subscribe, publish } = handDelivery();
    const reader = new HandReader();
    subscribe(reader, 't/a');
    clock.advance(100);
    publish('t/a', 0, 'k');
    clock.advance(1);
    for (let n = 1; n <= 100; n++) publish('t/a', n, 'k');
    clock.advance(20);
    expect(dataOf(reader, 't/a')).toEqual([0, 100]);
  });
});

describe('falling behind', () => {
  it('[DLV2] [DLV3] sends a congested viewer nothing, and the rest when it answers', () => {
    const { clock, subscribe, publish, delivery } = handDelivery({ count: 50 });
    const slow = new HandReader();
    const fast = new HandReader();
    for (const reader of [slow, fast]) {
      subscribe(reader, 's/a');
      subscribe(reader, 't/a');
    }
    clock.advance(100);
    slow.transport.isCongested = true;
    const sent = slow.transport.writes.length;
    for (let n = 1; n <= 200; n++) {
      publish('s/a', n);
      publish('t/a', n, `k${n % 3}`);
      clock.advance(5);
    }
    clock.advance(100);
    expect(slow.transport.writes.length).toBe(sent);
    expect(delivery.figures.behind).toBe(2);
    slow.transport.isCongested = false;
    delivery.resume(slow);
    clock.advance(100);
    expect(delivery.figures.behind).toBe(0);
    expect(dataOf(fast, 's/a')).toHaveLength(200);
    expect(slow.transport.messages('s/a').find(({ gap }) => gap !== undefined)?.gap).toEqual({ from: 1, to: 150 });
    expect(dataOf(slow, 's/a').slice(-1)).toEqual([200]);
    expect(new Set(dataOf(slow, 't/a').slice(-3))).toEqual(new Set([198, 199, 200]));
  });

  it('[DLV3] gives a table its turn behind each piece of long histories, so that it waits for none of them', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const slow = new HandReader();
    for (const name of ['s/a', 's/b', 's/c', 't/a']) subscribe(slow, name);
    clock.advance(100);
    slow.transport.isCongested = true;
    for (let n = 0; n < 600; n++) publish(`s/${'abc'[n % 3]}`, 'x'.repeat(1000));
    publish('t/a', 1, 'k');
    clock.advance(100);
    // From now on it takes one frame at a time, and the table changes all the while.
    slow.transport.isCongested = false;
    slow.transport.windowBytes = 1;
    const order: string[] = [];
    for (let n = 2; delivery.figures.behind > 0; n++) {
      slow.transport.writes.length = 0;
      slow.transport.unansweredBytes = 0;
      delivery.resume(slow);
      clock.advance(0);
      for (const frame of slow.transport.frames) if (frame.type === 'messages') order.push(frame.channel);
      if (order.length < 12) publish('t/a', n, 'k');
      clock.advance(20);
    }
    expect(order.slice(0, 10)).toEqual(['t/a', 's/a', 't/a', 's/b', 't/a', 's/c', 't/a', 's/a', 't/a', 's/b']);
  });

  it('[DLV3] gives who reads slowly less at a time, so that what is new need not wait long', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const [slow, other] = [new HandReader(), new HandReader()];
    for (const reader of [slow, other]) subscribe(reader, 's/a');
    clock.advance(100);
    for (const { transport } of [slow, other]) transport.isCongested = true;
    for (let n = 0; n < 200; n++) publish('s/a', 'x'.repeat(1000));
    clock.advance(100);
    slow.transport.isSlow = true;
    for (const reader of [slow, other]) {
      reader.transport.isCongested = false;
      delivery.resume(reader);
    }
    clock.advance(100);
    const largest = ({ transport }: HandReader): number => Math.max(...transport.buffers.map(({ length }) => length));
    expect(largest(slow)).toBeLessThan(20 * 1024);
    expect(largest(other)).toBeGreaterThan(60 * 1024);
    for (const { view } of [slow, other]) expect([view.messages.length, view.faults]).toEqual([200, []]);
  });

  it('[DLV3] reads a table whole and to its head for who reads slowly, and repeats nothing once it is live', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const slow = new HandReader();
    const { transport, view } = slow;
    subscribe(slow, 't/a');
    clock.advance(100);
    transport.isCongested = true;
    for (let n = 0; n < 40; n++) publish('t/a', 'x'.repeat(1000), `k${n}`);
    clock.advance(100);
    transport.isSlow = true;
    transport.isCongested = false;
    const before = transport.writes.length;
    // The first after a pause is flushed at once, the second waits for its tick.
    publish('t/a', 'flushed', 'k1');
    clock.advance(0);
    publish('t/a', 'after the flush', 'k0');
    delivery.resume(slow);
    clock.advance(0);
    expect(transport.writes.length - before).toBe(1);
    expect([view.rows.size, view.rows.get('k0')]).toEqual([40, 'after the flush']);
    publish('t/a', 'live', 'k1');
    clock.advance(100);
    expect(delivery.figures.behind).toBe(0);
    expect([view.rows.get('k1'), view.faults]).toEqual(['live', []]);
  });

  it('[DLV3] reads on where a table is too large to go at once, though others are flushed to its head meanwhile', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const slow = new HandReader();
    subscribe(slow, 't/a');
    clock.advance(100);
    slow.transport.isCongested = true;
    for (let n = 0; n < 100; n++) publish('t/a', 'x'.repeat(1000), `k${n}`);
    clock.advance(100);
    slow.transport.isSlow = true;
    slow.transport.isCongested = false;
    publish('t/a', 'flushed', 'k0');
    clock.advance(0);
    const newest = 'y'.repeat(1000);
    for (let n = 1; n < 60; n++) publish('t/a', newest, `k${n}`);
    delivery.resume(slow);
    clock.advance(100);
    expect([slow.view.rows.size, slow.view.rows.get('k59'), slow.view.faults]).toEqual([100, newest, []]);
  });

  it('[DLV3] misses nothing where who stands in front of the flush reads quickly again', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const reader = new HandReader();
    const { transport, view } = reader;
    subscribe(reader, 't/a');
    clock.advance(100);
    transport.isCongested = true;
    for (const key of ['k0', 'k1']) publish('t/a', 'old', key);
    clock.advance(100);
    transport.isSlow = true;
    transport.isCongested = false;
    transport.windowBytes = transport.unansweredBytes + 1;
    publish('t/a', 'flushed', 'k0');
    clock.advance(0);
    publish('t/a', 'after the flush', 'k1');
    delivery.resume(reader);
    clock.advance(0);
    expect(view.rows.get('k1')).toBe('after the flush');
    publish('t/a', 'newest', 'k0');
    transport.isSlow = false;
    transport.unansweredBytes = 0;
    delivery.resume(reader);
    clock.advance(0);
    clock.advance(100);
    expect([view.rows.get('k0'), view.faults]).toEqual(['newest', []]);
  });

  it('[DLV2] lets a burst of many megabytes wait for the answers of who does not read', () => {
    const { clock, subscribe, publish, delivery } = handDelivery();
    const readers = Array.from({ length: 2 }, () => new HandReader());
    for (const reader of readers) for (const name of ['s/a', 's/b', 's/c']) subscribe(reader, name);
    clock.advance(100);
    for (const reader of readers) reader.transport.windowBytes = 128 * 1024;
    for (let n = 0; n < 1500; n++) publish(`s/${'abc'[n % 3]}`, 'x'.repeat(2000));
    clock.advance(1000);
    const [deaf, slow] = readers as [HandReader, HandReader];
    expect(deaf.transport.unansweredBytes).toBeLessThan(400 * 1024);
    while (slow.transport.unansweredBytes > 0) {
      slow.transport.unansweredBytes = 0;
      delivery.resume(slow);
      clock.advance(100);
    }
    for (const name of ['s/a', 's/b', 's/c']) expect(dataOf(slow, name)).toHaveLength(500);
    expect(delivery.figures.behind).toBe(3);
  });

  it('[RES4] begins anew for viewers from whom removals were forgotten before they were flushed', () => {
    const { clock, broker, subscribe, publish, channel } = handDelivery({ keys: 100_000, bytes: 64 * 1024 * 1024 });
    const keys = Array.from({ length: tombstoneBounds.count + 50 }, (_, n) => `k${n}`);
    for (const key of keys) publish('t/a', 1, key);
    const reader = new HandReader();
    subscribe(reader, 't/a');
    clock.advance(1000);
    expect(reader.view.rows.size).toBe(keys.length);
    broker.append(
      't/a',
      keys.map((key) => message(null, key)),
      channel('t/a').bounds,
    );
    clock.advance(1000);
    expect(reader.view).toMatchObject({ isComplete: true, faults: [], start: 'reset' });
    expect(reader.view.rows.size).toBe(0);
  });
});
