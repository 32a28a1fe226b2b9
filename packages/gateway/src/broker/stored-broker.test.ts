// What the broker with a store adds to the contract of brokers: groups, failures, restarts, and what is in memory.

import { describe, expect, it } from 'vitest';
import { readFrame } from '../testing/hand-reader.ts';
import { handStore, settled, storedBounds } from '../testing/hand-store.ts';
import { message } from '../testing/describe-broker.ts';
import type { LogBounds } from '../log/channel-log.ts';
import type { AppendOutcome, Following } from './broker.ts';
import { queueBounds } from './commit-queue.ts';

const onceOf = (seq: number, producer = 'p') => ({ identity: 'i', producer, seq });

/** The data of what a follower holds. */
function dataOf({ log }: Following): unknown[] {
  return [...(log?.after(0) ?? [])].map(({ bytes }) => (JSON.parse(bytes.toString()) as { data: unknown }).data);
}

function offsetsOf({ log }: Following): number[] {
  return [...(log?.after(0) ?? [])].map(({ offset }) => offset);
}

type Test = ReturnType<typeof handStore>;

const append = ({ broker }: Test, channel: string, data: unknown, once?: ReturnType<typeof onceOf>) =>
  Promise.resolve(broker.append(channel, [message(data)], storedBounds, once));

const follow = async ({ broker }: Test, channel: string, bounds: LogBounds = storedBounds, onChange = () => {}) =>
  await broker.follow(channel, bounds, onChange);

