// Stored channels over real sockets: what a sender, a viewer and an application see of the store, of its failures, and of
// a gateway that comes after another on the same one.

import { describe, expect, it } from 'vitest';
import type { Position } from '@telltale/protocol';
import { stream, table } from './channels/definition.ts';
import { createGateway } from './gateway.ts';
import { MemoryBroker } from './broker/memory-broker.ts';
import { systemClock } from './clock.ts';
import { settled } from './testing/hand-store.ts';
import { type CommitFate, MemoryStore } from './testing/memory-store.ts';
import { eventually } from './testing/plain-client.ts';
import { startGateway, type TestOptions } from './testing/start-gateway.ts';
import type { Appended } from './types.ts';

const rules = { read: () => true, write: () => true };
const producer = 'p'.repeat(22);
const once = (seq: number) => ({ producer, seq });

function start(store: MemoryStore, options: TestOptions = {}, retention = {}) {
  const channels = { runs: stream('runs/:run', { ...rules, stored: true, retention }) };
  return startGateway({ channels, store, ...options });
}

/** Holds every commit until it is let go. */
function holdCommits(store: MemoryStore): (fate?: CommitFate) => void {
  let release: (fate: CommitFate) => void = () => {};
  const held = new Promise<CommitFate>((resolve) => (release = resolve));
  store.fate = () => held;
  return (fate = 'written') => {
    store.fate = () => 'written';
    release(fate);
  };
}

const dataOf = (messages: readonly { readonly data: unknown }[]): unknown[] => messages.map(({ data }) => data);

describe('a stored channel', () => {
  it('[STO1] answers its sender and shows its viewers what was committed, not before', async () => {
    const store = new MemoryStore();
    await using started = await start(store);
    const [sender, viewer] = [started.connect(), started.connect()];
    await Promise.all([sender.welcome(), viewer.welcome()]);
    await viewer.subscribe('runs/a');
    await viewer.read('runs/a');
    const release = holdCommits(store);
    const answer = sender.request({ type: 'publish', channel: 'runs/a', data: 1 });
    await eventually('a commit', () => store.commits.length === 1);
    for (const client of [sender, viewer]) {
      client.send({ type: 'ping', at: 1 });
      await client.ofType('pong');
      expect(client.frames).toEqual([]);
    }
    release();
    const { position } = ((await answer) as { data: { position: Position } }).data;
    const read = await viewer.read('runs/a');
    expect(position).toEqual({ epoch: read.frames[0]?.epoch, offset: 1 });
    expect(dataOf(read.messages)).toEqual([1]);
  });

  it('[PUB1] appends in order what a session sends without waiting, many in one commit', async () => {
    const store = new MemoryStore();
    const told: Appended[] = [];
    const channels = { runs: stream('runs/:run', { ...rules, stored: true, onAppended: (at) => void told.push(at) }) };
    await using started = await start(store, { channels });
    const client = started.connect();
    await client.welcome();
    const release = holdCommits(store);
    const publish = (n: number) =>
      client.request({ type: 'publish', channel: 'runs/a', batch: [{ data: n }, { data: n }], once: once(n) });
    const first = publish(1);
    await eventually('a commit', () => store.commits.length === 1);
    const rest = Array.from({ length: 40 }, (_, n) => publish(n + 2));
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    expect(told).toEqual([]);
    release();
    const answers = await Promise.all([first, ...rest]);
    const offsets = answers.map((answer) => (answer as { data: { position: Position } }).data.position.offset);
    expect(offsets).toEqual(Array.from({ length: 41 }, (_, n) => 2 * (n + 1)));
    expect(store.commits).toEqual([1, 40]);
    expect(told.map(({ position }) => position.offset)).toEqual(offsets);
    expect(told.map(({ time }) => time)).toEqual(
      offsets.map((offset) => (JSON.parse(store.contents('runs/a')[offset - 1] ?? '') as { time: number }).time),
    );
  });

  it('[STO4] is an error 4503 while the store is away, to be tried again, and then appended once', async () => {
    const store = new MemoryStore();
    await using started = await start(store);
    const client = started.connect();
    await client.welcome();
    const frame = { type: 'publish', channel: 'runs/a', data: 1, once: once(1) };
    for (const fate of ['nothing-written', 'unknown-written'] as const) {
      store.fate = () => fate;
      expect(await client.request(frame)).toMatchObject({ type: 'error', code: 4503, retryable: true });
    }
    store.fate = () => 'written';
    expect(await client.request(frame)).toMatchObject({ data: { position: { offset: 1 }, duplicate: true } });
    expect(store.contents('runs/a')).toHaveLength(1);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('[STO4] ends a subscription with 4503 that cannot be read, and lets the next one in', async () => {
    const store = new MemoryStore();
    await using started = await start(store);
    await started.gateway.publish('runs/a', 1 as never);
    store.onPage = () => Promise.reject(new Error('the disk is away'));
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'subscribe', id: 1, channel: 'runs/a' });
    expect(await client.ofType('unsubscribed')).toMatchObject({ channel: 'runs/a', code: 4503, retry: true });
    store.onPage = () => {};
    await client.subscribe('runs/a');
    expect(dataOf((await client.read('runs/a')).messages)).toEqual([1]);
  });

  it('[SUB8] [SUB6] sends nothing to who lost the right, or left, while the log was read', async () => {
    const store = new MemoryStore();
    let mayRead = true;
    const channels = { runs: stream('runs/:run', { ...rules, read: () => mayRead, stored: true }) };
    await using started = await start(store, { channels });
    await started.gateway.publish('runs/a', 'secret' as never);
    let release = (): void => {};
    store.onPage = () => new Promise((resolve) => (release = resolve));
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'subscribe', id: 1, channel: 'runs/a' });
    await eventually('a page that is read', () => store.pages === 1);
    mayRead = false;
    started.gateway.rightsChanged('all');
    expect(await client.ofType('unsubscribed')).toMatchObject({ channel: 'runs/a', code: 4403 });
    mayRead = true;
    client.send({ type: 'subscribe', id: 2, channel: 'runs/a' });
    expect(await client.request({ type: 'unsubscribe', channel: 'runs/a' })).toMatchObject({ type: 'result' });
    store.onPage = () => {};
    release();
    await settled();
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    expect(client.frames).toEqual([]);
    expect(started.gateway.hasReaders('runs/a')).toBe(false);
  });
});

