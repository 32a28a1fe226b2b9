// The hub as a whole, over real HTTP and real sockets: signing in reaches the socket, and what happens to an account
// reaches live sessions, whoever changed it.

import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHub } from './hub.ts';
import { StartFault } from './start-fault.ts';
import { openStorageHere } from './storage/storage.ts';
import { connect, isWelcome } from './testing/line.ts';
import { startTestHub, testPassword, testSettings } from './testing/test-hub.ts';

const messagesOf =
  (channel: string) =>
  (frame: Record<string, unknown>): boolean =>
    frame['type'] === 'messages' && frame['channel'] === channel && (frame['messages'] as unknown[]).length > 0;

describe('a socket of the hub', () => {
  it('is welcomed with the rights of its account', async () => {
    const hub = await startTestHub();
    const { token } = await hub.signIn('alice', 'operator');
    const welcome = await connect(hub, '/ws/dashboard/', token).next(isWelcome);
    expect(welcome).toMatchObject({
      mode: 'development',
      identity: { subject: 'alice', kind: 'user', scope: 'operator' },
      channels: ['agents', 'metrics/local', 'processes/local', 'vitals', 'runs', 'sessions'],
    });
  });

  it.each(['/ws/', '/ws/dashboard/', '/ws/chat/general/', '/ws/agents/local/', '/ws', '/ws/dashboard'])(
    'at %s is welcomed in development without a token',
    async (path) => {
      const hub = await startTestHub();
      expect(await connect(hub, path).next(isWelcome)).toMatchObject({ identity: { kind: 'anonymous' } });
    },
  );

  it('shows operators who is here, and viewers not', async () => {
    const hub = await startTestHub();
    const operator = await hub.signIn('olga', 'operator');
    const line = connect(hub, '/ws/dashboard/', operator.token);
    const rows = await line.next(messagesOf('sessions'));
    expect((rows['messages'] as { data: unknown }[])[0]?.data).toMatchObject({
      user: 'olga',
      path: '/ws/dashboard/',
    });
    const viewer = await hub.signIn('vera');
    expect((await connect(hub, '/ws/dashboard/', viewer.token).next(isWelcome))['channels']).not.toContain('sessions');
  });

  it('receives within two seconds what this machine reports', async () => {
    const hub = await startTestHub({}, { localAgent: 'on' });
    const line = connect(hub, '/ws/dashboard/');
    const agents = await line.next(messagesOf('agents'), 2000);
    expect((agents['messages'] as { data: unknown }[])[0]?.data).toMatchObject({ agent: 'local', state: 'live' });
    const watched = (frame: Record<string, unknown>): boolean =>
      messagesOf('metrics/local')(frame) && JSON.stringify(frame).includes('"intervalMs":1000');
    const sample = await line.next(watched, 8000);
    expect((sample['messages'] as { data: unknown }[])[0]?.data).toMatchObject({
      cpu: { total: expect.any(Number) },
      memory: { total: expect.any(Number) },
      hub: {
        sessions: 1,
        rss: expect.any(Number),
        delivery: { updatesPerWrite: expect.any(Number), viewersBehind: expect.any(Number), gapsPerSecond: 0 },
      },
    });
    const vitals = await line.next(messagesOf('vitals'));
    expect((vitals['messages'] as { data: unknown }[])[0]?.data).toMatchObject({
      agent: 'local',
      history: [expect.any(Number)],
    });
    const own = connect(hub, '/ws/agents/local/');
    expect((await own.next(messagesOf('agents/local')))['messages']).toMatchObject([{ data: { agent: 'local' } }]);
  });

  it('receives what was published by HTTP, with its sender', async () => {
    const hub = await startTestHub();
    const { authorization } = await hub.signIn('alice');
    const line = connect(hub, '/ws/chat/general/');
    await line.next(isWelcome);
    const answer = await hub.ask('/api/publish', {
      body: { channel: 'chat/general', data: { text: 'hello' } },
      headers: authorization,
    });
    expect(answer.json).toMatchObject({ position: { offset: 1 }, duplicate: false });
    const frame = await line.next(messagesOf('chat/general'));
    expect((frame['messages'] as unknown[])[0]).toMatchObject({ data: { text: 'hello' }, from: { subject: 'alice' } });
  });
});

