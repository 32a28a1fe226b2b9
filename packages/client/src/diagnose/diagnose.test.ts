// The examination as a program makes it, against real sockets; what only a page can find is in tests/page-zoo.test.ts.

import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { WebSocket } from 'ws';
import { afterEach, describe, expect, test } from 'vitest';
import { createConnection } from '../connection.ts';
import { startLogServer } from '../testing/log-server.ts';
import { until } from '../testing/until.ts';
import type { ConnectionOptions, WebSocketConstructor } from '../types.ts';
import { diagnose } from './index.ts';
import type { Diagnosis } from './types.ts';

const logger = { debug() {}, info() {}, warn() {} };
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object): string => `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`;
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

function examine(url: string, options: ConnectionOptions & { withinMs?: number } = {}): Promise<Diagnosis> {
  return diagnose({
    url,
    WebSocket: WebSocket as unknown as WebSocketConstructor,
    logger,
    withinMs: 3_000,
    ...options,
  });
}
const outcomeOf = ({ checks }: Diagnosis, id: string) => checks.find((check) => check.id === id)?.outcome;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
/** Takes connections and does this with them. */
async function port(take: Parameters<typeof createServer>[1] & object): Promise<number> {
  const server = createServer(take);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('an address that is examined', () => {
  test('connects, and every check that a program can make says so', async () => {
    await using server = await startLogServer({ attempt: () => ({ state: 'unseen' }) });
    const diagnosis = await examine(server.url, { token: () => jwt({ sub: 'ada', exp: inSeconds(600) }) });
    expect(diagnosis.verdict).toEqual({
      outcome: 'ok',
      name: 'connects',
      sentence: 'It connects: nothing is wrong as seen from here.',
      cure: '',
    });
    const ids = ['address', 'websocket', 'token', 'http', 'clock', 'socket', 'attempt', 'subprotocol'];
    expect(diagnosis.checks.map(({ id }) => id)).toEqual(ids);
    await until('it to leave', () => server.sockets.size === 0);
  });

  test('is named by what ended the socket, also where its close comes after the examination', async () => {
    const ended = { code: 4000, name: 'server-error', reason: 'the session could not begin' };
    await using server = await startLogServer({ attempt: () => ({ state: 'admitted', ended }) });
    const { verdict } = await examine(server.url);
    expect(verdict).toMatchObject({ outcome: 'failed', name: 'closed-4000', hop: 'gateway' });
    expect(verdict.sentence).toContain('says "the session could not begin"');
  });

  test('that nothing answers is named unreachable, with the word that programs are told', async () => {
    const free = await port(() => {});
    servers.pop()?.close();
    const { verdict } = await examine(`ws://127.0.0.1:${free}/ws/`);
    expect(verdict).toMatchObject({ outcome: 'failed', name: 'unreachable', hop: 'network' });
    expect(verdict.sentence).toContain('ECONNREFUSED');
  });

  test.each([
    ['expired', () => jwt({ sub: 'ada', exp: inSeconds(-600) })],
    ['none at all', () => 'undefined'],
    ['not supplied', () => Promise.reject(new Error('the server that gives tokens is away'))],
  ])('that nothing answers is not blamed on a token that is %s', async (_how, token) => {
    const free = await port(() => {});
    servers.pop()?.close();
    const diagnosis = await examine(`ws://127.0.0.1:${free}/ws/`, { token });
    expect(diagnosis.verdict).toMatchObject({ outcome: 'failed', name: 'unreachable', hop: 'network' });
    expect(outcomeOf(diagnosis, 'token')).toBe('warning');
  });

  test('that answers handshakes alone is asked nothing in vain: a token it refuses is blamed', async () => {
    const refusing = await port((socket) => {
      socket
        .on('error', () => {})
        .on('data', (bytes: Buffer) => {
          if (/^upgrade: /im.test(bytes.toString())) socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        });
    });
    const token = (): string => jwt({ sub: 'ada', exp: inSeconds(-600) });
    const { verdict } = await examine(`ws://127.0.0.1:${refusing}/ws/`, { token });
    expect(verdict).toMatchObject({ outcome: 'failed', name: 'token-expired', hop: 'token' });
  });

  test('that is silent costs no more than the time it was given', async () => {
    const silent = await port((socket) => socket.on('error', () => {}).resume());
    const { verdict, tookMs } = await examine(`ws://127.0.0.1:${silent}/ws/`, { withinMs: 900 });
    expect(verdict).toMatchObject({ outcome: 'failed', name: 'silent', hop: 'server' });
    expect(tookMs).toBeLessThan(2_000);
  });

  test.each([
    ['is silent after its first character', '{'],
    ['never ends', `{"state":"${'x'.repeat(200_000)}`],
  ])('whose answer %s costs no more than the time it was given', async (_words, begun) => {
    const endless = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write(begun);
    });
    servers.push(endless);
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const { verdict, tookMs } = await examine(`ws://127.0.0.1:${(endless.address() as AddressInfo).port}/ws/`, {
      withinMs: 900,
    });
    endless.closeAllConnections();
    expect(verdict.outcome).toBe('failed');
    expect(tookMs).toBeLessThan(2_000);
  });

  test('that is none is said to be none', async () => {
    const { verdict, checks } = await examine('ftp://ops.example.com/');
    expect(verdict).toMatchObject({ outcome: 'failed', name: 'url-invalid', hop: 'address' });
    expect(checks[0]).toMatchObject({ id: 'address', found: expect.stringContaining('expected ws:, wss:') as string });
  });

  test.each([
    [{ state: 'unseen' }, { name: 'never-arrived', hop: 'proxy' }],
    [
      { state: 'unseen', rememberedMs: 60_000 },
      { name: 'never-arrived', hop: 'proxy' },
    ],
    [{ state: 'admitted' }, { name: 'broken-on-the-way', hop: 'proxy' }],
    [{ state: 'refused' }, { name: 'refused', hop: 'gateway' }],
    [
      {
        state: 'refused',
        refusal: { code: 4401, name: 'token-signature', stage: 'credential', reason: 'a fault', hint: 'A cure.' },
      },
      { name: 'refused-token-signature', hop: 'token', cure: 'A cure.' },
    ],
  ] as const)('[REF8] is told by the gateway what became of it: %j', async (answer, expected) => {
    await using server = await startLogServer({ httpStatus: 403, attempt: () => answer });
    const { verdict } = await examine(server.url);
    expect(verdict).toMatchObject({ outcome: 'failed', ...expected });
    // The second question is about the socket that was tried.
    expect(server.upgrades[0]?.url).toContain(server.asked[1]);
  });

  test('[REF8] is not said to have never arrived where the gateway may have forgotten it', async () => {
    await using server = await startLogServer({
      httpStatus: 403,
      attempt: () => ({ state: 'unseen', rememberedMs: -1 }),
    });
    const diagnosis = await examine(server.url);
    expect(diagnosis.verdict.name).not.toBe('never-arrived');
    expect(diagnosis.checks.find(({ id }) => id === 'attempt')).toMatchObject({
      outcome: 'unknown',
      found: 'the gateway no longer remembers it, if it came',
    });
  });

  test('that chooses no subprotocol is found by offering none', async () => {
    const { WebSocketServer } = await import('ws');
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false });
    await until('the server to listen', () => server.address() !== null);
    const { port: own } = server.address() as AddressInfo;
    const { verdict } = await examine(`ws://127.0.0.1:${own}/ws/`);
    server.close();
    expect(verdict).toMatchObject({ name: 'subprotocol-none', hop: 'server' });
  });
});