describe('a gateway that comes after another on the same store', () => {
  it('[STO2] [RES1] [RES2] [RES4] lets who resumes go on, and resets who was never there', async () => {
    const store = new MemoryStore();
    let position: Position | undefined;
    {
      await using before = await start(store);
      const client = before.connect();
      await client.welcome();
      for (const n of [1, 2, 3]) {
        const frame = { type: 'publish', channel: 'runs/a', data: n, once: once(n) };
        const answer = await client.request(frame);
        if (n === 2) ({ position } = (answer as { data: { position: Position } }).data);
      }
    }
    await using after = await start(store);
    const client = after.connect();
    await client.welcome();
    expect(await client.subscribe('runs/a', position)).toMatchObject({ start: 'resumed', position });
    expect(dataOf((await client.read('runs/a')).messages)).toEqual([3]);
    const again = { type: 'publish', channel: 'runs/a', data: 3, once: once(3) };
    expect(await client.request(again)).toMatchObject({ data: { duplicate: true, position: { offset: 3 } } });
    expect(await client.request({ ...again, data: 4, once: once(4) })).toMatchObject({
      data: { position: { offset: 4 } },
    });
    expect(dataOf((await client.read('runs/a')).messages)).toEqual([4]);
    expect(await client.subscribe('runs/a', { epoch: 'other', offset: 2 })).toMatchObject({ start: 'reset' });
    expect(dataOf((await client.read('runs/a')).messages)).toEqual([1, 2, 3, 4]);
  });

  it('[STO3] [RES3] reports what memory has let go of as a gap, which pages of history fill', async () => {
    const store = new MemoryStore();
    await using started = await start(store, {}, { count: 5 });
    for (let n = 1; n <= 8; n++) {
      await started.gateway.publishBatch('runs/a', [{ data: `${n}a` as never }, { data: `${n}b` as never }]);
    }
    const client = started.connect();
    await client.welcome();
    await client.subscribe('runs/a', { epoch: (await started.gateway.read('runs/a')).epoch, offset: 3 });
    const { messages, frames } = await client.read('runs/a');
    const gap = frames.find((frame) => frame.gap !== undefined)?.gap ?? { from: 0, to: 0 };
    const epoch = frames[0]?.epoch ?? '';
    expect([messages.length, gap.from]).toEqual([5, 4]);

    const filled: (typeof messages)[number][] = [];
    for (let before = gap.to + 1; before > gap.from;) {
      const page = await started.gateway.read('runs/a', { before: { epoch, offset: before }, limit: 3 });
      expect(page).toMatchObject({ epoch, position: { epoch, offset: 16 }, reset: false });
      filled.unshift(...(page.messages as typeof messages).filter(({ offset }) => offset >= gap.from));
      before = page.messages[0]?.offset ?? 0;
    }
    const all = [...filled, ...messages].map(({ offset, data }) => [offset, data]);
    expect(all).toEqual(
      Array.from({ length: 13 }, (_, n) => [n + 4, `${Math.ceil((n + 4) / 2)}${n % 2 === 0 ? 'b' : 'a'}`]),
    );
  });
});

