// The database as a message store: what a commit promises, pages, what `once` remembers, letting go, and a disk that takes
// nothing.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayLog, MessageStore, StoreAppend, StoredPage } from '@telltale/gateway';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { openDatabase } from './database.ts';
import { createMessageStore } from './message-store.ts';
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

describe('a commit', () => {
  it('numbers the messages of each channel and keeps its epoch when the database is opened again', async () => {
    const directory = temporaryDirectory();
    const first = await openStorageHere(directory);
    const store = createMessageStore({ storage: first, log: silent });
    const outcomes = await store.commit([lines('runs/a', [1, 2]), lines('runs/b', [1]), lines('runs/a', [3])]);
    expect(outcomes).toMatchObject([
      { kind: 'appended', first: 1 },
      { kind: 'appended', first: 1 },
      { kind: 'appended', first: 3 },
    ]);
    await first.close();
    const again = await openIn(directory);
    const [outcome] = await again.store.commit([lines('runs/a', [4])]);
    expect(outcome).toEqual({ ...outcomes[0], first: 4 });
    expect(dataOf(await again.store.page('runs/a', everything))).toEqual([1, 2, 3, 4]);
  });

  it('is taken whole or not at all', async () => {
    const { storage, store } = await open();
    const broken = { ...lines('runs/b', [2]), time: null as unknown as number };
    await expect(store.commit([lines('runs/a', [1], { once: once(1) }), broken])).rejects.toMatchObject({
      code: 'ERR_TELLTALE_NOTHING_WRITTEN',
    });
    expect(await store.page('runs/a', everything)).toBeUndefined();
    expect(await storage.storedChannels('runs')).toEqual([]);
    expect(await store.commit([lines('runs/a', [1], { once: once(1) })])).toMatchObject([{ first: 1 }]);
  });

  it('keeps any text as it was', async () => {
    const { store } = await open();
    const hostile = ['a\nb', '\u0000', '\u2028\u{1f980}', '\ud800', '__proto__', `'; drop table logs; --`, ''];
    await store.commit([lines('logs/web-1/x', hostile)]);
    expect(dataOf(await store.page('logs/web-1/x', everything))).toEqual(hostile);
  });
});

describe('a page', () => {
  const filled = async (): Promise<MessageStore> => {
    const { store } = await open();
    for (let run = 0; run < 5; run++) {
      await store.commit([
        lines(
          'runs/a',
          [1, 2, 3].map((item) => run * 3 + item),
          { time: 1000 + run },
        ),
      ]);
    }
    return store;
  };

  it('of a log that is not there is none, and the question makes none', async () => {
    const { storage, store } = await open();
    expect(await store.page('runs/a', everything)).toBeUndefined();
    expect(await storage.storedChannels('runs')).toEqual([]);
  });

  it.each([
    ['as many messages as asked for, in whole runs', { count: 4, bytes: Infinity }, [10, 11, 12, 13, 14, 15]],
    ['no more bytes than asked for', { count: 100, bytes: 75 }, [10, 11, 12, 13, 14, 15]],
    ['at least one run', { count: 1, bytes: 0 }, [13, 14, 15]],
    ['what is before an offset, cut there', { ...everything, before: 5 }, [1, 2, 3, 4]],
    ['nothing before the first', { ...everything, before: 1 }, []],
    ['nothing that is too old', { ...everything, since: 1003 }, [10, 11, 12, 13, 14, 15]],
  ])('holds %s', async (_case, request, expected) => {
    const page = await (await filled()).page('runs/a', request);
    expect(dataOf(page)).toEqual(expected);
    expect(page).toMatchObject({ head: 15, horizon: 0 });
    const offsets = page?.messages.flatMap(({ first, bodies }) => bodies.map((_, index) => first + index));
    expect(offsets).toEqual(expected);
  });

  it('is true while commits are under way', async () => {
    const { store } = await open();
    for (let turn = 0; turn < 50; turn++) {
      const committing = store.commit([lines('runs/a', [turn, turn])]);
      const page = await store.page('runs/a', everything);
      expect(dataOf(page)).toHaveLength(page?.head ?? 0);
      await committing;
    }
  });
});

describe('what `once` remembers', () => {
  it('[ONC1] [ONC2] [ONC3] survives the process, within a commit and across', async () => {
    const directory = temporaryDirectory();
    const first = await openStorageHere(directory);
    const store = createMessageStore({ storage: first, log: silent });
    const appended = await store.commit([
      lines('runs/a', [1], { once: once(1) }),
      lines('runs/a', [2, 3], { once: once(2) }),
      lines('runs/a', [1], { once: once(1) }),
      lines('runs/a', [9], { once: once(9) }),
      lines('runs/a', [4], { once: once(1, 'q') }),
      lines('runs/b', [1], { once: once(1) }),
      lines('runs/a', [5], { once: once(1, 'p', 'j') }),
    ]);
    const { epoch } = appended[0] as { epoch: string };
    expect(appended).toMatchObject([
      { kind: 'appended', first: 1 },
      { kind: 'appended', first: 2 },
      { kind: 'duplicate', position: { epoch, offset: 3 } },
      { kind: 'out-of-order', expected: 3 },
      { kind: 'appended', first: 4 },
      { kind: 'appended', first: 1 },
      { kind: 'appended', first: 5 },
    ]);
    await first.close();
    const again = await openIn(directory);
    expect(await again.store.commit([lines('runs/a', [1], { once: once(2) })])).toEqual([
      { kind: 'duplicate', position: { epoch, offset: 3 } },
    ]);
  });

  it('[ONC4] is used up by a refusal, which is remembered too', async () => {
    const { storage, store } = await open();
    const refusal = lines('runs/a', [], { once: once(1) });
    expect(await store.commit([refusal])).toEqual([{ kind: 'refused' }]);
    expect(await storage.storedChannels('runs')).toEqual([]);
    expect(await store.commit([refusal, lines('runs/a', [2], { once: once(2) }), refusal])).toMatchObject([
      { kind: 'refused' },
      { kind: 'appended', first: 1 },
      { kind: 'refused' },
    ]);
  });

  it('[ONC3] is forgotten after seven days without a word', async () => {
    const { store } = await open();
    const at = (seq: number, time: number): StoreAppend => lines('runs/a', [seq], { once: once(seq), time });
    await store.commit([at(1, 1000)]);
    expect(await store.commit([at(2, 1000 + onceBounds.ms)])).toMatchObject([{ kind: 'appended' }]);
    const late = 1001 + 2 * onceBounds.ms;
    expect(await store.commit([at(3, late)])).toEqual([{ kind: 'out-of-order', expected: 1 }]);
    expect(await store.commit([at(1, late)])).toMatchObject([{ kind: 'appended', first: 3 }]);
  });

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
    const size = (): number => statSync(join(directory, 'telltale.db')).size;
    const round = async (): Promise<void> => {
      for (let count = 0; count < 20; count++) await store.commit([lines('logs/web-1/x', ['b'.repeat(400_000)])]);
      await drain(storage, { kind: 'age', family: 'logs', before: 2000 });
    };
    await round();
    await round();
    const after = size();
    for (let again = 0; again < 4; again++) await round();
    expect(size()).toBeLessThan(after * 1.5);
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
        code: 'ERR_TELLTALE_NOTHING_WRITTEN',
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
