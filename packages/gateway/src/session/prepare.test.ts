// The last word of a channel on what is published: it knows the sender, completes the data, or refuses in words.

import { describe, expect, it } from 'vitest';
import { stream, table } from '../channels/definition.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';
import type { Appended, Prepared, PublishToPrepare, StandardSchema } from '../types.ts';

const rules = { read: () => true, write: () => true };
const once = (seq: number) => ({ producer: 'p'.repeat(22), seq });

const text: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (typeof value === 'string' ? { value: value.trim() } : { issues: [{ message: 'no text' }] }),
  },
};

/** Signs what is published; `no: …` is refused for good, `later` may be tried again, `slow` is looked up first. */
function sign({ as, items }: PublishToPrepare<string>): Prepared<string> | Promise<Prepared<string>> {
  const data = items.map((item) => item.data ?? '');
  const refusal = data.find((one) => one.startsWith('no: '));
  if (refusal !== undefined) return { kind: 'refused', code: 4403, message: refusal };
  if (data.includes('later')) return { kind: 'refused', code: 4429, message: 'too fast', retryAfterMs: 40 };
  const ready = { kind: 'ready' as const, data: data.map((one) => `${one} (${as?.subject ?? 'the application'})`) };
  return data.includes('slow') ? new Promise((resolve) => setImmediate(() => resolve(ready))) : ready;
}

async function start(prepare = sign) {
  const told: Appended<string>[] = [];
  const onAppended = (appended: Appended<string>): void => void told.push(appended);
  const started = await startGateway({
    channels: { log: stream('log', { ...rules, schema: text, prepare, onAppended }) },
  });
  const client = started.connect(`/ws/?token=${testToken()}`);
  await client.welcome();
  const publish = (frame: object) => client.request({ type: 'publish', channel: 'log', ...frame });
  const kept = async (): Promise<unknown[]> => (await started.gateway.read('log')).messages.map(({ data }) => data);
  return { started, client, publish, kept, told };
}

describe('a channel with a last word', () => {
  it('[PUB8] appends what it makes of each message, for viewers and for who is told', async () => {
    const { started, publish, kept, told } = await start();
    await using _ = started;
    await publish({ data: ' one ' });
    await publish({ batch: [{ data: 'two' }, { data: 'slow' }] });
    await started.gateway.publish('log', 'three');
    const expected = ['one (ada)', 'two (ada)', 'slow (ada)', 'three (the application)'];
    expect(await kept()).toEqual(expected);
    expect(told.flatMap(({ items }) => items.map(({ data }) => data))).toEqual(expected);
  });

  it('[PUB8] refuses in words, all of a batch or nothing', async () => {
    const { started, publish, kept } = await start();
    await using _ = started;
    expect(await publish({ data: 'no: not here' })).toMatchObject({
      code: 4403,
      message: 'no: not here',
      retryable: false,
    });
    expect(await publish({ data: 'later' })).toMatchObject({
      code: 4429,
      message: 'too fast',
      retryable: true,
      retryAfterMs: 40,
    });
    expect(await publish({ batch: [{ data: 'one' }, { data: 'no: two' }] })).toMatchObject({ code: 4403 });
    expect(await publish({ data: 1 })).toMatchObject({ code: 4400, message: 'log: data: no text' });
    expect(await kept()).toEqual([]);
  });

  it('[PUB8] [ONC4] uses the number of what it refuses for good, and of nothing that may come again', async () => {
    const { started, publish, kept } = await start();
    await using _ = started;
    expect(await publish({ data: 'later', once: once(1) })).toMatchObject({ code: 4429 });
    expect(await publish({ data: 'no: never', once: once(1) })).toMatchObject({ code: 4403 });
    expect(await publish({ data: 'no: never', once: once(1) })).toMatchObject({ code: 4403, message: 'no: never' });
    expect(await publish({ data: 'one', once: once(2) })).toMatchObject({ data: { position: { offset: 1 } } });
    // What was taken was taken, whatever the last word would be now.
    expect(await publish({ data: 'no: never', once: once(2) })).toMatchObject({ data: { duplicate: true } });
    expect(await kept()).toEqual(['one (ada)']);
  });

  it('[PUB1] keeps the order of a session, also where it looks something up', async () => {
    const { started, publish, kept } = await start();
    await using _ = started;
    const answers = ['slow', 'two', 'slow', 'four'].map((data) => publish({ data }));
    await Promise.all(answers);
    expect(await kept()).toEqual(['slow (ada)', 'two (ada)', 'slow (ada)', 'four (ada)']);
  });

  it('[SES6] ends the session with 4000 when it fails, or answers for fewer than it was asked', async () => {
    for (const broken of [
      () => Promise.reject(new Error('the lookup broke')),
      () => ({ kind: 'ready' as const, data: [] }),
    ]) {
      const { started, client } = await start(broken as typeof sign);
      await using _ = started;
      client.send({ type: 'publish', id: 1, channel: 'log', data: 'one' });
      expect((await client.closed).code).toBe(4000);
      expect(started.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    }
  });

  it('[PUB6] measures what it made, not what was sent', async () => {
    const { started, publish, kept } = await start(({ items }) => ({
      kind: 'ready',
      data: items.map(() => 'x'.repeat(300 * 1024)),
    }));
    await using _ = started;
    expect(await publish({ data: 'short' })).toMatchObject({ code: 4400, message: expect.stringContaining('bytes') });
    expect(await kept()).toEqual([]);
  });

  it('[LOG3] knows the keys of a table, and may remove one', async () => {
    const keys: (string | undefined)[] = [];
    const prepare = ({ items }: PublishToPrepare): Prepared => {
      keys.push(...items.map(({ key }) => key));
      return { kind: 'ready', data: items.map(({ data }) => (data === 'gone' ? null : data)) };
    };
    await using started = await startGateway({ channels: { rows: table('rows', { ...rules, prepare }) } });
    await started.gateway.publish('rows', 1 as never, { key: 'a' });
    await started.gateway.publish('rows', 2 as never, { key: 'b' });
    await started.gateway.publish('rows', 'gone' as never, { key: 'a' });
    await started.gateway.publish('rows', null, { key: 'c' });
    expect(keys).toEqual(['a', 'b', 'a', 'c']);
    const client = started.connect();
    await client.welcome();
    await client.subscribe('rows');
    expect((await client.read('rows')).messages).toMatchObject([{ key: 'b', data: 2 }]);
  });
});