describe('committing', () => {
  it('[STO1] shows and answers nothing before it is committed', async () => {
    const test = handStore();
    let changes = 0;
    const following = await follow(test, 'a', storedBounds, () => changes++);
    await append(test, 'a', 1);
    changes = 0;
    test.hold('commits');
    let outcome: AppendOutcome | undefined;
    void append(test, 'a', 2).then((answered) => (outcome = answered));
    await settled();
    expect([changes, outcome, dataOf(following)]).toEqual([0, undefined, [1]]);
    await test.release();
    expect(outcome).toEqual({
      kind: 'appended',
      position: { epoch: following.log?.epoch, offset: 2 },
      duplicate: false,
      time: test.clock.now(),
    });
    expect([changes, dataOf(following)]).toEqual([1, [1, 2]]);
  });

  it('puts what comes during a commit into the next one, in order', async () => {
    const test = handStore();
    test.hold('commits');
    const first = append(test, 'a', 0);
    await settled();
    const rest = Array.from({ length: 50 }, (_, n) => append(test, n % 2 === 0 ? 'a' : 'b', n + 1));
    await test.release();
    const offsets = (await Promise.all([first, ...rest])).map((outcome) =>
      outcome.kind === 'appended' ? outcome.position.offset : outcome,
    );
    expect(test.store.commits).toEqual([1, 50]);
    expect(offsets).toEqual([1, ...Array.from({ length: 50 }, (_, n) => Math.floor(n / 2) + (n % 2 === 0 ? 2 : 1))]);
  });

  it('[STO4] answers unavailable to all where nothing was written, and takes the next', async () => {
    const test = handStore();
    const following = await follow(test, 'a');
    test.hold('commits');
    const failing = [append(test, 'a', 1, onceOf(1)), append(test, 'b', 1)];
    await test.release('nothing-written');
    for (const outcome of await Promise.all(failing)) {
      expect(outcome).toEqual({ kind: 'unavailable', reason: 'the store cannot take messages now; try again' });
    }
    expect(test.store.pages, 'nothing has to be read again').toBe(1);
    expect(await append(test, 'a', 1, onceOf(1))).toMatchObject({ kind: 'appended', position: { offset: 1 } });
    expect(dataOf(following)).toEqual([1]);
    expect(test.logged).toEqual([
      'The store took no messages: who publishes is told to try again',
      'The store takes messages again',
    ]);
  });

  it.each([
    ['written', 'unknown-written', { duplicate: true }],
    ['lost', 'unknown-lost', { duplicate: false }],
  ] as const)('[STO4] [ONC1] holds a message once that was %s when the store died', async (_what, fate, again) => {
    const test = handStore();
    const following = await follow(test, 'a');
    await append(test, 'a', 1, onceOf(1));
    test.hold('commits');
    const dying = append(test, 'a', 2, onceOf(2));
    await test.release(fate);
    expect(await dying).toMatchObject({ kind: 'unknown' });
    expect(dataOf(following)).toEqual(fate === 'unknown-written' ? [1, 2] : [1]);
    expect(await append(test, 'a', 2, onceOf(2))).toMatchObject({
      kind: 'appended',
      position: { offset: 2 },
      ...again,
    });
    expect(dataOf(following)).toEqual([1, 2]);
    expect(following.inDoubt).toBe(false);
  });

  it('tries again to read a log that is in doubt, and says so meanwhile', async () => {
    const test = handStore();
    await append(test, 'a', 1);
    const changes: boolean[] = [];
    const held: { following?: Following } = {};
    const following = await follow(test, 'a', storedBounds, () => {
      if (held.following !== undefined) changes.push(held.following.inDoubt);
    });
    held.following = following;
    test.store.onPage = () => Promise.reject(new Error('the disk is away'));
    test.store.fate = () => 'unknown-written';
    await append(test, 'a', 2);
    test.store.fate = () => 'written';
    await settled();
    expect([following.inDoubt, dataOf(following)]).toEqual([true, [1]]);
    test.broker.sweep();
    await settled();
    expect(following.inDoubt).toBe(true);
    await expect(follow(test, 'a'), 'who comes now is not shown half of it').rejects.toThrow('the disk is away');
    test.store.onPage = () => {};
    test.broker.sweep();
    await settled();
    expect([following.inDoubt, dataOf(following)]).toEqual([false, [1, 2]]);
    expect(changes).toEqual([true, false]);
  });

  it('is bounded in number and bytes, and takes more when there is room', async () => {
    const test = handStore();
    test.hold('commits');
    const large = 'x'.repeat(queueBounds.bytes / 8);
    const taken = Array.from({ length: 7 }, () => append(test, 'a', large));
    await settled();
    const room = queueBounds.appends - taken.length;
    taken.push(...Array.from({ length: room }, () => append(test, 'a', 1)));
    const over = { kind: 'unavailable', reason: 'more waits to be stored than there is room for; try again' };
    expect(await append(test, 'a', 1)).toEqual(over);
    await test.release();
    expect((await Promise.all(taken)).every(({ kind }) => kind === 'appended')).toBe(true);
    expect(Math.max(...test.store.commits)).toBeLessThanOrEqual(2000);

    test.hold('commits');
    const again = Array.from({ length: 7 }, () => append(test, 'a', large));
    expect(await append(test, 'a', large)).toEqual(over);
    expect(await test.broker.append('memory', [message(1)], { ...storedBounds, isStored: false })).toMatchObject({
      kind: 'appended',
    });
    await test.release();
    expect((await Promise.all(again)).every(({ kind }) => kind === 'appended')).toBe(true);
  });

  it('takes one append that is larger than all that may wait', async () => {
    const test = handStore();
    expect(await append(test, 'a', 'x'.repeat(queueBounds.bytes + 1))).toMatchObject({ kind: 'appended' });
  });

  it('commits what waits when it is stopped, and takes nothing after', async () => {
    const test = handStore();
    test.hold('commits');
    const waiting = [append(test, 'a', 1), append(test, 'a', 2)];
    const stopping = test.broker.stop();
    expect(await append(test, 'a', 3)).toMatchObject({ kind: 'unavailable' });
    await test.release();
    await stopping;
    expect(await Promise.all(waiting)).toMatchObject([{ kind: 'appended' }, { kind: 'appended' }]);
    expect(test.store.contents('a')).toHaveLength(2);
    expect(test.clock.pending).toBe(0);
  });

  it('[STP2] does not wait long for a store that does not answer', async () => {
    const test = handStore();
    test.hold('commits');
    void append(test, 'a', 1);
    let isStopped = false;
    void test.broker.stop().then(() => (isStopped = true));
    await settled();
    expect(isStopped).toBe(false);
    test.clock.advance(250);
    await settled();
    expect(isStopped).toBe(true);
    await test.release();
  });
});

