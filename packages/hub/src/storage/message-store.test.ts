// The database as a message store: the suite of all stores, then what is its own: bounds, letting go, a disk that takes
// nothing, backups.

import { join } from 'node:path';
import {
  type GatewayLog,
  type MessageStore,
  nothingWritten,
  type StoreAppend,
  type StoredPage,
} from '@telltale/gateway';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeStore, type StoreUnderTest } from '../../../gateway/src/testing/describe-store.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { openDatabase } from './database.ts';
import { createMessageStore, messagesOf } from './message-store.ts';
import { onceBounds } from './once-drafts.ts';
import { createOperations } from './operations.ts';
import { restoreBackup } from './restore.ts';
import { openStorageHere, type Storage } from './storage.ts';

const silent: GatewayLog = { debug() {}, info() {}, warn() {}, error() {} };

async function openIn(directory: string): Promise<{ storage: Storage; store: MessageStore }> {
  const storage = await openStorageHere(directory);
  onTestFinished(() => storage.close());
  return { storage, store: createMessageStore({ storage, log: silent }) };
}

const open = (): ReturnType<typeof openIn> => openIn(temporaryDirectory());

const bodiesOf = (...data: unknown[]): string[] => data.map((item) => `"data":${JSON.stringify(item)}}`);

function lines(channel: string, data: readonly unknown[], change: Partial<StoreAppend> = {}): StoreAppend {
  return { channel, time: 1000, bodies: bodiesOf(...data), once: undefined, ...change };
}

const once = (seq: number, producer = 'p', identity = 'i'): StoreAppend['once'] => ({ identity, producer, seq });

function dataOf(page: StoredPage | undefined): unknown[] {
  return (page?.messages ?? []).flatMap(({ bodies }) =>
    bodies.map((body) => (JSON.parse(`{${body}`) as { data: unknown }).data),
  );
}

const everything = { count: 10_000, bytes: Infinity };

async function makeStore(): Promise<StoreUnderTest> {
  const directory = temporaryDirectory();
  let storage = await openStorageHere(directory);
  let store = createMessageStore({ storage, log: silent });
  return {
    get store() {
      return store;
    },
    async reopen() {
      await storage.close();
      storage = await openStorageHere(directory);
      store = createMessageStore({ storage, log: silent });
    },
    async forget(channel, upTo) {
      while (await storage.expire({ kind: 'log-bytes', channel, most: -1, upTo })) await Promise.resolve();
    },
    [Symbol.asyncDispose]: () => storage.close(),
  };
}

describeStore('the database', makeStore);

describe('a commit', () => {
  it('that fails at its last append has written nothing of the others', async () => {
    const { storage, store } = await open();
    const broken = { ...lines('runs/b', [2]), time: null as unknown as number };
    await expect(store.commit([lines('runs/a', [1], { once: once(1) }), broken])).rejects.toMatchObject({
      code: nothingWritten,
    });
    expect(await storage.storedChannels('runs')).toEqual([]);
    expect(await store.commit([lines('runs/a', [1], { once: once(1) })])).toMatchObject([{ first: 1 }]);
  });
});

describe('reading on', () => {
  it('gives the oldest messages after an offset, in pages that join without a hole', async () => {
    const { storage, store } = await open();
    for (let run = 0; run < 5; run++) await store.commit([lines('runs/a', [run * 2, run * 2 + 1])]);
    const after = async (offset: number): Promise<number[]> => {
      const page = await storage.messagesAfter('runs/a', { after: offset, count: 3, bytes: Infinity });
      if (page === undefined) throw new Error('found no log');
      return messagesOf(page, { after: offset }).flatMap(({ first, bodies }) =>
        bodies.map((_, index) => first + index),
      );
    };
    expect(await after(0)).toEqual([1, 2, 3, 4]);
    expect(await after(3)).toEqual([4, 5, 6]);
    expect(await after(8)).toEqual([9, 10]);
    expect(await after(10)).toEqual([]);
    expect(await storage.messagesAfter('runs/b', { after: 0, count: 3, bytes: 1 })).toBeUndefined();
  });
});

