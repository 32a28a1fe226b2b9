// What an application is told of appends, and what messages of a channel with one writer leave out.

import { describe, expect, it } from 'vitest';
import { stream, table } from '../channels/definition.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';
import type { Appended, StandardSchema } from '../types.ts';

const rules = { read: () => true, write: () => true };
const producer = 'p'.repeat(22);

/** Texts, without the space around them. */
const schema: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value === 'string' ? { value: value.trim() } : { issues: [{ message: 'expected a text' }] },
  },
};

describe('an application that is told of appends', () => {
  it('learns who appended what where, as the schema gave it, once and in the order of the log', async () => {
    const told: Appended<string>[] = [];
    const log = stream('log/:name', { ...rules, schema, onAppended: (appended) => told.push(appended) });
    await using started = await startGateway({ channels: { log } });
    const client = started.connect(`/ws/?token=${testToken()}`);
    await client.welcome();
    const once = { producer, seq: 1 };
    const batch = [{ data: ' a ' }, { data: 'b' }];
    const first = await client.request({ type: 'publish', channel: 'log/x', batch, once });
    await client.request({ type: 'publish', channel: 'log/x', batch, once });
    await client.request({ type: 'publish', channel: 'log/x', data: 7, once: { producer, seq: 2 } });
    const last = await started.gateway.publish('log/y', 'c' as never);
    const { position } = (first as { data: { position: object } }).data;
    expect(told).toEqual([
      {
        channel: 'log/x',
        params: { name: 'x' },
        as: expect.objectContaining({ subject: 'ada' }) as object,
        items: [{ data: 'a' }, { data: 'b' }],
        position,
        time: expect.any(Number) as number,
      },
      {
        channel: 'log/y',
        params: { name: 'y' },
        as: undefined,
        items: [{ data: 'c' }],
        position: last.kind === 'appended' ? last.position : undefined,
        time: expect.any(Number) as number,
      },
    ]);
    const page = await started.gateway.read('log/x');
    expect(page.messages.map(({ time }) => time)).toEqual([told[0]?.time, told[0]?.time]);
  });

  it('sees a removal as viewers do, and is told in order of what it appends itself meanwhile', async () => {
    const seen: unknown[] = [];
    const rows = table('rows', {
      ...rules,
      onAppended: ({ items }) => {
        seen.push(...items);
        if (items[0]?.data === 1) void started.gateway.publish('rows', 2 as never, { key: 'b' });
      },
    });
    await using started = await startGateway({ channels: { rows } });
    await started.gateway.publish('rows', 1 as never, { key: 'a' });
    await started.gateway.publish('rows', Number.NaN as never, { key: 'a' });
    expect(seen).toEqual([
      { key: 'a', data: 1 },
      { key: 'b', data: 2 },
      { key: 'a', data: null },
    ]);
  });

  it.each([
    ['throws', () => fail()],
    ['rejects', (): void => Promise.reject(new Error('the listener broke')) as never],
  ])('changes nothing when it %s, and that is in the log', async (_what, onAppended) => {
    await using started = await startGateway({ channels: { log: stream('log', { ...rules, onAppended }) } });
    expect(await started.gateway.publish('log', 1 as never)).toMatchObject({ kind: 'appended' });
    const client = started.connect();
    await client.welcome();
    expect(await client.request({ type: 'publish', channel: 'log', data: 2 })).toMatchObject({ type: 'result' });
    const errors = started.logged.filter(({ level }) => level === 'error');
    expect(errors.map(({ text }) => text)).toEqual(Array(2).fill('onAppended of log failed'));
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });
});

describe('a channel with one writer', () => {
  it('[PUB7] leaves from and once out of its messages, and still counts once', async () => {
    const channels = { single: stream('single', { ...rules, singleWriter: true }), shared: stream('shared', rules) };
    await using started = await startGateway({ channels });
    const client = started.connect(`/ws/?token=${testToken()}`);
    await client.welcome();
    for (const channel of ['single', 'shared']) {
      const frame = { type: 'publish', channel, data: 1, once: { producer, seq: 1 } };
      expect(await client.request(frame)).toMatchObject({ type: 'result' });
      expect(await client.request(frame)).toMatchObject({ data: { duplicate: true } });
      await client.subscribe(channel);
    }
    const [single] = (await client.read('single')).messages;
    expect(Object.keys(single ?? {})).toEqual(['offset', 'time', 'data']);
    const [shared] = (await client.read('shared')).messages;
    expect(Object.keys(shared ?? {})).toEqual(['offset', 'time', 'from', 'data', 'once']);
  });
});

function fail(): never {
  throw new Error('the listener broke');
}
