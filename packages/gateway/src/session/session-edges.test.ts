import { describe, expect, it } from 'vitest';
import { stream } from '../channels/definition.ts';
import { eventually } from '../testing/plain-client.ts';
import { startGateway, testToken } from '../testing/start-gateway.ts';

describe('subscribing again', () => {
  it('[SUB5] leaves no moment without a reader', async () => {
    await using started = await startGateway();
    const interest: string[] = [];
    started.gateway.onInterest((channel, isOn) => interest.push(`${channel} ${isOn}`));
    const client = started.connect();
    await client.welcome();
    for (let n = 0; n < 3; n++) {
      await client.subscribe('log/a');
      await client.read('log/a');
    }
    expect(interest).toEqual(['log/a true']);
    await client.request({ type: 'unsubscribe', channel: 'log/a' });
    expect(interest).toEqual(['log/a true', 'log/a false']);
    expect(started.events.filter(({ type }) => type === 'subscribed')).toHaveLength(1);
  });

  it('[SUB4] takes no since of two forms for a position', async () => {
    await using started = await startGateway();
    for (let n = 1; n <= 3; n++) await started.gateway.publish('log/a', n);
    const client = started.connect();
    await client.welcome();
    const { epoch } = await started.gateway.read('log/a');
    for (const offset of [{}, -5, 'x', 1.5]) {
      expect(await client.subscribe('log/a', { last: 1, epoch, offset })).toMatchObject({ position: { offset: 2 } });
      expect(await client.read('log/a')).toMatchObject({ to: 3, messages: [{ offset: 3 }] });
    }
  });
});