describe('what of stored logs is in memory', () => {
  it('is nothing while nobody reads, and all of it when somebody comes', async () => {
    const test = handStore();
    for (let n = 0; n < 100; n++) await append(test, `c${n % 10}`, n);
    expect(test.broker.figures()).toMatchObject({ logs: 0, logBytes: 0 });
    const following = await follow(test, 'c3');
    expect(dataOf(following)).toEqual([3, 13, 23, 33, 43, 53, 63, 73, 83, 93]);
    expect(test.broker.figures().logs).toBe(1);
  });

  it('[STO3] [LOG4] is the young end, within count, bytes and age; the rest is a gap', async () => {
    const test = handStore();
    for (let n = 1; n <= 20; n++) {
      test.clock.advance(1000);
      await append(test, 'a', 'x'.repeat(100));
    }
    const bounded = async (bounds: Partial<LogBounds>) => {
      test.restart();
      const following = await follow(test, 'a', { ...storedBounds, ...bounds });
      const { log } = following;
      if (log === undefined) throw new Error('found no log');
      const frame = readFrame(log.read(0, log.head, { withoutTombstones: 0 }).buffer);
      return { offsets: offsetsOf(following), gap: frame.type === 'messages' ? frame.gap : undefined };
    };
    expect(await bounded({ count: 3 })).toEqual({ offsets: [18, 19, 20], gap: { from: 1, to: 17 } });
    expect(await bounded({ bytes: 500 })).toEqual({ offsets: [18, 19, 20], gap: { from: 1, to: 17 } });
    expect(await bounded({ seconds: 3.5 })).toEqual({ offsets: [17, 18, 19, 20], gap: { from: 1, to: 16 } });
    test.clock.advance(60_000);
    expect(await bounded({ seconds: 3 })).toEqual({ offsets: [], gap: { from: 1, to: 20 } });
    expect(await append(test, 'a', 1)).toMatchObject({ position: { offset: 21 } });
  });

  it('ages on after it was read, by the time its messages carry', async () => {
    const test = handStore();
    for (const n of [1, 2]) {
      await append(test, 'a', n);
      test.clock.advance(10_000);
    }
    test.restart();
    const following = await follow(test, 'a', { ...storedBounds, seconds: 60 });
    expect(dataOf(following)).toEqual([1, 2]);
    test.clock.advance(41_000);
    test.broker.sweep();
    expect(dataOf(following)).toEqual([2]);
    test.clock.advance(10_000);
    test.broker.sweep();
    expect(dataOf(following)).toEqual([]);
  });

  it('[SUB3] misses nothing and holds nothing twice that is appended while it is read', async () => {
    const test = handStore();
    for (const n of [1, 2]) await append(test, 'a', n);
    test.hold('commits');
    const underWay = append(test, 'a', 3);
    await settled();
    test.hold('pages');
    const [one, other] = [follow(test, 'a'), follow(test, 'a')];
    const waiting = append(test, 'a', 4);
    await test.release();
    await test.release();
    await test.release();
    await Promise.all([underWay, waiting]);
    for (const following of [await one, await other]) expect(dataOf(following)).toEqual([1, 2, 3, 4]);
    expect(test.store.pages, 'read once for both').toBe(1);
  });

  it('[STO2] leaves a minute after its last reader, and comes back in the same epoch', async () => {
    const test = handStore();
    const first = await follow(test, 'a');
    await append(test, 'a', 1);
    const epoch = first.log?.epoch;
    first.release();
    const back = await follow(test, 'a');
    expect(test.store.pages, 'it is still here').toBe(1);
    back.release();
    for (let second = 0; second < 62; second++) {
      test.clock.advance(1000);
      await append(test, 'a', second);
      test.broker.sweep();
    }
    expect(test.broker.figures()).toMatchObject({ logs: 0, evictions: 0 });
    const again = await follow(test, 'a');
    expect(again.log?.position).toEqual({ epoch, offset: 63 });
    expect(dataOf(again)).toHaveLength(63);
  });

  it('[LOG4] goes before what is only in memory, and its readers lose the old end first', async () => {
    const test = handStore({ logBytes: 400_000 });
    const inMemory = { ...storedBounds, isStored: false };
    const idle = await follow(test, 'idle');
    await append(test, 'idle', 'x'.repeat(150_000));
    idle.release();
    test.clock.advance(10);
    await test.broker.append('memory', [message('x'.repeat(150_000))], inMemory);
    test.clock.advance(10);
    const read = await follow(test, 'read');
    for (let n = 0; n < 3; n++) await append(test, 'read', 'x'.repeat(60_000));
    test.broker.sweep();
    expect(test.broker.figures()).toMatchObject({ logs: 2, evictions: 1 });
    expect(await test.broker.append('memory', [message(1)], inMemory)).toMatchObject({ position: { offset: 2 } });
    for (let n = 0; n < 3; n++) await append(test, 'read', 'x'.repeat(60_000));
    test.broker.sweep();
    expect(test.broker.figures().logBytes).toBeLessThanOrEqual(400_000);
    expect(offsetsOf(read).at(-1)).toBe(6);
  });

  it('is read again where the store has taken what this broker was not told of', async () => {
    const test = handStore();
    const following = await follow(test, 'a');
    await append(test, 'a', 1);
    await test.store.commit([{ channel: 'a', time: test.clock.now(), bodies: [message(2).body], once: undefined }]);
    expect(await append(test, 'a', 3)).toMatchObject({ position: { offset: 3 } });
    await settled();
    expect([following.inDoubt, dataOf(following)]).toEqual([false, [1, 2, 3]]);
  });

  it('is not kept where reading it failed, and the next who comes tries anew', async () => {
    const test = handStore();
    await append(test, 'a', 1);
    test.store.onPage = () => Promise.reject(new Error('the disk is away'));
    await expect(follow(test, 'a')).rejects.toThrow('the disk is away');
    expect(test.broker.figures().logs).toBe(0);
    test.store.onPage = () => {};
    expect(dataOf(await follow(test, 'a'))).toEqual([1]);
  });

  it('[CHA4] [LOG5] is nothing where there is no log, and a new one where the store has begun anew', async () => {
    const test = handStore();
    const following = await follow(test, 'a');
    expect(following.log).toBeUndefined();
    await append(test, 'a', 1);
    const epoch = following.log?.epoch;
    test.store.drop('a');
    expect(await append(test, 'a', 2)).toMatchObject({ position: { offset: 1 } });
    expect(dataOf(following)).toEqual([2]);
    expect(following.log?.epoch).not.toBe(epoch);
  });
});

