// The contract of stores as a suite: a new store passes it or does not exist.

import { isEpoch, type Position } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import type { MessageStore, PageRequest, StoreAppend, StoredPage, StoreOutcome } from '../broker/message-store.ts';
import { MemoryStore } from './memory-store.ts';
import { isLongRun, randomFrom, testSeed } from './random.ts';

export interface StoreUnderTest extends AsyncDisposable {
  /** The store as it is now; another one after `reopen`. */
  readonly store: MessageStore;
  /** Opens what was stored anew, as a restart does. */
  reopen(): Promise<void>;
  /** Lets the messages of a channel go up to an offset at which an append ended. */
  forget(channel: string, upTo: number): Promise<void>;
}

const day = 24 * 3_600_000;
const start = Date.UTC(2026, 0, 1);
const everything: PageRequest = { count: 1e6, bytes: 1e9 };

const bodyOf = (data: unknown): string => `"data":${JSON.stringify(data)}}`;

function append(channel: string, data: readonly unknown[], more: Partial<StoreAppend> = {}): StoreAppend {
  return { channel, time: start, bodies: data.map(bodyOf), once: undefined, ...more };
}

const onceOf = (seq: number, producer = 'p', identity = 'i') => ({ once: { identity, producer, seq } });

/** A page's messages one by one. */
function messagesOf(page: StoredPage | undefined): { offset: number; time: number; body: string }[] {
  return (page?.messages ?? []).flatMap(({ first, time, bodies }) =>
    bodies.map((body, index) => ({ offset: first + index, time, body })),
  );
}

const dataOf = (page: StoredPage | undefined): unknown[] =>
  messagesOf(page).map(({ body }) => (JSON.parse(`{${body}`) as { data: unknown }).data);

const offsetsOf = (page: StoredPage | undefined): number[] => messagesOf(page).map(({ offset }) => offset);

