import { describe, expect, it } from 'vitest';
import { stream, table } from './channels/definition.ts';
import { MethodFailure } from './session/method-failure.ts';
import { eventually, type PlainClient } from './testing/plain-client.ts';
import { startGateway, testChannels, testToken } from './testing/start-gateway.ts';

const endpoints = [
  { path: '', title: 'Gateway' },
  { path: 'dashboard', title: 'Dashboard', channels: () => ['rows/agents', 'log/metrics', 'secret'] },
  { path: 'alone/:name', title: 'Alone', exclusive: (_: unknown, { name }: Readonly<Record<string, string>>) => name },
];

describe('a session', () => {
  it('[SES1] [END1] [END2] is welcomed first, and told what its endpoint subscribed it to', async () => {
    await using started = await startGateway({ endpoints });
    await started.gateway.publish('rows/agents', { cpu: 1 }, { key: 'local' });
    for (const path of ['/ws/dashboard/', '/ws/dashboard']) {
      const client = started.connect(`${path}?token=${testToken()}`);
      const welcome = await client.next(() => true);
      expect(welcome).toMatchObject({
        type: 'welcome',
        protocol: 1,
        identity: { subject: 'ada', kind: 'user', scope: 'viewer' },
      });
      expect(welcome).toMatchObject({ channels: ['rows/agents', 'log/metrics'], heartbeatMs: 10_000 });
      expect(await client.ofType('subscribed')).toMatchObject({
        channel: 'rows/agents',
        kind: 'table',
        start: 'fresh',
      });
      expect((await client.read('rows/agents')).messages).toMatchObject([{ key: 'local', data: { cpu: 1 } }]);
    }
  });

  it('[DLV6] gets several channels of a flush in one message where its address says that it joins, else one by one', async () => {
    await using started = await startGateway();
    const clients = ['/ws/', '/ws/?joins=1', '/ws/?joins=0'].map((path) => started.connect(path));
    const texts = clients.map((): unknown[] => []);
    for (const [index, client] of clients.entries()) {
      await client.welcome();
      for (const channel of ['log/a', 'log/b']) {
        await client.subscribe(channel);
        await client.read(channel);
      }
      client.socket.on('message', (data: Buffer) => texts[index]?.push(JSON.parse(data.toString())));
    }
    for (const channel of ['log/a', 'log/b']) void started.gateway.publish(channel, { n: 1 });
    await eventually('both channels', () => texts.every((messages) => messages.flat().length === 2));
    const came = texts.map((messages) => messages.flat());
    expect(texts.map(({ length }) => length)).toEqual([2, 1, 2]);
    expect(came[1]).toEqual(came[0]);
    expect(came[2]).toEqual(came[0]);
  });

  it('[SES2] is told of a frame it got wrong and goes on, but a text that is no object ends it', async () => {
    await using started = await startGateway();
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'nonsense', id: 7 });
    expect(await client.ofType('error')).toMatchObject({ id: 7, code: 4400, retryable: false });
    client.send('{"type":');
    expect(await client.ofType('goodbye')).toMatchObject({ code: 4400, retry: false });
    expect(await client.closed).toMatchObject({ code: 4400, reason: expect.stringMatching(/^frame-malformed: found/) });
  });

  it.each<readonly [string, number, RegExp, (client: PlainClient) => void]>([
    [
      'a binary message',
      1003,
      /^binary-frame: found a binary message, expected JSON text$/,
      ({ socket }) => socket.send(Buffer.from([1, 2])),
    ],
    [
      'one that is too large',
      1009,
      /^frame-too-large: found a message over 65536 bytes, expected at most that: send less in one$/,
      ({ socket }) => socket.send('x'.repeat(70_000)),
    ],
    [
      'one that turns out too large in its last part',
      1009,
      /^frame-too-large: found a message over 65536 bytes/,
      ({ socket }) => {
        socket.send('x'.repeat(60_000), { fin: false });
        socket.send('x'.repeat(6_000));
      },
    ],
    [
      'one in too many parts',
      1002,
      /^protocol-error: found what is no frame of RFC 6455, or a message in too many parts$/,
      ({ socket }) => {
        for (let part = 0; part < 70; part += 1) socket.send('x', { fin: false });
      },
    ],
    [
      'a text that is not UTF-8',
      1007,
      /^not-utf8: found a text that is not UTF-8/,
      ({ socket }) => socket.send(Buffer.from([0xc3, 0x28]), { binary: false }),
    ],
  ])('[SES3] is ended by %s, and told why', async (_what, code, reason, sendTo) => {
    await using started = await startGateway();
    const client = started.connect();
    await client.welcome();
    sendTo(client);
    expect(await client.ofType('goodbye')).toMatchObject({ code, retry: false });
    expect(await client.closed).toMatchObject({ code, reason: expect.stringMatching(reason) as string });
    await eventually('its end', () => started.events.some(({ type }) => type === 'ended'));
    expect(started.events.at(-1)).toMatchObject({ type: 'ended', code, by: 'gateway', wasClean: true });
  });

  it('[SES7] answers a ping with the time of the gateway', async () => {
    await using started = await startGateway();
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'ping', at: 5 });
    const pong = await client.ofType('pong');
    expect(pong.at).toBe(5);
    expect(Math.abs(pong.time - Date.now())).toBeLessThan(5000);
  });

  it('[SES5] is told when it sends too much, and ended when it goes on', async () => {
    await using started = await startGateway({ limits: { framesPerSecond: 5, frameBurst: 5 } });
    const client = started.connect();
    await client.welcome();
    for (let n = 0; n < 10; n++) client.send({ type: 'unsubscribe', id: n, channel: 'log/a' });
    expect(await client.ofType('error')).toMatchObject({
      code: 4429,
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    for (let n = 0; n < 300; n++) client.send({ type: 'unsubscribe', id: n, channel: 'log/a' });
    expect((await client.closed).code).toBe(4429);
  });

  it('[SES6] ends 4000 when a hook of the application throws, logged once with its trace', async () => {
    await using started = await startGateway({
      channels: {
        bad: stream('bad', {
          read: () => {
            throw new Error('rule broke');
          },
        }),
        ...testChannels,
      },
    });
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'subscribe', id: 1, channel: 'bad' });
    expect(await client.closed).toMatchObject({ code: 4000, reason: expect.stringContaining('server-error') });
    const errors = started.logged.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]?.fields).toMatchObject({
      err: expect.objectContaining({ stack: expect.stringContaining('rule broke') }),
    });
    await using other = await startGateway({ onSession: () => Promise.reject(new Error('hook broke')) });
    expect((await other.connect().closed).code).toBe(4000);
  });

  it('[SES9] ends 4419 when its token expires', async () => {
    await using started = await startGateway();
    const exp = Math.floor(Date.now() / 1000) + 2;
    const client = started.connect(`/ws/?token=${testToken({ exp })}`);
    expect((await client.welcome()).expiresAt).toBe(exp * 1000);
    const end = await client.closed;
    expect(end).toMatchObject({ code: 4419 });
    expect(Date.now()).toBeLessThan(exp * 1000 + 5000);
  });

  it('[SES10] is renewed by a token of the same identity only', async () => {
    await using started = await startGateway();
    const exp = Math.floor(Date.now() / 1000) + 900;
    const client = started.connect(`/ws/?token=${testToken()}`);
    const { expiresAt } = await client.welcome();
    expect(await client.request({ type: 'authenticate', token: testToken({ sub: 'eve' }) })).toMatchObject({
      type: 'error',
      code: 4403,
    });
    expect(await client.request({ type: 'authenticate', token: 'nonsense' })).toMatchObject({
      type: 'error',
      code: 4401,
    });
    expect([...started.gateway.sessions()][0]?.identity.expiresAt).toBe(expiresAt);
    expect(started.events.filter(({ type }) => type === 'renewal-refused')).toMatchObject([
      { code: 4403, reason: expect.stringContaining('user eve') as string },
      { code: 4401, reason: expect.stringContaining('no JWT') as string },
    ]);
    expect(await client.request({ type: 'authenticate', token: testToken({ exp }) })).toMatchObject({
      type: 'result',
      data: { expiresAt: exp * 1000 },
    });
    expect([...started.gateway.sessions()][0]?.identity.expiresAt).toBe(exp * 1000);
  });

  it('[SES13] calls declared methods it is allowed to', async () => {
    await using started = await startGateway({
      methods: {
        double: { allows: () => true, handle: (params) => (params as number) * 2 },
        never: { allows: () => false, handle: () => 1 },
        slow: { allows: () => true, handle: () => new Promise(() => {}) },
        taken: { allows: () => true, handle: async () => new MethodFailure({ code: 4403, message: 'it is theirs' }) },
        busy: {
          allows: () => true,
          handle: () => new MethodFailure({ code: 4503, message: 'later', retryAfterMs: 9 }),
        },
      },
    });
    const client = started.connect();
    await client.welcome();
    expect(await client.request({ type: 'call', method: 'double', params: 21 })).toMatchObject({
      type: 'result',
      data: 42,
    });
    expect(await client.request({ type: 'call', method: 'never', params: 1 })).toMatchObject({
      type: 'error',
      code: 4403,
    });
    expect(await client.request({ type: 'call', method: 'taken', params: 1 })).toMatchObject({
      type: 'error',
      code: 4403,
      message: 'it is theirs',
      retryable: false,
    });
    expect(await client.request({ type: 'call', method: 'busy', params: 1 })).toMatchObject({
      code: 4503,
      retryable: true,
      retryAfterMs: 9,
    });
    for (let n = 0; n < 64; n++) client.send({ type: 'call', id: 1000 + n, method: 'slow', params: n });
    expect(await client.request({ type: 'call', method: 'double', params: 1 })).toMatchObject({ code: 4429 });
    expect(await client.request({ type: 'call', method: 'absent', params: 1 })).toMatchObject({
      type: 'error',
      code: 4404,
    });
  });

  it('[SES14] replaces the older one on an exclusive endpoint', async () => {
    await using started = await startGateway({ endpoints });
    const older = started.connect('/ws/alone/a');
    const apart = started.connect('/ws/alone/b');
    await older.welcome();
    await apart.welcome();
    await started.connect('/ws/alone/a').welcome();
    expect((await older.closed).code).toBe(4409);
    expect([...started.gateway.sessions()]).toHaveLength(2);
  });

  it('[SUB7] [CHA3] is told which channels it cannot read', async () => {
    await using started = await startGateway({ limits: { maxSubscriptions: 2 } });
    const client = started.connect();
    await client.welcome();
    expect(await client.request({ type: 'subscribe', channel: 'secret' })).toMatchObject({ code: 4403 });
    expect(await client.request({ type: 'subscribe', channel: 'nowhere' })).toMatchObject({ code: 4404 });
    await client.subscribe('log/a');
    await client.subscribe('log/b');
    expect(await client.request({ type: 'subscribe', channel: 'log/c' })).toMatchObject({ code: 4429 });
  });

  it('[SUB8] loses a channel when its rights change, and hears nothing of it afterwards', async () => {
    await using started = await startGateway();
    const client = started.connect(`/ws/?token=${testToken({ scope: 'operator' })}`);
    await client.welcome();
    await client.subscribe('secret');
    started.gateway.rightsChanged({ subject: 'ada', identity: { scope: 'viewer' } });
    expect(await client.ofType('unsubscribed')).toMatchObject({ channel: 'secret', code: 4403, retry: false });
    await started.gateway.publish('secret', 'for operators');
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    expect(client.frames.filter((frame) => frame.type === 'messages' && frame.messages.length > 0)).toEqual([]);
  });

  it('[SUB6] hears nothing of a channel after the result of unsubscribe', async () => {
    await using started = await startGateway();
    const client = started.connect();
    await client.welcome();
    await client.subscribe('log/a');
    await client.read('log/a');
    const publishing = started.gateway.publish('log/a', 1);
    await client.request({ type: 'unsubscribe', channel: 'log/a' });
    await publishing;
    client.frames.length = 0;
    await started.gateway.publish('log/a', 2);
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    await eventually('a flush', () => started.gateway.figures().flushes >= 0);
    expect(client.frames).toEqual([]);
  });
});