describe('a broker that comes after another on the same store', () => {
  it('[STO2] [ONC1] goes on where that one stood, and knows what was sent before', async () => {
    const test = handStore();
    const before = await follow(test, 'a');
    for (const n of [1, 2, 3]) await append(test, 'a', n, onceOf(n));
    const { position } = before.log ?? {};
    test.restart();
    expect(await append(test, 'a', 3, onceOf(3))).toEqual({ kind: 'appended', position, duplicate: true });
    expect(await append(test, 'a', 4, onceOf(4))).toMatchObject({ position: { ...position, offset: 4 } });
    const after = await follow(test, 'a');
    expect(after.log?.resume(position ?? { epoch: '', offset: 0 })).toEqual({ start: 'resumed', offset: 3 });
    expect(dataOf(after)).toEqual([1, 2, 3, 4]);
  });

  it('[STO1] finds whatever the other had answered, and what died with it at most once', async () => {
    const test = handStore();
    await append(test, 'a', 1, onceOf(1));
    for (const fate of ['unknown-written', 'unknown-lost'] as const) {
      test.store.fate = () => fate;
      const seq = test.store.contents('a').length + 1;
      void append(test, 'a', seq, onceOf(seq));
      await settled();
      test.store.fate = () => 'written';
      test.restart();
      expect(await append(test, 'a', seq, onceOf(seq))).toMatchObject({ kind: 'appended', position: { offset: seq } });
    }
    expect(dataOf(await follow(test, 'a'))).toEqual([1, 2, 3]);
  });
});