describe('an endpoint', () => {
  it('[END2] [SUB3] that names a channel twice has it read once', async () => {
    const endpoints = [{ path: '', title: 'Twice', channels: () => ['log/a', 'log/a'] }];
    await using started = await startGateway({ endpoints });
    const client = started.connect();
    expect((await client.welcome()).channels).toEqual(['log/a']);
    await client.read('log/a');
    await started.gateway.publish('log/a', 1);
    await client.read('log/a');
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    expect(client.frames.filter(({ type }) => type === 'messages')).toEqual([]);
    client.socket.close();
    await eventually('nobody reads', () => !started.gateway.hasReaders('log/a'));
  });

  it('[SES6] whose rules or hooks throw ends the session by the gateway, with a goodbye', async () => {
    const fail = (): never => {
      throw new Error('hook broke');
    };
    for (const options of [{ onSession: fail }, { endpoints: [{ path: '', title: 'Bad', exclusive: fail }] }]) {
      await using started = await startGateway(options);
      const client = started.connect();
      expect(await client.ofType('goodbye')).toMatchObject({ code: 4000 });
      expect((await client.closed).code).toBe(4000);
      await eventually('an end', () => started.events.some(({ type }) => type === 'ended'));
      expect(started.events.find(({ type }) => type === 'ended')).toMatchObject({
        by: 'gateway',
        name: 'server-error',
      });
      expect(started.gateway.figures()).toMatchObject({ sessions: 0, ends: { 4000: 1 } });
      expect(started.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    }
  });

  it('has later failures of its listeners logged, not thrown', async () => {
    const escaped: unknown[] = [];
    const note = (error: unknown): unknown => escaped.push(error);
    process.on('unhandledRejection', note);
    await using started = await startGateway({
      onEvent: (async () => {
        throw new Error('listener broke');
      }) as () => void,
    });
    await started.connect().welcome();
    await eventually('a log line', () => started.logged.some(({ text }) => text === 'onEvent failed'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(escaped).toEqual([]);
  });
});

describe('a peer that asks and does not read', () => {
  it('[DLV4] is ended before its answers fill the memory', async () => {
    const handle = (): string => 'x'.repeat(1024 * 1024);
    await using started = await startGateway({ methods: { large: { allows: () => true, handle } } });
    const client = started.connect();
    await client.welcome();
    client.socket.pause();
    const view = [...started.gateway.sessions()][0];
    for (let id = 0; id < 100 && started.gateway.figures().sessions > 0; id++) {
      client.send({ type: 'call', id, method: 'large', params: null });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('an end', () => started.gateway.figures().sessions === 0);
    expect(view?.sentBytes).toBeLessThan(12 * 1024 * 1024);
    expect(started.events.find(({ type }) => type === 'ended')).toMatchObject({ code: 4408, name: 'stalled' });
  });
});

describe('a call whose session is over before it is checked', () => {
  it('[SES13] reaches no method, which would never hear of that end', async () => {
    let check = (): void => {};
    const checked = new Promise<void>((resolve) => (check = resolve));
    const validate = async (value: unknown): Promise<{ value: unknown }> => (await checked, { value });
    const called: unknown[] = [];
    const note = {
      allows: () => true,
      schema: { '~standard': { version: 1, vendor: 'test', validate } } as const,
      handle: (params: unknown) => called.push(params),
    };
    await using started = await startGateway({ methods: { note } });
    const client = started.connect();
    await client.welcome();
    client.send({ type: 'call', id: 1, method: 'note', params: 'late' });
    client.send('no frame');
    expect((await client.closed).code).toBe(4400);
    check();
    const other = started.connect();
    await other.welcome();
    await other.request({ type: 'call', method: 'note', params: 'in time' });
    expect(called).toEqual(['in time']);
  });
});

describe('a peer that does not read its end', () => {
  it('[SES11] is destroyed after 2 s', async () => {
    await using started = await startGateway();
    const client = started.connect();
    await client.welcome();
    client.socket.pause();
    let open = -1;
    const count = (): void => void started.server.getConnections((_, connections) => (open = connections));
    started.gateway.endSessions(() => true, 'ended-by-operator', 'maintenance');
    expect(started.gateway.figures().sessions).toBe(0);
    const endedAt = performance.now();
    await eventually('no connection', () => (count(), open === 0));
    expect(performance.now() - endedAt).toBeLessThan(4000);
  });
});

describe('stopping', () => {
  it('[STP2] [STP3] refuses who was being decided when it began', async () => {
    let decide = (): void => {};
    const decided = new Promise<void>((resolve) => (decide = resolve));
    await using started = await startGateway({
      credentials: {
        verify: async (token) => {
          if (token === 'late') await decided;
          return { kind: 'identity', issuer: 'test', subject: 'late' };
        },
      },
    });
    // A peer that does not answer keeps the stop waiting meanwhile.
    const stuck = started.connect('/ws/?token=stuck');
    await stuck.welcome();
    stuck.socket.pause();
    const late = started.connect('/ws/?token=late');
    await eventually('an attempt', () => started.events.filter(({ type }) => type === 'attempt').length === 2);
    const stopped = started.gateway.stop({ returnWindowMs: 0 });
    decide();
    expect((await late.refusedBy).body).toMatchObject({ code: 4503, name: 'stopping' });
    await stopped;
    let open = -1;
    const count = (): void => void started.server.getConnections((_, connections) => (open = connections));
    await eventually('no connection', () => (count(), open === 0), 500);
    expect(started.events.filter(({ type }) => type === 'admitted')).toHaveLength(1);
    expect(started.gateway.figures().refusals).toEqual({ stopping: 1 });
  });
});

describe('renewal', () => {
  it('[SES10] [SUB8] runs the rules again with the rights of the new token', async () => {
    await using started = await startGateway();
    const client = started.connect(`/ws/?token=${testToken({ scope: 'operator' })}`);
    await client.welcome();
    await client.subscribe('secret');
    await client.request({ type: 'authenticate', token: testToken({ scope: 'viewer' }) });
    expect(await client.ofType('unsubscribed')).toMatchObject({ channel: 'secret', code: 4403 });
    const reason = 'the right to read it was withdrawn';
    expect(started.events).toContainEqual(expect.objectContaining({ type: 'unsubscribed', channel: 'secret', reason }));
    expect(await client.request({ type: 'subscribe', channel: 'secret' })).toMatchObject({ code: 4403 });
  });
});

describe('rights that change', () => {
  const verify = (token: string) => {
    const [issuer = '', kind] = token.split('.');
    return { kind: 'identity', issuer, subject: 'ada', identityKind: kind as 'user', scope: 'operator' } as const;
  };

  it('[SUB8] concern the subject of one issuer, and the channels of one pattern', async () => {
    let isOpen = true;
    const read = ({ scope }: { scope: string }): boolean => isOpen && scope === 'operator';
    const channels = { a: stream('a/:x', { read }), b: stream('b', { read }) };
    await using started = await startGateway({ channels, credentials: { verify } });
    const [one, other] = [started.connect('/ws/?token=one.user'), started.connect('/ws/?token=other.user')];
    for (const client of [one, other]) {
      await client.welcome();
      for (const channel of ['a/1', 'b']) await client.subscribe(channel);
    }
    started.gateway.rightsChanged({ subject: 'ada', issuer: 'one', identity: { scope: 'viewer' } });
    await one.ofType('unsubscribed', ({ channel }) => channel === 'a/1');
    await one.ofType('unsubscribed', ({ channel }) => channel === 'b');
    expect(started.gateway.hasReaders('b')).toBe(true);
    isOpen = false;
    started.gateway.rightsChanged({ pattern: 'a/:x' });
    await other.ofType('unsubscribed', ({ channel }) => channel === 'a/1');
    expect(started.gateway.hasReaders('b')).toBe(true);
    started.gateway.rightsChanged('all');
    await other.ofType('unsubscribed', ({ channel }) => channel === 'b');
  });

  it('[SUB8] end nothing more of a session that was ended by who heard of the first', async () => {
    const read = ({ scope }: { scope: string }): boolean => scope === 'operator';
    const told: string[] = [];
    await using started = await startGateway({
      channels: { a: stream('a', { read }), b: stream('b', { read }) },
      credentials: { verify },
      onEvent({ type }) {
        if (type === 'unsubscribed' || type === 'ended') told.push(type);
        if (type === 'unsubscribed') started.gateway.endSessions(() => true, 'ended-by-operator', 'enough');
      },
    });
    const client = started.connect('/ws/?token=one.user');
    await client.welcome();
    for (const channel of ['a', 'b']) await client.subscribe(channel);
    started.gateway.rightsChanged({ subject: 'ada', identity: { scope: 'viewer' } });
    expect(told).toEqual(['unsubscribed', 'ended']);
  });

  it('[SUB8] of a user are not those of an agent with the same name', async () => {
    const channels = { a: stream('a', { read: ({ scope }) => scope === 'operator' }) };
    await using started = await startGateway({ channels, credentials: { verify } });
    const [user, agent] = [started.connect('/ws/?token=one.user'), started.connect('/ws/?token=one.agent')];
    for (const client of [user, agent]) {
      await client.welcome();
      await client.subscribe('a');
    }
    started.gateway.rightsChanged({ subject: 'ada', issuer: 'one', kind: 'user', identity: { scope: 'viewer' } });
    await user.ofType('unsubscribed', ({ channel }) => channel === 'a');
    expect([...started.gateway.sessions()].map(({ identity }) => [identity.kind, identity.scope])).toEqual([
      ['user', 'viewer'],
      ['agent', 'operator'],
    ]);
    expect(started.gateway.hasReaders('a')).toBe(true);
  });

  it('[SES10] are not renewed by a token of the same subject of another issuer or kind', async () => {
    await using started = await startGateway({ credentials: { verify } });
    const client = started.connect('/ws/?token=one.user');
    await client.welcome();
    for (const token of ['other.user', 'one.agent']) {
      expect(await client.request({ type: 'authenticate', token })).toMatchObject({ type: 'error', code: 4403 });
    }
    expect(await client.request({ type: 'authenticate', token: 'one.user' })).toMatchObject({ type: 'result' });
  });

  it('[SUB8] [SES10] are not undone by a renewal that was being checked meanwhile', async () => {
    let scope: 'operator' | 'viewer' = 'operator';
    let release = (): void => {};
    let isHeld = false;
    const credentials = {
      verify: async () => {
        const known = { kind: 'identity', issuer: 'test', subject: 'ada', scope } as const;
        if (isHeld) await new Promise<void>((resolve) => (release = resolve));
        return known;
      },
    };
    await using started = await startGateway({ credentials });
    const client = started.connect('/ws/?token=x');
    await client.welcome();
    await client.subscribe('secret');
    isHeld = true;
    const renewed = client.request({ type: 'authenticate', token: 'x' });
    client.send({ type: 'ping', at: 1 });
    await client.ofType('pong');
    isHeld = false;
    scope = 'viewer';
    started.gateway.rightsChanged({ subject: 'ada', identity: { scope } });
    release();
    expect(await renewed).toMatchObject({ type: 'result', data: { identity: { scope: 'viewer' } } });
    expect(await client.request({ type: 'subscribe', channel: 'secret' })).toMatchObject({ code: 4403 });
  });

  it('[CHA3] allow nothing where a rule answers anything but true, or the channel does not exist', async () => {
    const later = (async () => true) as unknown as () => boolean;
    const channels = {
      later: stream('later', { read: later, write: later }),
      some: stream('some/:x', { read: () => true, exists: ({ x }) => x === 'real' }),
    };
    await using started = await startGateway({ channels });
    const client = started.connect();
    await client.welcome();
    expect(await client.request({ type: 'subscribe', channel: 'later' })).toMatchObject({ code: 4403 });
    expect(await client.request({ type: 'publish', channel: 'later', data: 1 })).toMatchObject({ code: 4403 });
    expect(await client.request({ type: 'subscribe', channel: 'some/other' })).toMatchObject({ code: 4404 });
    expect(await client.subscribe('some/real')).toMatchObject({ position: null });
  });
});

describe('a session that sends much in few frames', () => {
  it('[SES5] is told so by its bytes', async () => {
    await using started = await startGateway({ limits: { bytesPerSecond: 1000, byteBurst: 30_000 } });
    const client = started.connect();
    await client.welcome();
    const publish = () => client.request({ type: 'publish', channel: 'log/a', data: 'x'.repeat(20_000) });
    expect(await publish()).toMatchObject({ type: 'result' });
    expect(await publish()).toMatchObject({ type: 'error', code: 4429, retryAfterMs: expect.any(Number) });
  });
});