describe('what `once` remembers', () => {
  it('is bounded for one identity, and nobody pushes out what another relies on', async () => {
    const { store } = await open();
    await store.commit([lines('runs/a', [0], { once: once(1, 'mine', 'other') })]);
    for (let producer = 0; producer < onceBounds.producers + 2; producer += 100) {
      await store.commit(
        Array.from({ length: 100 }, (_, index) =>
          lines('runs/a', [1], { once: once(1, `p${producer + index}`), time: 1000 + producer + index }),
        ),
      );
    }
    const again = (producer: string, identity?: string): StoreAppend =>
      lines('runs/a', [1], { once: once(2, producer, identity), time: 3000 });
    expect(await store.commit([again('p0'), again('p1099'), again('mine', 'other')])).toMatchObject([
      { kind: 'out-of-order', expected: 1 },
      { kind: 'appended' },
      { kind: 'appended' },
    ]);
  });
});

describe('letting go', () => {
  const drain = async (storage: Storage, expiry: Parameters<Storage['expire']>[0]): Promise<number> => {
    let steps = 0;
    while (await storage.expire(expiry)) steps++;
    return steps;
  };

  it('of what is too old leaves the rest and says where it begins', async () => {
    const { storage, store } = await open();
    for (const time of [1000, 2000, 3000]) await store.commit([lines('logs/web-1/x', [time, time], { time })]);
    await store.commit([lines('runs/a', [1])]);
    await drain(storage, { kind: 'age', family: 'logs', before: 3000 });
    expect(await store.page('logs/web-1/x', everything)).toMatchObject({ head: 6, horizon: 4 });
    expect(dataOf(await store.page('logs/web-1/x', everything))).toEqual([3000, 3000]);
    expect(dataOf(await store.page('runs/a', everything))).toEqual([1]);
  });

  it('of everything in a log goes on with its offsets', async () => {
    const { storage, store } = await open();
    const [before] = await store.commit([lines('logs/web-1/x', [1, 2])]);
    await drain(storage, { kind: 'age', family: 'logs', before: 2000 });
    expect(await store.page('logs/web-1/x', everything)).toMatchObject({ head: 2, horizon: 2, messages: [] });
    expect(await store.commit([lines('logs/web-1/x', [3])])).toEqual([{ ...before, first: 3 }]);
  });

  it('of what is over the bytes of a family takes the oldest of its largest log', async () => {
    const { storage, store } = await open();
    await store.commit([lines('logs/quiet/x', ['a'.repeat(1000)], { time: 1 })]);
    for (let count = 0; count < 10; count++) await store.commit([lines('logs/noisy/x', ['b'.repeat(1000)])]);
    await drain(storage, { kind: 'family-bytes', family: 'logs', most: 6000 });
    expect((await store.page('logs/quiet/x', everything))?.horizon).toBe(0);
    expect(await store.page('logs/noisy/x', everything)).toMatchObject({ head: 10, horizon: 6 });
    expect(await storage.expire({ kind: 'family-bytes', family: 'logs', most: 6000 })).toBe(false);
  });

  it('of what is over the bytes of one log stops where it is told', async () => {
    const { storage, store } = await open();
    for (let count = 0; count < 10; count++) await store.commit([lines('runs/a', ['b'.repeat(1000)])]);
    await drain(storage, { kind: 'log-bytes', channel: 'runs/a', most: 4000, upTo: 3 });
    expect((await store.page('runs/a', everything))?.horizon).toBe(3);
    await drain(storage, { kind: 'log-bytes', channel: 'runs/a', most: 4000, upTo: 10 });
    expect((await store.page('runs/a', everything))?.horizon).toBe(7);
  });

  it('of a log takes everything about it, in small steps', async () => {
    const { storage, store } = await open();
    for (let count = 0; count < 10; count++) {
      const hundred = Array.from({ length: 60 }, (_, index) =>
        lines('runs/a', [index], { once: once(index + 1 + count * 60) }),
      );
      await store.commit(hundred);
    }
    expect(await drain(storage, { kind: 'log', channel: 'runs/a' })).toBe(3);
    expect(await store.page('runs/a', everything)).toBeUndefined();
    expect(await storage.storedChannels('runs')).toEqual([]);
    expect(await store.commit([lines('runs/a', [1], { once: once(1) })])).toMatchObject([
      { kind: 'appended', first: 1 },
    ]);
  });

  it('lets the file use its pages again', async () => {
    const directory = temporaryDirectory();
    const { storage, store } = await openIn(directory);
    const beside = new Libsql(join(directory, 'telltale.db'));
    onTestFinished(() => void beside.close());
    // The file itself may lie behind what is written ahead.
    const pages = (): number => (beside.pragma('page_count') as { page_count: number }[])[0]?.page_count ?? 0;
    const round = async (): Promise<void> => {
      for (let count = 0; count < 8; count++) await store.commit([lines('logs/web-1/x', ['b'.repeat(200_000)])]);
      await drain(storage, { kind: 'age', family: 'logs', before: 2000 });
    };
    await round();
    await round();
    const after = pages();
    for (let again = 0; again < 4; again++) await round();
    expect(pages()).toBeLessThan(after * 1.1);
  });
});

