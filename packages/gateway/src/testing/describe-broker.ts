// The contract of brokers as a suite: a new broker passes it or does not exist.

import { describe, expect, it } from 'vitest';
import type { Broker, Following } from '../broker/broker.ts';
import { type LogBounds, type NewMessage, tombstoneBounds } from '../log/channel-log.ts';
import { isLongRun, randomFrom, testSeed } from './random.ts';
import { readFrame } from './hand-reader.ts';
import type { ManualClock } from './manual-clock.ts';

export interface BrokerUnderTest {
  readonly broker: Broker;
  readonly clock: ManualClock;
}

const memoryBounds = { count: 1000, keys: 100, seconds: undefined, bytes: 1024 * 1024, isStored: false };
const tableBounds: LogBounds = { ...memoryBounds, kind: 'table' };

/** Where the suite's streams are kept. Tables are in memory always. */
export type StreamsUnderTest = 'in-memory' | 'stored';

export function message(data: unknown, key?: string): NewMessage {
  const keyPart = key === undefined ? '' : `"key":${JSON.stringify(key)},`;
  return { key, removes: key !== undefined && data === null, body: `${keyPart}"data":${JSON.stringify(data)}}` };
}

/** Lets promises and the clock's timers run until nothing is left to happen. */
async function settle({ broker, clock }: BrokerUnderTest): Promise<void> {
  for (let round = 0; round < 5; round++) {
    clock.advance(1000);
    broker.sweep();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

function contentOf({ log }: Following): string[] {
  return log === undefined ? [] : [...log.after(0)].map(({ bytes }) => bytes.toString());
}

export function describeBroker(
  name: string,
  make: (logBytes?: number) => BrokerUnderTest,
  streams: StreamsUnderTest = 'in-memory',
): void {
  const streamBounds: LogBounds = { ...memoryBounds, kind: 'stream', isStored: streams === 'stored' };
  if (streams === 'in-memory') describeEviction(name, make, streamBounds);
  describe(`${name} keeps the contract of brokers`, () => {
    it('[CHA4] following creates no log, an append does', async () => {
      const test = make();
      const following = await test.broker.follow('a', streamBounds, () => {});
      await settle(test);
      expect(following.log).toBeUndefined();
      expect(await test.broker.append('a', [message(1)], streamBounds)).toMatchObject({ kind: 'appended' });
      await settle(test);
      expect(following.log?.head).toBe(1);
    });

    it('[PUB5] appends a batch whole, and answers the position of its last message', async () => {
      const test = make();
      const batch = [1, 2, 3].map((data) => message(data));
      const outcome = await test.broker.append('a', batch, streamBounds);
      expect(outcome).toMatchObject({ kind: 'appended', duplicate: false, position: { offset: 3 } });
    });

    it('[ONC1] [ONC2] [ONC3] appends each seq of a producer once and in order', async () => {
      const { broker } = make();
      const once = (seq: number, producer = 'p', identity = 'i') => ({ identity, producer, seq });
      const append = (data: unknown, key: ReturnType<typeof once>) =>
        broker.append('a', [message(data)], streamBounds, key);
      expect(await append(1, once(2))).toEqual({ kind: 'out-of-order', expected: 1 });
      expect(await append(1, once(1))).toMatchObject({ duplicate: false, position: { offset: 1 } });
      expect(await append(1, once(1))).toMatchObject({ duplicate: true, position: { offset: 1 } });
      expect(await append(3, once(3))).toEqual({ kind: 'out-of-order', expected: 2 });
      expect(await append(2, once(2))).toMatchObject({ duplicate: false, position: { offset: 2 } });
      expect(await append(1, once(1))).toMatchObject({ duplicate: true, position: { offset: 2 } });
      expect(await append(9, once(1, 'q'))).toMatchObject({ duplicate: false });
      expect(await append(9, once(1, 'p', 'other'))).toMatchObject({ duplicate: false });
    });

    it('[ONC3] counts per channel, and remembers for 7 days from the last use', async () => {
      const { broker, clock } = make();
      const day = 24 * 3_600_000;
      const append = (channel: string, producer: string, seq: number) =>
        broker.append(channel, [message(seq)], streamBounds, { identity: 'i', producer, seq });
      expect(await append('a', 'p', 1)).toMatchObject({ duplicate: false });
      expect(await append('a', 'q', 1)).toMatchObject({ duplicate: false });
      expect(await append('b', 'p', 1)).toMatchObject({ duplicate: false });
      clock.advance(5 * day);
      expect(await append('a', 'p', 2)).toMatchObject({ duplicate: false });
      clock.advance(3 * day);
      expect(await append('a', 'p', 2)).toMatchObject({ duplicate: true });
      expect(await append('a', 'q', 2)).toEqual({ kind: 'out-of-order', expected: 1 });
      clock.advance(5 * day);
      expect(await append('a', 'p', 3)).toEqual({ kind: 'out-of-order', expected: 1 });
    });

    it('[LOG4] tells followers of rows that left by their age', async () => {
      const test = make();
      const bounds = { ...tableBounds, seconds: 10 };
      let changes = 0;
      const following = await test.broker.follow('t', bounds, () => changes++);
      await test.broker.append('t', [message(1, 'k')], bounds);
      await settle(test);
      const { head = 0 } = following.log ?? {};
      changes = 0;
      test.clock.advance(11_000);
      await settle(test);
      expect(following.log?.head).toBeGreaterThan(head);
      expect(following.log?.keys).toBe(0);
      expect(changes).toBeGreaterThan(0);
    });

    it('[ONC4] uses a seq up without a message, and knows it from one that was appended', async () => {
      const { broker } = make();
      const key = (seq: number) => ({ identity: 'i', producer: 'p', seq });
      expect(await broker.append('a', [], streamBounds, key(1))).toEqual({ kind: 'refused' });
      expect(await broker.append('a', [], streamBounds, key(1))).toEqual({ kind: 'refused' });
      const stored = await broker.append('a', [message(1)], streamBounds, key(2));
      expect(stored).toMatchObject({ kind: 'appended', position: { offset: 1 } });
      expect(await broker.append('a', [], streamBounds, key(3))).toEqual({ kind: 'refused' });
      expect(await broker.append('a', [message(4)], streamBounds, key(4))).toMatchObject({ position: { offset: 2 } });
      // Whoever never got the answers asks again: each is told apart, also with a message behind it.
      expect(await broker.append('a', [message(2)], streamBounds, key(2))).toMatchObject({ duplicate: true });
      expect(await broker.append('a', [message(3)], streamBounds, key(3))).toEqual({ kind: 'refused' });
    });

    it('[ONC6] recalls what a seq led to, for its own identity, and uses nothing up by it', async () => {
      const { broker, clock } = make();
      const key = (seq: number, identity = 'i', producer = 'p') => ({ identity, producer, seq });
      const recall = (once: ReturnType<typeof key>, channel = 'a') => broker.recall(channel, streamBounds, once);
      const nothing = { kind: 'not-appended' };
      expect(await recall(key(1))).toEqual(nothing);
      const appended = await broker.append('a', [message(1), message(2)], streamBounds, key(1));
      const position = appended.kind === 'appended' ? appended.position : undefined;
      await broker.append('a', [], streamBounds, key(2));
      expect(await recall(key(1))).toEqual({ kind: 'appended', duplicate: true, position });
      for (const other of [key(2), key(3), key(9), key(1, 'other'), key(1, 'i', 'q')]) {
        expect(await recall(other)).toEqual(nothing);
      }
      expect(await recall(key(1), 'b')).toEqual(nothing);
      expect(await broker.append('a', [message(3)], streamBounds, key(3))).toMatchObject({ position: { offset: 3 } });
      clock.advance(8 * 24 * 3_600_000);
      expect(await recall(key(1))).toEqual(nothing);
    });

    it('[LOG4] evicts idle logs before followed ones', async () => {
      const test = make(500_000);
      const following = await test.broker.follow('followed', streamBounds, () => {});
      await test.broker.append('followed', [message('x'.repeat(100_000))], streamBounds);
      const { log } = following;
      for (let n = 0; n < 9; n++) await test.broker.append(`idle${n}`, [message('y'.repeat(100_000))], streamBounds);
      await settle(test);
      expect(following.log?.epoch).toBe(log?.epoch ?? (await settle(test), following.log?.epoch));
      expect(following.log?.count).toBe(1);
    });

    it('[LOG4] takes nothing more while the logs that are read hold as much as all may', async () => {
      const test = make(300_000);
      for (let n = 0; n < 4; n++) await test.broker.follow(`t${n}`, tableBounds, () => {});
      const append = (n: number) =>
        test.broker.append(`t${n % 4}`, [message('x'.repeat(50_000), `k${n}`)], { ...tableBounds, bytes: 1e7 });
      for (let n = 0; n < 8; n++) await append(n);
      await settle(test);
      for (let n = 8; n < 40; n++) expect(await append(n)).toMatchObject({ kind: 'unavailable' });
      expect(test.broker.figures().logBytes).toBeLessThan(500_000);
    });

    it('[RES3] [RES4] a follower that comes late knows what is gone', async () => {
      const test = make();
      const bounds = { ...streamBounds, seconds: 10 };
      for (let n = 1; n <= 5; n++) await test.broker.append('s', [message(n)], bounds);
      for (const [key, data] of Object.entries({ a: 1, b: 1, c: 1 }))
        await test.broker.append('t', [message(data, key)], tableBounds);
      await test.broker.append('t', [message(null, 'b')], tableBounds);
      test.clock.advance(11_000);
      test.broker.sweep();
      const stream = await test.broker.follow('s', bounds, () => {});
      const { buffer, to } = stream.log?.read(2, 5, { withoutTombstones: 0 }) ?? {};
      expect(to).toBe(5);
      expect(buffer === undefined ? undefined : readFrame(buffer)).toMatchObject({
        messages: [],
        gap: { from: 3, to: 5 },
      });
      test.clock.advance(tombstoneBounds.ms);
      test.broker.sweep();
      const table = await test.broker.follow('t', tableBounds, () => {});
      const epoch = table.log?.epoch as string;
      expect(table.log?.resume({ epoch, offset: 3 }).start).toBe('reset');
      expect(table.log?.resume({ epoch, offset: 4 }).start).toBe('resumed');
    });

    it(`every follower ends equal, whatever becomes of announcements (seed ${testSeed})`, async () => {
      for (let run = 0; run < (isLongRun ? 300 : 20); run++) {
        const random = randomFrom(testSeed + run);
        const test = make();
        const { broker, clock } = test;
        const followers: { bounds: LogBounds; channel: string; following: Following }[] = [];
        for (let step = 0; step < 120; step++) {
          const isTable = random() < 0.5;
          const channel = isTable ? 'table' : 'stream';
          const bounds = isTable ? tableBounds : streamBounds;
          const key = isTable ? `k${Math.floor(random() * 8)}` : undefined;
          const fate = random();
          if (fate < 0.06)
            followers.push({ bounds, channel, following: await broker.follow(channel, bounds, () => {}) });
          else if (fate < 0.9)
            await broker.append(channel, [message(isTable && random() < 0.3 ? null : step, key)], bounds);
          else clock.advance(random() * 100);
        }
        await settle(test);
        for (const { bounds, channel, following } of followers) {
          const truth = await broker.follow(channel, bounds, () => {});
          expect(contentOf(following), `run ${run}, ${channel}`).toEqual(contentOf(truth));
          expect(following.log?.position).toEqual(truth.log?.position);
          expect(following.inDoubt).toBe(false);
        }
      }
    });
  });
}

/** What is lost where a log is only in memory. */
function describeEviction(name: string, make: (logBytes?: number) => BrokerUnderTest, streamBounds: LogBounds): void {
  describe(`${name} lets logs go`, () => {
    it('[LOG5] keeps the epoch of an empty log for ten minutes, and lets go of the longest unused first', async () => {
      const test = make(300_000);
      const bounds = { ...streamBounds, seconds: 1 };
      const first = await test.broker.append('short', [message(1)], bounds);
      test.clock.advance(2000);
      test.broker.sweep();
      expect(await test.broker.append('short', [message(2)], bounds)).toMatchObject({
        position: { epoch: first.kind === 'appended' ? first.position?.epoch : '', offset: 2 },
      });
      for (const idle of ['one', 'two']) await test.broker.append(idle, [message('x'.repeat(100_000))], streamBounds);
      test.clock.advance(1000);
      await test.broker.append('one', [message(2)], streamBounds);
      await test.broker.append('three', [message('x'.repeat(150_000))], streamBounds);
      test.broker.sweep();
      expect(await test.broker.append('one', [message(3)], streamBounds)).toMatchObject({ position: { offset: 3 } });
      expect(await test.broker.append('two', [message(2)], streamBounds)).toMatchObject({ position: { offset: 1 } });
    });

    it('[LOG5] what was evicted starts a new epoch', async () => {
      const test = make(300_000);
      const first = await test.broker.append('idle', [message('x'.repeat(200_000))], streamBounds);
      for (let n = 0; n < 5; n++) await test.broker.append(`other${n}`, [message('y'.repeat(100_000))], streamBounds);
      await settle(test);
      expect(test.broker.figures().evictions).toBeGreaterThan(0);
      expect(test.broker.figures().logBytes).toBeLessThanOrEqual(300_000);
      const again = await test.broker.append('idle', [message(2)], streamBounds);
      expect(again).toMatchObject({ position: { offset: 1 } });
      expect(
        again.kind === 'appended' && first.kind === 'appended' && again.position?.epoch !== first.position?.epoch,
      ).toBe(true);
    });
  });
}
