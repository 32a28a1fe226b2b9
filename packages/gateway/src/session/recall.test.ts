// A publish that was appended, an answer that was lost, and a sender who comes back without the right to write: over real
// sockets, for channels in memory and stored ones.

import type { Identity } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { stream } from '../channels/definition.ts';
import { type CommitFate, MemoryStore } from '../testing/memory-store.ts';
import { eventually } from '../testing/plain-client.ts';
import { startGateway, type StartedGateway, testToken } from '../testing/start-gateway.ts';
import type { StandardSchema } from '../types.ts';

const once = (seq: number, producer = 'p') => ({ producer: producer.repeat(22), seq });
const frame = (channel: string, seq: number) => ({ type: 'publish', channel, data: seq, once: once(seq) });

/** Numbers are right; others are refused when they are let go of. */
function numbers(): { schema: StandardSchema; held: (() => void)[] } {
  const held: (() => void)[] = [];
  const schema: StandardSchema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      async validate(value) {
        if (value === 'held') await new Promise<void>((resolve) => held.push(resolve));
        return value === 'no number' ? { issues: [{ message: 'expected a number' }] } : { value };
      },
    },
  };
  return { schema, held };
}

async function start() {
  const store = new MemoryStore();
  const rights = { write: true };
  const { schema, held } = numbers();
  const rules = { read: () => true, write: () => rights.write, schema };
  const channels = { runs: stream('runs', { ...rules, stored: true }), log: stream('log', rules) };
  const started = await startGateway({ channels, store });
  return { store, rights, held, started, [Symbol.asyncDispose]: () => started[Symbol.asyncDispose]() };
}

async function signIn(started: StartedGateway, sub: string) {
  const client = started.connect(`/ws/?token=${testToken({ sub })}`);
  await client.welcome();
  return client;
}

const refusedTo = (sub: string, channel: string): object => ({
  type: 'error',
  code: 4403,
  retryable: false,
  message: `user ${sub} may not write to ${channel}`,
});

