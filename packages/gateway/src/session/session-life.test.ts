import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { stream, table } from '../channels/definition.ts';
import { createGateway } from '../gateway.ts';
import { eventually } from '../testing/plain-client.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';
import type { StandardSchema } from '../types.ts';
import { requestTypes } from './requests.ts';

const fast = { heartbeatMs: 1000, pingMs: 1000, pongMs: 1000 };

describe('signs of life', () => {
  it('[SES8] ends a peer that answers no ping, and nobody for ignoring JSON', async () => {
    await using started = await startGateway({ limits: fast });
    const deaf = started.connect('/ws/', { autoPong: false });
    const silent = started.connect();
    await deaf.welcome();
    await silent.welcome();
    const heartbeats: number[] = [];
    silent.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { type: string; at: number };
      if (frame.type === 'ping') heartbeats.push(frame.at);
    });
    expect((await deaf.closed).code).toBe(1006);
    await eventually('two heartbeats', () => heartbeats.length >= 2);
    expect(silent.socket.readyState).toBe(1);
    const end = started.events.find((event) => event.type === 'ended');
    expect(end).toMatchObject({ name: 'no-answer', by: 'gateway', code: 1006 });
  });

  it('[DLV4] ends who reads nothing for too long, and says so to who asks', async () => {
    await using started = await startGateway({ limits: { ...fast, pingMs: 60_000, stalledMs: 1500 } });
    const viewer = started.connect('/ws/?attempt=' + 'a'.repeat(22));
    await viewer.welcome();
    await viewer.subscribe('log/a');
    viewer.socket.pause();
    const text = 'x'.repeat(60_000);
    for (let n = 0; n < 200; n++) {
      await started.gateway.publish('log/a', text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('an end', () => started.events.some(({ type }) => type === 'ended'), 10_000);
    expect(started.events.find(({ type }) => type === 'ended')).toMatchObject({ code: 4408, name: 'stalled' });
    const answer = await fetch(`http://127.0.0.1:${started.port}/ws/attempts/${'a'.repeat(22)}`);
    expect(await answer.json()).toMatchObject({ state: 'admitted', ended: { code: 4408, name: 'stalled' } });
    viewer.socket.resume();
    expect((await viewer.closed).code).toBe(1006);
  });
});