export function describeStore(name: string, make: () => StoreUnderTest | Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of stores`, () => {
    it('[STO1] [PUB5] commits all appends in their order, and answers each with its place', async () => {
      await using test = await make();
      const { store } = test;
      const outcomes = await store.commit([append('a', [1, 2]), append('b/c', ['x']), append('a', [3])]);
      expect(outcomes).toEqual([
        { kind: 'appended', epoch: expect.any(String) as string, first: 1 },
        { kind: 'appended', epoch: expect.any(String) as string, first: 1 },
        { kind: 'appended', epoch: expect.any(String) as string, first: 3 },
      ]);
      const [a, b, again] = outcomes.map((outcome) => (outcome.kind === 'appended' ? outcome.epoch : ''));
      expect(isEpoch(a)).toBe(true);
      expect(again).toBe(a);
      expect(b).not.toBe(a);
      expect(await store.page('a', everything)).toEqual({
        epoch: a,
        head: 3,
        horizon: 0,
        messages: [
          { first: 1, time: start, bodies: [bodyOf(1), bodyOf(2)] },
          { first: 3, time: start, bodies: [bodyOf(3)] },
        ],
      });
      expect(dataOf(await store.page('b/c', everything))).toEqual(['x']);
    });

    it('[CHA4] has no log where nothing was appended', async () => {
      await using test = await make();
      expect(await test.store.page('a', everything)).toBeUndefined();
      expect(await test.store.commit([append('a', [], onceOf(1))])).toEqual([{ kind: 'refused' }]);
      expect(await test.store.page('a', everything)).toBeUndefined();
      expect(await test.store.commit([append('a', [1], onceOf(2))])).toMatchObject([{ kind: 'appended', first: 1 }]);
    });

    it('[ONC1] [ONC2] [ONC3] [ONC4] decides each seq in the commit it is in, also twice in one', async () => {
      await using test = await make();
      const outcomes = await test.store.commit([
        append('a', [1], onceOf(2)),
        append('a', [1, 1], onceOf(1)),
        append('a', [1, 1], onceOf(1)),
        append('a', [], onceOf(2)),
        append('a', [2], onceOf(2)),
        append('a', [9], onceOf(1, 'q')),
        append('a', [9], onceOf(1, 'p', 'other')),
        append('b', [9], onceOf(1)),
      ]);
      const { epoch } = outcomes[1] as Extract<StoreOutcome, { kind: 'appended' }>;
      const position: Position = { epoch, offset: 2 };
      expect(outcomes).toMatchObject([
        { kind: 'out-of-order', expected: 1 },
        { kind: 'appended', first: 1 },
        { kind: 'duplicate', position },
        { kind: 'refused' },
        { kind: 'refused' },
        { kind: 'appended', first: 3 },
        { kind: 'appended', first: 4 },
        { kind: 'appended', first: 1 },
      ]);
      expect(
        await test.store.commit([
          append('a', [1], onceOf(1)),
          append('a', [4], onceOf(4)),
          append('a', [3], onceOf(3)),
        ]),
      ).toMatchObject([
        { kind: 'duplicate', position },
        { kind: 'out-of-order', expected: 3 },
        { kind: 'appended', first: 5 },
      ]);
    });

    it('[ONC6] recalls in the order of the commit what a seq led to, and writes nothing by it', async () => {
      await using test = await make();
      const recall = (seq: number, producer?: string, identity?: string, channel = 'a'): StoreAppend =>
        append(channel, [], { ...onceOf(seq, producer, identity), recalls: true });
      const nothing = { kind: 'not-appended' };
      expect(await test.store.commit([recall(1)])).toEqual([nothing]);
      expect(await test.store.page('a', everything)).toBeUndefined();
      const outcomes = await test.store.commit([
        recall(1),
        append('a', [1, 2], onceOf(1)),
        append('a', [], onceOf(2)),
        recall(1),
      ]);
      const { epoch } = outcomes[1] as Extract<StoreOutcome, { kind: 'appended' }>;
      const duplicate = { kind: 'duplicate', position: { epoch, offset: 2 } };
      expect(outcomes.toSpliced(1, 1)).toEqual([nothing, { kind: 'refused' }, duplicate]);
      await test.reopen();
      expect(
        await test.store.commit([
          recall(1),
          recall(2),
          recall(3),
          recall(1, 'q'),
          recall(1, 'p', 'other'),
          recall(1, 'p', 'i', 'b'),
          append('a', [3], onceOf(3)),
          append('a', [9], onceOf(1, 'q')),
        ]),
      ).toMatchObject([duplicate, ...Array.from({ length: 5 }, () => nothing), { first: 3 }, { first: 4 }]);
      const late = { time: start + 8 * day };
      expect(await test.store.commit([{ ...recall(1), ...late }])).toEqual([nothing]);
    });

    it('[ONC3] remembers for 7 days from the last use, by the time of appends', async () => {
      await using test = await make();
      const at = async (days: number, producer: string, seq: number): Promise<StoreOutcome | undefined> =>
        (await test.store.commit([append('a', [seq], { time: start + days * day, ...onceOf(seq, producer) })]))[0];
      expect(await at(0, 'p', 1)).toMatchObject({ kind: 'appended' });
      expect(await at(0, 'q', 1)).toMatchObject({ kind: 'appended' });
      expect(await at(5, 'p', 2)).toMatchObject({ kind: 'appended' });
      expect(await at(8, 'p', 2)).toMatchObject({ kind: 'duplicate' });
      expect(await at(8, 'q', 2)).toEqual({ kind: 'out-of-order', expected: 1 });
      expect(await at(13, 'p', 3)).toEqual({ kind: 'out-of-order', expected: 1 });
      expect(await at(13, 'p', 1)).toMatchObject({ kind: 'appended' });
    });

    it('[STO2] after a restart goes on in the same epoch, with the same messages, offsets and memory', async () => {
      await using test = await make();
      await test.store.commit([append('a', ['one', 'two'], onceOf(1)), append('b', [], onceOf(1))]);
      const before = await test.store.page('a', everything);
      await test.reopen();
      expect(await test.store.page('a', everything)).toEqual(before);
      const position = { epoch: before?.epoch, offset: 2 };
      expect(
        await test.store.commit([
          append('a', ['one', 'two'], onceOf(1)),
          append('a', ['three'], onceOf(2)),
          append('b', ['late'], onceOf(1)),
          append('b', ['late'], onceOf(3)),
        ]),
      ).toEqual([
        { kind: 'duplicate', position },
        { kind: 'appended', epoch: before?.epoch, first: 3 },
        { kind: 'refused' },
        { kind: 'out-of-order', expected: 2 },
      ]);
      expect(dataOf(await test.store.page('a', everything))).toEqual(['one', 'two', 'three']);
    });

    it('gives the newest messages before an offset: at least one run, whole ones, within count and bytes', async () => {
      await using test = await make();
      const { store } = test;
      await store.commit([append('a', [1, 2, 3]), append('a', [4, 5]), append('a', [6]), append('a', [7, 8, 9])]);
      const page = (request: Partial<PageRequest>) => store.page('a', { ...everything, ...request });
      expect(offsetsOf(await page({ count: 1 }))).toEqual([7, 8, 9]);
      expect(offsetsOf(await page({ count: 4 }))).toEqual([6, 7, 8, 9]);
      expect(offsetsOf(await page({ count: 5 }))).toEqual([4, 5, 6, 7, 8, 9]);
      expect(offsetsOf(await page({ bytes: 1 }))).toEqual([7, 8, 9]);
      expect(offsetsOf(await page({ before: 7, count: 1 }))).toEqual([6]);
      expect(offsetsOf(await page({ before: 3, count: 9 }))).toEqual([1, 2]);
      expect(dataOf(await page({ before: 9, count: 1 }))).toEqual([7, 8]);
      expect(offsetsOf(await page({ before: 99, count: 1 }))).toEqual([7, 8, 9]);
      expect(await page({ before: 1 })).toMatchObject({ head: 9, horizon: 0, messages: [] });
      // What a store adds between bodies may count or not.
      expect(offsetsOf(await page({ bytes: bodyOf(1).length * 5 }))).toEqual([6, 7, 8, 9]);
    });

    it('leaves out only what is older than was asked for', async () => {
      await using test = await make();
      for (let n = 0; n < 5; n++) await test.store.commit([append('a', [n], { time: start + n * 1000 })]);
      const page = await test.store.page('a', { ...everything, since: start + 3000 });
      expect(offsetsOf(page).slice(-2)).toEqual([4, 5]);
      expect(page).toMatchObject({ head: 5, horizon: 0 });
      expect(offsetsOf(page)).toEqual(
        Array.from({ length: offsetsOf(page).length }, (_, n) => n + 6 - offsetsOf(page).length),
      );
    });

    it('[RES3] says from where on messages are kept, and numbers on when none is', async () => {
      await using test = await make();
      await test.store.commit([append('a', [1, 2]), append('a', [3])]);
      await test.forget('a', 2);
      const page = await test.store.page('a', everything);
      expect(page).toMatchObject({ head: 3, horizon: 2 });
      expect(dataOf(page)).toEqual([3]);
      expect(await test.store.page('a', { ...everything, before: 3 })).toMatchObject({ horizon: 2, messages: [] });
      await test.forget('a', 3);
      await test.reopen();
      expect(await test.store.page('a', everything)).toEqual({ epoch: page?.epoch, head: 3, horizon: 3, messages: [] });
      expect(await test.store.commit([append('a', [4])])).toEqual([{ kind: 'appended', epoch: page?.epoch, first: 4 }]);
    });

    it('[STO1] keeps every character, long messages and large batches', async () => {
      await using test = await make();
      const texts = ['', '\u0000\u001b[31m', 'é', '😀', '\ud800', '\u2028\u2029', '"\\', "'; drop table --", '\n\n'];
      const long = 'é'.repeat(200_000);
      const many = Array.from({ length: 1000 }, (_, n) => n);
      await test.store.commit([append('a', texts), append('a', [long]), append('a', many)]);
      await test.reopen();
      expect(dataOf(await test.store.page('a', everything))).toEqual([...texts, long, ...many]);
    });

    it('gives pages while a commit is under way, each with all or nothing of it', async () => {
      await using test = await make();
      await test.store.commit([append('a', [1])]);
      const committing = test.store.commit(Array.from({ length: 50 }, (_, n) => append('a', [n, n])));
      const pages = await Promise.all(Array.from({ length: 5 }, () => test.store.page('a', everything)));
      for (const page of pages) expect([1, 101]).toContain(messagesOf(page).length);
      await committing;
      expect(messagesOf(await test.store.page('a', everything))).toHaveLength(101);
    });

    it(`[STO1] [STO2] holds what a simple one holds, whatever is done to it (seed ${testSeed})`, async () => {
      for (let run = 0; run < (isLongRun ? 50 : 3); run++) await compare(make, randomFrom(testSeed + run), run);
    });
  });
}

/** Does the same to a store and to one in memory, and compares every answer. */
async function compare(
  make: () => StoreUnderTest | Promise<StoreUnderTest>,
  random: () => number,
  run: number,
): Promise<void> {
  await using test = await make();
  const model = new MemoryStore();
  const upTo = (most: number): number => Math.floor(random() * most);
  const ends = new Map<string, number[]>();
  let time = start;
  for (let step = 0; step < 60; step++) {
    const label = `seed ${testSeed} run ${run} step ${step}`;
    const fate = random();
    const channel = `c${upTo(3)}`;
    if (fate < 0.6) {
      time += upTo(5000);
      const appends = Array.from({ length: 1 + upTo(4) }, () => {
        const data = Array.from({ length: upTo(4) }, () => 'x'.repeat(upTo(40)));
        const once = data.length === 0 || random() < 0.5 ? onceOf(1 + upTo(6), `p${upTo(2)}`) : {};
        const recalls = data.length === 0 && random() < 0.5 ? { recalls: true as const } : {};
        return append(`c${upTo(3)}`, data, { time, ...once, ...recalls });
      });
      const outcomes = await test.store.commit(appends);
      expect(outcomes.map(withoutEpoch), label).toEqual((await model.commit(appends)).map(withoutEpoch));
      for (const [index, { channel: name, bodies }] of appends.entries()) {
        const outcome = outcomes[index];
        if (outcome?.kind === 'appended')
          ends.set(name, [...(ends.get(name) ?? []), outcome.first + bodies.length - 1]);
      }
    } else if (fate < 0.7) {
      const end = ends.get(channel)?.[upTo(ends.get(channel)?.length ?? 0)] ?? 0;
      await test.forget(channel, end);
      await model.forget(channel, end);
    } else if (fate < 0.73) {
      await test.reopen();
    } else {
      const request = { count: 1 + upTo(8), bytes: 1 + upTo(400), ...(random() < 0.5 ? { before: 1 + upTo(40) } : {}) };
      const [found, wanted] = [await test.store.page(channel, request), await model.page(channel, request)];
      expect([found?.head, found?.horizon], label).toEqual([wanted?.head, wanted?.horizon]);
      const [newest, expected] = [messagesOf(found), messagesOf(wanted)];
      // How bytes are counted is the store's own affair; that there is at least one run is not.
      const shared = Math.min(newest.length, expected.length);
      expect(newest.length > 0, label).toBe(expected.length > 0);
      expect(newest.slice(newest.length - shared), label).toEqual(expected.slice(expected.length - shared));
    }
  }
  for (const channel of ends.keys()) {
    const [found, wanted] = [await test.store.page(channel, everything), await model.page(channel, everything)];
    expect(found?.messages, `seed ${testSeed} run ${run} ${channel}`).toEqual(wanted?.messages);
  }
}

function withoutEpoch(outcome: StoreOutcome): unknown {
  if (outcome.kind === 'appended') return { ...outcome, epoch: undefined };
  return outcome.kind === 'duplicate' ? { kind: outcome.kind, offset: outcome.position.offset } : outcome;
}