describe('a token that is examined', () => {
  test.each([
    ['undefined', 'token-placeholder'],
    [`Bearer ${jwt({ sub: 'ada' })}`, 'token-prefixed'],
    [`"${jwt({ sub: 'ada' })}"`, 'token-quoted'],
    [`${jwt({ sub: 'ada' })}\n`, 'token-whitespace'],
    [jwt({ sub: 'ada', exp: inSeconds(-3600) }), 'token-expired'],
  ])('%j is the cause where the server refuses it', async (token, name) => {
    await using server = await startLogServer({ httpStatus: 401 });
    const diagnosis = await examine(server.url, { token: () => token, tokenIn: 'query' });
    expect(diagnosis.verdict).toMatchObject({ outcome: 'failed', name, hop: 'token' });
    expect(JSON.stringify(diagnosis)).not.toContain(jwt({ sub: 'ada' }).slice(0, 20));
  });

  test('is hidden where a server repeats it', async () => {
    const token = jwt({ sub: 'ada', exp: inSeconds(600) });
    await using server = await startLogServer({ onSocket: (socket) => socket.close(4321, token.slice(-60)) });
    const diagnosis = await examine(server.url, { token: () => token });
    expect(diagnosis.verdict.name).toBe('closed-4321');
    expect(JSON.stringify(diagnosis)).not.toContain(token.split('.')[1]);
  });

  test('is hidden where a server repeats it and only its beginning would be told', async () => {
    const token = 'k7Qz'.repeat(16);
    await using server = await startLogServer({
      onSocket: (socket) => socket.close(4321, `nobody here knows the credential ${token}`),
    });
    const diagnosis = await examine(server.url, { token: () => token });
    expect(diagnosis.verdict.sentence).toContain('"nobody here knows the credential …"');
    expect(JSON.stringify(diagnosis)).not.toContain('k7Qz');
  });

  test('is not waited for without end', async () => {
    await using server = await startLogServer();
    const { verdict } = await examine(server.url, { token: () => new Promise(() => {}), withinMs: 600 });
    expect(verdict).toMatchObject({ outcome: 'failed', name: 'token-unavailable', hop: 'page' });
  });
});

describe('a connection that is examined', () => {
  test('and is open opens no second socket, and is examined once at a time', async () => {
    await using server = await startLogServer({ attempt: () => ({ state: 'unseen' }) });
    const connection = createConnection({
      url: server.url,
      WebSocket: WebSocket as unknown as WebSocketConstructor,
      logger,
    });
    connection.connect();
    await until('open', () => connection.state.kind === 'open');
    const [one, other] = await Promise.all([connection.diagnose(), connection.diagnose()]);
    expect(one).toBe(other);
    expect(one.verdict.name).toBe('connects');
    expect(outcomeOf(one, 'socket')).toBe('ok');
    expect(server.upgrades).toHaveLength(1);
    connection.close();
  });

  test('whose application fails to give a token is told so', async () => {
    await using server = await startLogServer();
    const connection = createConnection({ url: server.url, logger, token: () => Promise.reject(new Error('no')) });
    const { verdict } = await connection.diagnose({ withinMs: 1_000 });
    expect(verdict).toMatchObject({ name: 'token-unavailable', hop: 'page' });
  });
});