describe('whatever a peer sends', () => {
  it('[SES4] leaves the process and the other sessions alive', async () => {
    await using started = await startGateway();
    const control = started.connect();
    await control.welcome();
    const crashes: unknown[] = [];
    const note = (error: unknown): unknown => crashes.push(error);
    process.on('uncaughtException', note);
    const value = fc.oneof(
      fc.json({ maxDepth: 40 }),
      fc.string(),
      fc.constantFrom('{}', '[]', '{"type":"publish","id":1,"channel":"log/a","data":{"__proto__":{"isAdmin":true}}}'),
    );
    const frame = fc.record(
      {
        type: fc.constantFrom(...requestTypes, 'ping', 'pong', 'toString'),
        id: fc.oneof(fc.nat(), fc.anything()),
        channel: fc.oneof(fc.constantFrom('log/a', 'rows/a', 'secret', '__proto__', 'constructor'), fc.string()),
        since: fc.oneof(fc.record({ epoch: fc.constantFrom('e', ''), offset: fc.double() }), fc.anything()),
        data: fc.anything({ maxDepth: 3 }),
        key: fc.oneof(fc.string(), fc.anything()),
        once: fc.oneof(fc.record({ producer: fc.string(), seq: fc.double() }), fc.anything()),
        params: fc.anything(),
        token: fc.oneof(fc.string(), fc.anything()),
      },
      { requiredKeys: ['type'] },
    );
    const texts = fc.sample(
      fc.oneof(
        value,
        frame.map((object) => {
          try {
            return JSON.stringify(object);
          } catch {
            return '{}';
          }
        }),
      ),
      1500,
    );
    let client = started.connect();
    await client.welcome();
    for (const text of texts) {
      if (client.socket.readyState !== 1) {
        client = started.connect();
        await client.welcome();
      }
      client.socket.send(text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await control.request({ type: 'publish', channel: 'log/z', data: 1 })).toMatchObject({ type: 'result' });
    process.off('uncaughtException', note);
    expect(crashes).toEqual([]);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(started.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('[SUB5] [RES1] may subscribe again, from where it wants', async () => {
    await using started = await startGateway();
    for (let n = 1; n <= 5; n++) await started.gateway.publish('log/a', n);
    const client = started.connect();
    await client.welcome();
    const { position } = await client.subscribe('log/a', { last: 2 });
    expect((await client.read('log/a')).messages.map(({ data }) => data)).toEqual([4, 5]);
    expect(await client.subscribe('log/a', position as object)).toMatchObject({ start: 'resumed', position });
    expect((await client.read('log/a')).messages.map(({ data }) => data)).toEqual([4, 5]);
    expect(started.gateway.hasReaders('log/a')).toBe(true);
    await started.gateway.publish('log/a', 6);
    expect((await client.read('log/a')).messages.map(({ data }) => data)).toEqual([6]);
    client.socket.close();
    await eventually('nobody reads', () => !started.gateway.hasReaders('log/a'));
  });
});

describe('an embedding application', () => {
  it('gets the types of its declarations', async () => {
    const sample: StandardSchema<{ cpu: number }> = {
      '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { cpu: number } }) },
    };
    const gateway = createGateway({
      channels: { metrics: stream('metrics/:agent', { schema: sample }), rows: table<'rows', number>('rows') },
    });
    expectTypeOf(gateway.publish<'metrics/local'>)
      .parameter(1)
      .toEqualTypeOf<{ cpu: number } | null>();
    expectTypeOf(gateway.publish<'rows'>)
      .parameter(1)
      .toEqualTypeOf<number | null>();
    expectTypeOf(gateway.publish).parameter(0).toEqualTypeOf<'rows' | `metrics/${string}`>();
    expect(await gateway.publish('metrics/local', { cpu: 1 })).toMatchObject({ kind: 'appended' });
    await gateway.stop();
  });

  it('[CHA2] has the more literal of two patterns decide', async () => {
    await using started = await startGateway({
      channels: { any: stream('log/:name', { read: () => false }), one: stream('log/open', { read: () => true }) },
    });
    const client = started.connect();
    await client.welcome();
    expect(await client.subscribe('log/open')).toMatchObject({ channel: 'log/open' });
    expect(await client.request({ type: 'subscribe', channel: 'log/other' })).toMatchObject({ code: 4403 });
  });

  it('[CHA3] has every channel deny what no rule allows', () => {
    for (const { canRead, canWrite } of [stream('a'), table('b/:c')]) {
      const nobody = canRead as (identity: never, params: never) => boolean;
      expect(nobody({} as never, {} as never)).toBe(false);
      expect((canWrite as typeof nobody)({} as never, {} as never)).toBe(false);
    }
  });

  it('is told of wrong options at once', () => {
    expect(() => createGateway({ channels: {}, limits: { maxSessions: 0, pingMs: Number.NaN } })).toThrow(
      /maxSessions: found 0.*\n.*pingMs: found NaN/,
    );
    expect(() => createGateway({} as never)).toThrow(/channels: found nothing, expected an object of declarations/);
    const misplaced = { channels: {}, endpoints: [{ path: '/orders/', title: 'Orders' }] };
    expect(() => createGateway(misplaced)).toThrow(/endpoint path "\/orders\/": expected parts/);
    expect(() => stream('Wrong')).toThrow(/found part "Wrong"/);
    expect(() => stream('a', { retention: { bytes: -1 } })).toThrow(/found bytes -1/);
    expect(() => createGateway({ channels: { a: stream('a'), b: stream('a') } })).toThrow(/declared twice/);
  });

  it('is warned when production would let nobody in', async () => {
    const warned: string[] = [];
    const log = { debug() {}, info() {}, warn: (_: object, text: string) => void warned.push(text), error() {} };
    await createGateway({ channels: {}, mode: 'production', log }).stop();
    expect(warned).toMatchObject(
      [/Nobody can connect/, /No page can connect/].map((text) => expect.stringMatching(text)),
    );
    warned.length = 0;
    const open = { credentials: { secret: 's'.repeat(32) }, allowedOrigins: ['https://ops.example.com'] };
    await createGateway({ channels: {}, mode: 'production', log, ...open }).stop();
    await createGateway({ channels: {}, log }).stop();
    expect(warned).toEqual([]);
  });

  it('reads pages of a log with the position they are true at', async () => {
    await using started = await startGateway();
    for (let n = 1; n <= 25; n++) await started.gateway.publish('log/a', n);
    const last = await started.gateway.read('log/a', { limit: 10 });
    expect(last.messages.map(({ data }) => data)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
    expect(last).toMatchObject({ more: true, reset: false, position: { offset: 25 } });
    const before = { epoch: last.epoch as string, offset: 6 };
    expect(await started.gateway.read('log/a', { before, limit: 10 })).toMatchObject({
      more: false,
      messages: [1, 2, 3, 4, 5].map((data) => ({ data })),
    });
    expect(await started.gateway.read('log/a', { before: { epoch: 'other', offset: 5 } })).toMatchObject({
      reset: true,
      messages: [],
    });
    expect(await started.gateway.read('log/none')).toMatchObject({ epoch: null, messages: [] });
  });

  it('can count what happens, end sessions, and hear who is interested', async () => {
    await using started = await startGateway();
    const interest: string[] = [];
    const off = started.gateway.onInterest((channel, isOn) => interest.push(`${channel} ${isOn}`));
    const client = started.connect(`/ws/?token=${testToken()}`);
    await client.welcome();
    await client.subscribe('log/a');
    await client.read('log/a');
    await started.gateway.publish('log/a', 1);
    await client.read('log/a');
    expect(
      started.gateway.endSessions(({ identity }) => identity.subject === 'ada', 'ended-by-operator', 'maintenance'),
    ).toBe(1);
    expect(await client.closed).toEqual({ code: 4410, reason: 'ended-by-operator: maintenance' });
    await eventually('no sessions', () => started.gateway.figures().sessions === 0);
    expect(started.gateway.figures()).toMatchObject({
      attempts: 1,
      ends: { 4410: 1 },
      messagesIn: 1,
      messagesOut: 1,
      logs: 1,
    });
    expect(interest).toEqual(['log/a true', 'log/a false']);
    off();
  });
});