describe('a page of a stored channel', () => {
  it('[STO3] comes from the store, says whether older ones are kept, and is of one epoch', async () => {
    const store = new MemoryStore();
    await using started = await start(store);
    expect(await started.gateway.read('runs/a')).toEqual({
      epoch: null,
      position: null,
      messages: [],
      more: false,
      reset: false,
    });
    for (let n = 1; n <= 6; n++) await started.gateway.publish('runs/a', n as never);
    const { epoch } = await started.gateway.read('runs/a');
    const page = async (offset?: number, limit = 2) => {
      const before = offset === undefined ? {} : { before: { epoch: epoch ?? '', offset } };
      const { messages, more } = await started.gateway.read('runs/a', { ...before, limit });
      return [dataOf(messages), more];
    };
    expect(await page()).toEqual([[5, 6], true]);
    expect(await page(5)).toEqual([[3, 4], true]);
    expect(await page(3)).toEqual([[1, 2], false]);
    expect(await page(1)).toEqual([[], false]);
    expect(await page(undefined, 6)).toEqual([[1, 2, 3, 4, 5, 6], false]);
    await store.forget('runs/a', 3);
    expect(await page(undefined, 2)).toEqual([[5, 6], true]);
    expect(await page(undefined, 3)).toEqual([[4, 5, 6], false]);
    expect(await page(4)).toEqual([[], false]);
    expect(await started.gateway.read('runs/a', { before: { epoch: 'other', offset: 4 } })).toMatchObject({
      epoch,
      position: { epoch, offset: 6 },
      messages: [],
      reset: true,
    });
  });

  it('of messages with and without a sender has the fields they have', async () => {
    const store = new MemoryStore();
    const channels = {
      runs: stream('runs/:run', { ...rules, stored: true, singleWriter: true }),
      chat: stream('chat/:room', { ...rules, stored: true }),
    };
    await using started = await start(store, { channels });
    const client = started.connect();
    await client.welcome();
    for (const channel of ['runs/a', 'chat/a']) {
      await client.request({ type: 'publish', channel, data: { text: 'é"' }, once: once(1) });
    }
    const fields = async (channel: string) => Object.keys((await started.gateway.read(channel)).messages[0] ?? {});
    expect(await fields('runs/a')).toEqual(['offset', 'time', 'data']);
    expect(await fields('chat/a')).toEqual(['offset', 'time', 'from', 'data', 'once']);
  });

  it('of large messages holds as many as fit, and at least one', async () => {
    const store = new MemoryStore();
    await using started = await start(store);
    for (let n = 0; n < 8; n++) await started.gateway.publish('runs/a', 'x'.repeat(256 * 1024 - 2) as never);
    const page = await started.gateway.read('runs/a', { limit: 1000 });
    expect([3, 4]).toContain(page.messages.length);
    expect(page.more).toBe(true);
  });
});

describe('a gateway whose channels, broker and store do not fit together', () => {
  const channels = { runs: stream('runs/:run', { stored: true }), other: stream('other') };
  const thrown = (options: Parameters<typeof createGateway>[0]): unknown => {
    try {
      return createGateway(options);
    } catch (error) {
      return error;
    }
  };

  it('is refused when it is made, with the words of who declared it', () => {
    expect(thrown({ channels })).toMatchObject({
      code: 'ERR_TELLTALE_STORE',
      message: 'found no `store`, expected one for the channels declared `stored`: "runs/:run"',
    });
    const broker = new MemoryBroker({ clock: systemClock, logBytes: 1e6 });
    expect(thrown({ channels, broker, store: new MemoryStore() })).toMatchObject({
      code: 'ERR_TELLTALE_STORE',
      message: expect.stringContaining('found `store` beside `broker`') as string,
    });
    const declare = (): unknown => table('rows', { stored: true } as object);
    expect(declare).toThrow('channel "rows": found a table declared `stored`, expected a stream');
    expect(declare).toThrow(expect.objectContaining({ code: 'ERR_TELLTALE_CHANNELS' }));
  });
});