describe('a change of an account reaches its live sessions within two seconds', () => {
  it('when it is disabled', async () => {
    const hub = await startTestHub();
    const admin = await hub.signIn('root', 'admin');
    const { token } = await hub.signIn('alice');
    const line = connect(hub, '/ws/', token);
    await line.next(isWelcome);
    const other = connect(hub, '/ws/', admin.token);
    await other.next(isWelcome);
    const answer = await hub.ask('/api/users/disable', { body: { username: 'alice' }, headers: admin.authorization });
    expect(answer.json).toMatchObject({ username: 'alice', disabled: true });
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('account-disabled') });
    expect(await connect(hub, '/ws/', token).next((frame) => frame['type'] === 'refused')).toMatchObject({
      code: 4403,
      name: 'account-disabled',
    });
    other.send({ type: 'ping', at: 1 });
    await other.next((frame) => frame['type'] === 'pong');
  });

  it('when the command beside the hub disables it', async () => {
    const hub = await startTestHub();
    const { token } = await hub.signIn('alice');
    const line = connect(hub, '/ws/', token);
    await line.next(isWelcome);
    await hub.beside.setDisabled('alice', true);
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('account-disabled') });
  });

  it('when its password is changed by an administrator or by the command', async () => {
    const hub = await startTestHub();
    const { token } = await hub.signIn('alice');
    const line = connect(hub, '/ws/', token);
    await line.next(isWelcome);
    await hub.beside.setPassword('alice', 'another hash');
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('password-changed') });
    expect((await hub.ask('/api/me', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  it('when its own password is changed: all end, and the browser that asked gets a new login', async () => {
    const hub = await startTestHub();
    const { token, authorization } = await hub.signIn('alice');
    const line = connect(hub, '/ws/', token);
    await line.next(isWelcome);
    const wrong = await hub.ask('/api/password', {
      body: { current: 'not this one', password: 'a new long one' },
      headers: authorization,
    });
    expect(wrong).toMatchObject({ status: 401, json: { error: { name: 'wrong-password' } } });
    const answer = await hub.ask('/api/password', {
      body: { current: testPassword, password: 'a new long one' },
      headers: authorization,
    });
    expect(answer.status).toBe(200);
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('password-changed') });
    await connect(hub, '/ws/', String(answer.json.access_token)).next(isWelcome);
  });

  it('when it gets another role: subscriptions it lost are taken away', async () => {
    const hub = await startTestHub();
    const { token } = await hub.signIn('olga', 'operator');
    const line = connect(hub, '/ws/dashboard/', token);
    await line.next(isWelcome);
    await hub.beside.setRole('olga', 'viewer');
    expect(await line.next((frame) => frame['type'] === 'unsubscribed', 2000)).toMatchObject({
      channel: 'sessions',
      code: 4403,
    });
  });

  it('when its login is ended: the others stay', async () => {
    const hub = await startTestHub();
    const first = await hub.signIn('alice');
    const again = await hub.ask('/api/login', { body: { username: 'alice', password: testPassword } });
    const second = { authorization: `Bearer ${again.json.access_token}` };
    const lines = [connect(hub, '/ws/', first.token), connect(hub, '/ws/', String(again.json.access_token))] as const;
    await Promise.all(lines.map((line) => line.next(isWelcome)));
    const { logins } = (await hub.ask('/api/logins', { headers: second })).json;
    expect(logins).toMatchObject([
      { current: true, sessions: 1 },
      { current: false, sessions: 1 },
    ]);
    const ended = await hub.ask('/api/logins/end', { body: { sid: logins[1].sid }, headers: second });
    expect(ended.json).toEqual({ ended: true });
    expect(await lines[0].closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('ended-by-user') });
    lines[1].send({ type: 'ping', at: 1 });
    await lines[1].next((frame) => frame['type'] === 'pong');
  });

  it("when an operator ends its session, but never by a viewer's word", async () => {
    const hub = await startTestHub();
    const { token, authorization } = await hub.signIn('alice');
    const operator = await hub.signIn('olga', 'operator');
    const line = connect(hub, '/ws/', token);
    const { session } = await line.next(isWelcome);
    const denied = await hub.ask('/api/sessions/end', { body: { session }, headers: authorization });
    expect(denied.status).toBe(403);
    const body = { session, reason: 'the wall screen moves\nto the other room' };
    const answer = await hub.ask('/api/sessions/end', { body, headers: operator.authorization });
    expect(answer.json).toEqual({ ended: true });
    expect(await line.closed(2000)).toMatchObject({ code: 4410 });
    expect(line.frames.at(-1)).toMatchObject({
      type: 'goodbye',
      reason: 'An operator ended this session: the wall screen moves\uFFFDto the other room',
      retry: false,
    });
  });
});

describe('the end and the start of a hub', () => {
  it('sends everybody away with their slot and is over within two seconds', async () => {
    const hub = await startTestHub();
    const line = connect(hub, '/ws/');
    await line.next(isWelcome);
    const begun = performance.now();
    await hub.hub.stop();
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(await line.closed()).toMatchObject({ code: 1012 });
    expect(line.frames.at(-1)).toMatchObject({ type: 'goodbye', code: 1012, retry: true });
    await expect(fetch(`${hub.base}/healthz`)).rejects.toThrow();
  });

  it('on a port that is taken is one clear sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const starting = startHub({ settings: testSettings({ port }), storage: openStorageHere, localAgent: 'off' });
    await expect(starting).rejects.toBeInstanceOf(StartFault);
    await expect(starting).rejects.toMatchObject({ sentences: [expect.stringContaining(`Port ${port} is taken`)] });
  });

  it('keeps the secret it generated, so that tokens outlive a restart', async () => {
    const first = await startTestHub({ secret: undefined });
    const { authorization } = await first.signIn('alice');
    await first.hub.stop();
    const second = await startTestHub({ secret: undefined, dataDir: first.settings.dataDir });
    expect((await second.ask('/api/me', { headers: authorization })).json).toMatchObject({ username: 'alice' });
  });

  it('creates or resets the user admin by the setting, without ending its logins at each start', async () => {
    const first = await startTestHub({ adminPassword: 'admin password one' });
    const body = { username: 'admin', password: 'admin password one' };
    const login = await first.ask('/api/login', { body });
    const headers = { authorization: `Bearer ${login.json.access_token}` };
    expect((await first.ask('/api/me', { headers })).json).toMatchObject({ role: 'admin' });
    await first.hub.stop();
    const { dataDir } = first.settings;
    const second = await startTestHub({ adminPassword: 'admin password one', dataDir });
    expect((await second.ask('/api/me', { headers })).status).toBe(200);
    await second.hub.stop();
    const third = await startTestHub({ adminPassword: 'admin password two', dataDir });
    expect((await third.ask('/api/me', { headers })).status).toBe(401);
    expect((await third.ask('/api/login', { body: { ...body, password: 'admin password two' } })).status).toBe(200);
  });
});