describe('a sender who may not write any more', () => {
  it.each(['runs', 'log'])(
    '[ONC6] is told of what was appended to %s while they might, and nothing of anything else',
    async (channel) => {
      await using test = await start();
      const { started, rights, store } = test;
      const ada = await signIn(started, 'ada');
      const result = { type: 'result', data: { channel, position: { offset: 1 } } };
      expect(await ada.request(frame(channel, 1))).toMatchObject(result);
      const unfit = { type: 'publish', channel, data: 'no number', once: once(2) };
      expect(await ada.request(unfit)).toMatchObject({ code: 4400 });

      rights.write = false;
      const back = await signIn(started, 'ada');
      expect(await back.request(frame(channel, 1))).toMatchObject({ data: { ...result.data, duplicate: true } });
      const { gateway } = started;
      const by = (as: string) => [...gateway.sessions()].find(({ identity }) => identity.subject === as)?.identity;
      const bob = await signIn(started, 'bob');
      for (const [client, sub, sent] of [
        // What was refused, what never came, under this producer and another, and what somebody else sent.
        [back, 'ada', unfit],
        [back, 'ada', frame(channel, 3)],
        [back, 'ada', frame(channel, 9)],
        [back, 'ada', { ...frame(channel, 1), once: once(1, 'q') }],
        [bob, 'bob', frame(channel, 1)],
        [bob, 'bob', frame(channel, 2)],
      ] as const) {
        const answer = await client.request(sent);
        expect(answer).toMatchObject(refusedTo(sub, channel));
        expect(answer).not.toHaveProperty('expected');
      }
      const asked = store.commits.length;
      const { type: _, once: __, ...plain } = frame(channel, 1);
      expect(await back.request({ type: 'publish', ...plain })).toMatchObject(refusedTo('ada', channel));
      expect(store.commits, 'who does not number it costs the store nothing').toHaveLength(asked);
      const as = by('ada');
      expect(await gateway.publish(channel, 1 as never, { once: once(1), ...(as && { as }) })).toMatchObject({
        kind: 'appended',
        duplicate: true,
      });

      rights.write = true;
      expect(await back.request(frame(channel, 3)), 'its number is free still').toMatchObject({
        data: { position: { offset: 2 } },
      });
      expect((await gateway.read(channel)).messages.map(({ data }) => data)).toEqual([1, 3]);
    },
  );

  it('[ONC6] [STO1] learns of what was being committed when the line broke, and waits for it', async () => {
    await using test = await start();
    const { started, rights, store } = test;
    const first = await signIn(started, 'ada');
    let release = (_fate: CommitFate): void => {};
    store.fate = () => new Promise((resolve) => (release = resolve));
    first.send({ id: 1, ...frame('runs', 1) });
    await eventually('a commit', () => store.commits.length === 1);
    first.socket.terminate();
    rights.write = false;
    const back = await signIn(started, 'ada');
    const answers = [back.request(frame('runs', 1)), back.request(frame('runs', 2))];
    back.send({ type: 'ping', at: 1 });
    await back.ofType('pong');
    expect(back.frames).toEqual([]);
    store.fate = () => 'written';
    release('written');
    expect(await Promise.all(answers)).toMatchObject([
      { data: { position: { offset: 1 }, duplicate: true } },
      refusedTo('ada', 'runs'),
    ]);
    expect(store.contents('runs')).toHaveLength(1);
  });

  it('[ONC6] is told to ask again while the store cannot say', async () => {
    await using test = await start();
    const { started, rights, store } = test;
    const ada = await signIn(started, 'ada');
    await ada.request(frame('runs', 1));
    rights.write = false;
    for (const fate of ['nothing-written', 'unknown-lost'] as const) {
      store.fate = () => fate;
      expect(await ada.request(frame('runs', 1))).toMatchObject({ code: 4503, retryable: true });
    }
    store.fate = () => 'written';
    expect(await ada.request(frame('runs', 1))).toMatchObject({ data: { duplicate: true } });
  });

  it('[ONC6] is not told that something is refused which a slow check lets in afterwards', async () => {
    await using test = await start();
    const { started, rights, held } = test;
    const sent = { type: 'publish', channel: 'log', data: 'held', once: once(1) };
    const [first, back] = [await signIn(started, 'ada'), await signIn(started, 'ada')];
    const checked = first.request(sent);
    await eventually('a check', () => held.length === 1);
    rights.write = false;
    expect(await back.request(sent)).toMatchObject(refusedTo('ada', 'log'));
    for (const letGo of held) letGo();
    expect(await checked).toMatchObject(refusedTo('ada', 'log'));
    expect((await started.gateway.read('log')).messages).toEqual([]);
  });

  it('[ONC6] nor which one lets in whose line broke and whose role was lowered meanwhile, by frame and by call', async () => {
    const { schema, held } = numbers();
    const write = ({ scope }: Identity): boolean => scope === 'operator';
    await using started = await startGateway({ channels: { log: stream('log', { read: () => true, write, schema }) } });
    const { gateway } = started;
    const first = started.connect(`/ws/?token=${testToken({ sub: 'ada', scope: 'operator' })}`);
    await first.welcome();
    const [as] = [...gateway.sessions()].map(({ identity }) => identity) as [Identity];
    first.send({ id: 1, type: 'publish', channel: 'log', data: 'held', once: once(1) });
    const called = gateway.publish('log', 'held' as never, { as, once: once(1, 'q') });
    await eventually('two checks', () => held.length === 2);
    first.socket.terminate();
    await eventually('the end of the line', () => [...gateway.sessions()].length === 0);
    gateway.rightsChanged({ subject: 'ada', identity: { scope: 'viewer' } });
    const back = started.connect(`/ws/?token=${testToken({ sub: 'ada', scope: 'viewer' })}`);
    await back.welcome();
    const again = { type: 'publish', channel: 'log', data: 1 };
    expect(await back.request({ ...again, once: once(1) })).toMatchObject(refusedTo('ada', 'log'));
    for (const letGo of held) letGo();
    expect(await called).toMatchObject({ kind: 'failed', code: 4403 });
    expect(await back.request({ ...again, once: once(1) })).toMatchObject(refusedTo('ada', 'log'));
    expect((await gateway.read('log')).messages).toEqual([]);
  });
});