describe('a disk that takes nothing', () => {
  it('rejects the commit, writes nothing, says so once in words, and once when it takes messages again', async () => {
    const directory = temporaryDirectory();
    const db = await openDatabase(directory);
    onTestFinished(() => db.destroy());
    const said: string[] = [];
    const note = (_fields: object, text: string): void => void said.push(text);
    const log = { ...silent, info: note, error: note };
    const store = createMessageStore({ storage: createOperations(db), log });
    const limit = async (pages: number): Promise<void> => {
      await db.executeQuery({
        sql: `PRAGMA max_page_count = ${pages}`,
        parameters: [],
        query: {} as never,
        queryId: {} as never,
      });
    };
    await store.commit([lines('runs/a', [1], { once: once(1) })]);
    await limit(1);
    const large = lines('runs/a', ['x'.repeat(100_000)], { once: once(2) });
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(store.commit([large])).rejects.toMatchObject({
        code: nothingWritten,
        message: expect.stringContaining('SQLITE_FULL'),
      });
    }
    expect(dataOf(await store.page('runs/a', everything))).toEqual([1]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/The database takes no messages .*SQLITE_FULL.* full/);
    await limit(1_000_000);
    expect(await store.commit([large])).toMatchObject([{ kind: 'appended', first: 2 }]);
    await store.commit([lines('runs/a', [3])]);
    expect(said.slice(1)).toEqual([expect.stringContaining('takes messages again')]);
  });
});

describe('a backup', () => {
  it('gives its logs new epochs where it is restored, and makes every producer begin anew', async () => {
    const directory = temporaryDirectory();
    const { storage, store } = await openIn(join(directory, 'source'));
    const [before] = await store.commit([lines('runs/a', [1, 2], { once: once(1) })]);
    const file = join(directory, 'backup.db');
    await storage.backup(file);
    const target = join(directory, 'target');
    await restoreBackup(target, file);
    const restored = await openIn(target);
    const page = await restored.store.page('runs/a', everything);
    expect(dataOf(page)).toEqual([1, 2]);
    expect(page?.epoch).toMatch(/^[a-z0-9]{20}$/);
    expect(page?.epoch).not.toBe((before as { epoch: string }).epoch);
    expect(await restored.store.commit([lines('runs/a', [3], { once: once(2) })])).toEqual([
      { kind: 'out-of-order', expected: 1 },
    ]);
  });
});
