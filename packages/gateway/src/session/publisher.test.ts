import { describe, expect, it } from 'vitest';
import { stream, table } from '../channels/definition.ts';
import { eventually } from '../testing/plain-client.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';
import type { StandardSchema } from '../types.ts';

const rules = { read: () => true, write: () => true };

/** A validator that answers later: numbers are right, `reject` makes it fail, `held` waits for `release`. */
function laterSchema(): { schema: StandardSchema; release: () => void; waiting: () => number } {
  const held: (() => void)[] = [];
  const schema: StandardSchema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      async validate(value) {
        if (value === 'reject') throw new Error('the validator broke');
        if (value === 'held') await new Promise<void>((resolve) => held.push(resolve));
        return typeof value === 'object' ? { issues: [{ message: 'expected no object' }] } : { value };
      },
    },
  };
  return { schema, waiting: () => held.length, release: () => held.splice(0).forEach((resolve) => resolve()) };
}

describe('publishing through a validator that answers later', () => {
  it('[SES6] ends 4000 when it fails, logged once, and nothing escapes', async () => {
    const { schema } = laterSchema();
    await using started = await startGateway({ channels: { log: stream('log', { ...rules, schema }) } });
    const escaped: unknown[] = [];
    const note = (error: unknown): unknown => escaped.push(error);
    process.on('unhandledRejection', note);
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'publish', id: 1, channel: 'log', data: 'reject' });
    expect((await client.closed).code).toBe(4000);
    await expect(started.gateway.publish('log', 'reject' as never)).rejects.toThrow('the validator broke');
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(escaped).toEqual([]);
    expect(started.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('[PUB3] [PUB4] [PUB5] holds every item of a batch to the same rules', async () => {
    const { schema } = laterSchema();
    await using started = await startGateway({
      channels: { rows: table('rows', { ...rules, schema }), log: stream('log', { ...rules, schema }) },
    });
    const client = started.connect();
    await client.welcome();
    const publish = (channel: string, batch: object[]) => client.request({ type: 'publish', channel, batch });
    expect(await publish('rows', [{ key: 'a', data: 1 }, { data: 2 }])).toMatchObject({ code: 4400 });
    expect(await publish('log', [{ data: 1 }, { key: 'a', data: 2 }])).toMatchObject({ code: 4400 });
    expect(await publish('log', [{ data: 1 }, { data: {} }])).toMatchObject({ code: 4400 });
    expect(started.gateway.figures()).toMatchObject({ logs: 0, messagesIn: 0 });
    expect(
      await publish('rows', [
        { key: 'a', data: 1 },
        { key: 'b', data: 2 },
      ]),
    ).toMatchObject({
      data: { position: { offset: 2 } },
    });
    expect(await started.gateway.publishBatch('log', [])).toMatchObject({ kind: 'failed', code: 4400 });
  });

  it('[PUB1] appends what a session publishes in its order, by the rights it has then, and not after its end', async () => {
    const { schema, release, waiting } = laterSchema();
    const write = ({ scope }: { scope: string }): boolean => scope === 'operator';
    await using started = await startGateway({ channels: { log: stream('log', { ...rules, write, schema }) } });
    const client = started.connect(`/ws/?token=${testToken({ scope: 'operator' })}`);
    await client.welcome();
    const first = client.request({ type: 'publish', channel: 'log', data: 'held' });
    const second = client.request({ type: 'publish', channel: 'log', data: 2 });
    await eventually('the first waits', () => waiting() === 1);
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    started.gateway.rightsChanged({ subject: 'ada', identity: { scope: 'viewer' } });
    release();
    expect(await first).toMatchObject({ type: 'result', data: { position: { offset: 1 } } });
    expect(await second).toMatchObject({ type: 'error', code: 4403 });

    started.gateway.rightsChanged({ subject: 'ada', identity: { scope: 'operator' } });
    client.send({ type: 'publish', id: 8, channel: 'log', data: 'held' });
    client.send({ type: 'publish', id: 9, channel: 'log', data: 'too late' });
    await eventually('the first waits', () => waiting() === 1);
    client.send({ type: 'ping', at: 2 });
    await client.ofType('pong');
    started.gateway.endSessions(() => true, 'account-disabled', 'disabled');
    release();
    await client.closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect((await started.gateway.read('log')).messages.map(({ data }) => data)).toEqual(['held', 'held']);
  });

  it('[SES5] takes 64 publishes without an answer, and tells the next to come again', async () => {
    const { schema, release } = laterSchema();
    await using started = await startGateway({ channels: { log: stream('log', { ...rules, schema }) } });
    const client = started.connect();
    await client.welcome();
    const answers = Array.from({ length: 65 }, () => client.request({ type: 'publish', channel: 'log', data: 'held' }));
    expect(await answers.at(-1)).toMatchObject({ type: 'error', code: 4429, retryable: true });
    const done = Promise.all(answers.slice(0, 64));
    let isDone = false;
    void done.then(() => (isDone = true));
    await eventually('the rest', () => {
      release();
      return isDone;
    });
    expect(
      (await done).map((answer) => (answer as { data: { position: { offset: number } } }).data.position.offset),
    ).toEqual(Array.from({ length: 64 }, (_, n) => n + 1));
  });
});

describe('what a table takes', () => {
  it('[LOG3] is a removal wherever viewers will read null', async () => {
    const toNull: StandardSchema = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value === 'none' ? null : value }) },
    };
    await using started = await startGateway({ channels: { rows: table('rows', { ...rules, schema: toNull }) } });
    await started.gateway.publish('rows', 1 as never, { key: 'a' });
    await started.gateway.publish('rows', 2 as never, { key: 'b' });
    await started.gateway.publish('rows', 'none' as never, { key: 'a' });
    await started.gateway.publish('rows', Number.NaN as never, { key: 'b' });
    const client = started.connect();
    await client.welcome();
    await client.subscribe('rows');
    expect((await client.read('rows')).messages).toEqual([]);
  });
});

describe('the application', () => {
  it('[ONC1] [ONC4] publishes with once, and learns of a refusal it has had before', async () => {
    const number: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => (typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] }),
      },
    };
    await using started = await startGateway({ channels: { log: stream('log', { ...rules, schema: number }) } });
    const once = (seq: number) => ({ once: { producer: 'p'.repeat(22), seq } });
    const publish = (data: unknown, seq: number) => started.gateway.publish('log', data as never, once(seq));
    expect(await publish('x', 1)).toMatchObject({ kind: 'failed', code: 4400, message: 'log: data: no number' });
    expect(await publish('x', 1)).toMatchObject({ kind: 'failed', code: 4400, retryable: false });
    expect(await publish(1, 2)).toMatchObject({ kind: 'appended', duplicate: false, position: { offset: 1 } });
    expect(await publish(1, 2)).toMatchObject({ kind: 'appended', duplicate: true, position: { offset: 1 } });
    expect(await publish('x', 9)).toMatchObject({ kind: 'failed', retryable: true, expected: 3 });
    const client = started.connect();
    await client.welcome();
    const frame = { type: 'publish', channel: 'log', data: 'x', once: { producer: 'q'.repeat(22), seq: 1 } };
    for (const message of ['log: data: no number', 'log: data: no number']) {
      expect(await client.request(frame)).toMatchObject({ type: 'error', code: 4400, message, retryable: false });
    }
    const message = 'this publish was refused before';
    expect(await client.request({ ...frame, data: 1 })).toMatchObject({ code: 4400, message, retryable: false });
    expect(started.gateway.figures().messagesIn).toBe(1);
  });
});