describe('publishing', () => {
  it('[PUB1] [PUB2] [ONC5] appends for who may, in the name of the session', async () => {
    await using started = await startGateway();
    const writer = started.connect(`/ws/?token=${testToken({ name: 'Ada' })}`);
    await writer.welcome();
    const once = { producer: 'p'.repeat(22), seq: 1 };
    const answer = await writer.request({
      type: 'publish',
      channel: 'log/a',
      data: { n: 1 },
      once,
      from: { subject: 'root' },
    });
    expect(answer).toMatchObject({ type: 'result', data: { channel: 'log/a', position: { offset: 1 } } });
    await writer.subscribe('log/a');
    expect((await writer.read('log/a')).messages).toMatchObject([
      { offset: 1, data: { n: 1 }, from: { subject: 'ada', kind: 'user', name: 'Ada' }, once },
    ]);
    expect(await writer.request({ type: 'publish', channel: 'log/a', data: { n: 1 }, once })).toMatchObject({
      data: { duplicate: true, position: { offset: 1 } },
    });
    expect(
      await writer.request({ type: 'publish', channel: 'log/a', data: 3, once: { ...once, seq: 3 } }),
    ).toMatchObject({ type: 'error', retryable: true, expected: 2 });
    expect(await writer.request({ type: 'publish', channel: 'secret', data: 1 })).toMatchObject({
      type: 'error',
      code: 4403,
      retryable: false,
    });
    expect(await writer.request({ type: 'publish', channel: 'nowhere', data: 1 })).toMatchObject({
      type: 'error',
      code: 4404,
    });
  });

  it('[PUB1] is judged by what it publishes where the rule to write looks at that', async () => {
    const isTakingBack = ({ data }: { readonly data: unknown }): boolean => data === 'taken back';
    const closed = stream('closed', { write: (_identity, _params, items) => items?.every(isTakingBack) === true });
    await using started = await startGateway({ channels: { ...testChannels, closed } });
    const client = started.connect();
    const { identity } = await client.welcome();
    const publish = { type: 'publish', channel: 'closed' } as const;
    expect(await client.request({ ...publish, data: 'said' })).toMatchObject({ code: 4403 });
    expect(await client.request({ ...publish, data: 'taken back' })).toMatchObject({ type: 'result' });
    const batch = [{ data: 'taken back' }, { data: 'said' }];
    expect(await client.request({ ...publish, batch })).toMatchObject({ code: 4403 });
    expect(started.gateway.can(identity, 'write', 'closed')).toBe(false);
  });

  it('[PUB3] [PUB4] [PUB5] [PUB6] [ONC4] appends nothing that does not fit', async () => {
    const number = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) =>
          typeof value === 'number' ? { value } : { issues: [{ message: 'expected a number', path: ['n'] }] },
      },
    };
    const rules = { read: () => true, write: () => true };
    await using started = await startGateway({
      channels: { numbers: stream('numbers', { ...rules, schema: number }), rows: table('rows', rules) },
      limits: { maxMessageBytes: 100 },
    });
    const client = started.connect();
    await client.welcome();
    const once = { producer: 'p'.repeat(22), seq: 1 };
    expect(await client.request({ type: 'publish', channel: 'numbers', data: 'no', once })).toMatchObject({
      code: 4400,
      message: 'numbers: data.n: expected a number',
      retryable: false,
    });
    expect(
      await client.request({ type: 'publish', channel: 'numbers', data: 1, once: { ...once, seq: 2 } }),
    ).toMatchObject({ type: 'result' });
    expect(
      await client.request({ type: 'publish', channel: 'numbers', batch: [{ data: 1 }, { data: 'no' }] }),
    ).toMatchObject({ code: 4400 });
    expect(
      await client.request({ type: 'publish', channel: 'numbers', batch: [{ data: 2 }, { data: 3 }] }),
    ).toMatchObject({ data: { position: { offset: 3 } } });
    expect(await client.request({ type: 'publish', channel: 'numbers', key: 'k', data: 1 })).toMatchObject({
      code: 4400,
    });
    expect(await client.request({ type: 'publish', channel: 'rows', data: 1 })).toMatchObject({
      code: 4400,
      message: expect.stringContaining('key'),
    });
    expect(await client.request({ type: 'publish', channel: 'rows', key: 'k', data: 'x'.repeat(200) })).toMatchObject({
      code: 4400,
      message: expect.stringContaining('202 bytes'),
    });
  });
});

describe('stopping', () => {
  it('[STP1] [STP2] [SES11] [STP3] gives every session its slot, closes 1012 and lets go within 2 s', async () => {
    await using started = await startGateway();
    const clients = Array.from({ length: 20 }, () => started.connect());
    await Promise.all(clients.map((client) => client.welcome()));
    const stuck = started.connect();
    await stuck.welcome();
    stuck.socket.pause();
    const startedAt = performance.now();
    const stopped = started.gateway.stop({ returnWindowMs: 10_000 });
    expect((await started.connect().refusedBy).body).toMatchObject({ name: 'stopping', code: 4503 });
    const slots = await Promise.all(clients.map(async (client) => (await client.ofType('goodbye')).retryAfterMs ?? -1));
    expect(Math.max(...slots)).toBeGreaterThan(5000);
    expect(Math.min(...slots)).toBeLessThan(2000);
    expect(new Set((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code))).toEqual(
      new Set([1012]),
    );
    await stopped;
    expect(performance.now() - startedAt).toBeLessThan(2500);
    expect([...started.gateway.sessions()]).toEqual([]);
  });
});
