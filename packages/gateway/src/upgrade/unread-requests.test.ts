// Attempts that node:http ends before anybody is asked, as their peers and the application learn of them. Real sockets.

import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { connectTo, type Edge, handshakeText, startEdge, until } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import type { GatewayEvent } from '../types.ts';

const page = 'https://ops.example.com';
const production = { mode: 'production', allowedOrigins: [page] } as const;
const id = 'abcdefghijklmnopqrstuv';
const cookie = `theme=${'c'.repeat(90_000)}`;

type Refused = Extract<GatewayEvent, { type: 'refused' }>;

const refusedIn = ({ events }: Edge): readonly Refused[] =>
  events.filter((event): event is Refused => event.type === 'refused');

/** A server that reads as far as the hub does. */
const server = (): ReturnType<typeof createServer> =>
  createServer({ maxHeaderSize: 64 * 1024 }, (_request, response) => response.end('the application'));

async function ask(edge: Edge, origin: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${edge.port}/ws/attempts/${id}`, { headers: { origin } });
  return await response.json();
}

describe('[ADM15] an attempt with more headers than are read', () => {
  it('is told so, is recorded with what its first bytes say, and its page learns of it', async () => {
    await using edge = await startEdge({ ...production, server: server() });
    const token = await signToken();
    const headers = { Origin: page, 'User-Agent': 'a browser', Cookie: cookie };
    const answer = await edge.handshake(`/ws/?token=${token}&attempt=${id}`, headers);
    expect(answer).toMatch(/^HTTP\/1\.1 431 Request Header Fields Too Large\r\n[^]*Connection: close/);
    const reason = 'the handshake has more than 64 KiB of headers, at most 16 KiB are taken; most of it is Cookie';
    const refusal = { code: 4400, name: 'headers-too-large', stage: 'form', reason, attempt: id };
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject(refusal);
    const attempt = { attempt: id, address: '127.0.0.1', origin: page, path: '/ws/', userAgent: 'a browser' };
    expect(edge.events).toMatchObject([
      { type: 'attempt', attempt },
      {
        type: 'refused',
        attempt,
        refusal: { ...refusal, hint: expect.stringMatching(/^Delete the cookies/) },
        told: 'http',
      },
    ]);
    const [route, form, origin] = refusedIn(edge)[0]?.decision.steps ?? [];
    expect(route).toEqual({ stage: 'route', outcome: 'passed', found: '/ws/' });
    expect(form).toEqual({ stage: 'form', outcome: 'refused', found: reason });
    expect(origin).toMatchObject({ stage: 'origin', outcome: 'not-reached' });
    expect(edge.lines).toHaveLength(1);
    expect(edge.lines[0]).toContain('Connection attempt from user unknown: refused 4400 headers-too-large');
    expect(await ask(edge, page)).toMatchObject({ state: 'refused', refusal });
    expect(await ask(edge, 'https://evil.example')).toEqual({ state: 'refused' });
    expect(JSON.stringify([edge.events, edge.lines])).not.toMatch(new RegExp(`${token.slice(-20)}|cccc`));
  });

  it('tells a foreign origin in production nothing but code and name', async () => {
    await using edge = await startEdge({ ...production, server: server() });
    const answer = await edge.handshake('/ws/', { Origin: 'https://evil.example', Cookie: cookie });
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toEqual({
      code: 4400,
      name: 'headers-too-large',
      retry: false,
      attempt: refusedIn(edge)[0]?.attempt.attempt,
    });
  });

  it('has the address that a trusted proxy names where its headers end, and its own where a lower line may be cut off', async () => {
    await using edge = await startEdge({ ...production, server: server(), trustedProxies: ['127.0.0.1'] });
    await edge.handshake('/ws/', { 'X-Forwarded-For': '203.0.113.7', 'X-A': 'a\0b' });
    await edge.handshake('/ws/', { 'X-Forwarded-For': '203.0.113.7', Cookie: cookie });
    await edge.handshake('/ws/', { Cookie: cookie, 'X-Forwarded-For': '203.0.113.7' });
    expect(refusedIn(edge).map(({ attempt }) => attempt.address)).toEqual(['203.0.113.7', '127.0.0.1', '127.0.0.1']);
  });

  it('may have them in its address, of which the parts that are whole are read', async () => {
    await using edge = await startEdge({ ...production, server: server() });
    const answer = await edge.raw(handshakeText(`/ws/?attempt=${id}&token=${'t'.repeat(70_000)}`));
    expect(answer).toMatch(/^HTTP\/1\.1 431 [^]*most of it is the address/);
    expect(refusedIn(edge)[0]?.attempt).toMatchObject({ attempt: id, path: '/ws/' });
    await edge.raw(handshakeText(`/ws/?token=${'t'.repeat(70_000)}&attempt=${id}`));
    expect(refusedIn(edge)[1]?.attempt, 'one of ours').toMatchObject({ path: '/ws/' });
    expect(refusedIn(edge)[1]?.attempt.attempt).not.toBe(id);
  });

  it('is named by the bound of its server', async () => {
    await using edge = await startEdge({ ...production, server: createServer() });
    await edge.handshake('/ws/', { 'X-A': Array<string>(2_500).fill('12345678') });
    await edge.handshake(`/ws/?x=${'a'.repeat(20_000)}`);
    expect(refusedIn(edge).map(({ refusal }) => refusal.reason)).toEqual([
      'the handshake has more than 16 KiB of headers, at most 16 KiB are taken; most of it is the header x-a',
      'the handshake has more than 16 KiB of headers, at most 16 KiB are taken; most of it is the address',
    ]);
  });

  it('is one attempt however much it goes on to send, and reads its answer to the end', async () => {
    await using edge = await startEdge({ ...production, server: server() });
    const socket = await connectTo(edge.port);
    let answer = '';
    socket.on('data', (part) => (answer += part.toString()));
    socket.write(handshakeText('/ws/').slice(0, -2));
    for (let index = 0; index < 100; index++) socket.write(`X-${index}: ${'y'.repeat(10_000)}\r\n`);
    await until(
      () => answer.endsWith('}\n'),
      () => answer,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(edge.events).toHaveLength(2);
    socket.destroy();
  });
});

describe('[ADM15] an attempt that nobody can read', () => {
  const hello = Buffer.from('16030100f8010000f40303', 'hex');
  it.each([
    ['TLS at a plain port', hello, 'tls-to-plain', 'unknown', /^TLS arrived at a port that speaks plain HTTP$/],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http-version', 'unknown', /^found HTTP\/2\.0/],
    [
      'another protocol',
      'SSH-2.0-OpenSSH_9.2\r\n',
      'request-malformed',
      'unknown',
      /no HTTP request that can be read: found /,
    ],
    [
      'a space before the colon',
      handshakeText('/ws/').replace('Upgrade:', 'Upgrade :'),
      'request-malformed',
      '/ws/',
      /found Invalid/,
    ],
    ['a folded header', handshakeText('/ws/', { 'X-A': 'a\n b' }), 'request-malformed', '/ws/', /found /],
    ['NUL in a header', handshakeText('/ws/', { 'X-A': 'a\0b' }), 'request-malformed', '/ws/', /found Invalid/],
  ])('for %s is recorded with the reason', async (_what, bytes, name, path, reason) => {
    await using edge = await startEdge(production);
    const answer = await edge.raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"reason":/);
    const [refused, ...others] = refusedIn(edge);
    expect(others).toEqual([]);
    expect(refused).toMatchObject({
      attempt: { path, address: '127.0.0.1' },
      refusal: { code: 4400, name },
      told: 'http',
    });
    expect(refused?.refusal.reason).toMatch(reason);
    expect(refused?.attempt.attempt).toMatch(/^[\w-]{22}$/);
    const [route] = refused?.decision.steps ?? [];
    expect(route).toMatchObject({
      stage: 'route',
      outcome: path === 'unknown' ? 'not-reached' : 'passed',
      found: path,
    });
    expect(edge.lines).toHaveLength(1);
    expect((await edge.open(`/ws/?token=${await signToken()}`)).first, 'the next one is served').toMatchObject({
      type: 'welcome',
    });
  });

  it('since it stops in the middle is recorded, whether it leaves, resets or waits', async () => {
    const slow = { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50 };
    await using edge = await startEdge({ ...production, server: createServer(slow) });
    const half = handshakeText(`/ws/?attempt=${id}`, { Origin: page }).slice(0, -20);
    const [leaving, resetting, waiting] = await Promise.all([0, 1, 2].map(() => connectTo(edge.port)));
    let answer = '';
    waiting?.on('data', (part) => (answer += part.toString()));
    waiting?.write(half);
    resetting?.on('error', () => {});
    resetting?.write(handshakeText('/ws/').slice(0, 60), () => setTimeout(() => resetting.resetAndDestroy(), 50));
    leaving?.end('GET /ws/dash');
    await until(
      () => refusedIn(edge).length === 3 && answer !== '',
      () => JSON.stringify(edge.events),
    );
    const told = refusedIn(edge).map(({ attempt, refusal, told: how }) => [
      attempt.path,
      refusal.name,
      refusal.reason,
      how,
    ]);
    const left = 'the request began, and its headers were not whole when its peer left';
    expect(told).toEqual(
      expect.arrayContaining([
        ['unknown', 'request-unfinished', left, 'http'],
        ['/ws/', 'request-unfinished', left, undefined],
        ['/ws/', 'request-unfinished', 'the request began, and its headers were not whole in time', 'http'],
      ]),
    );
    expect(refusedIn(edge).map(({ attempt }) => attempt.address)).toEqual(Array<string>(3).fill('127.0.0.1'));
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"retry":true/);
    expect(await ask(edge, page)).toMatchObject({
      state: 'refused',
      refusal: { name: 'request-unfinished', retry: true },
    });
    for (const socket of [leaving, waiting]) socket?.destroy();
  });
});

describe('[ADM15] no attempt', () => {
  it('is what asks for another path, asks what became of one, says nothing, or comes behind a request', async () => {
    const times = { headersTimeout: 200, requestTimeout: 200, connectionsCheckingInterval: 50 };
    const listening = createServer({ ...times, maxHeaderSize: 64 * 1024 }, (_request, response) =>
      response.end('hello'),
    );
    await using edge = await startEdge({ ...production, server: listening });
    const long = `Host: localhost\r\nCookie: ${cookie}\r\n\r\n`;
    expect(await edge.raw(`GET /page HTTP/1.1\r\n${long}`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await edge.raw(`GET /ws/attempts/${id} HTTP/1.1\r\n${long}`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await edge.raw('GET /page HTTP/1.1\r\nHost localhost\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await edge.raw('')).toMatch(/^HTTP\/1\.1 408 /);
    expect(await edge.raw('GET /page HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n')).toMatch(/hello/);
    expect(edge.events).toEqual([]);
    expect(edge.lines).toEqual([]);
  });

  it('is what a connection sends behind its first request, which the application may be answering', async () => {
    const listening = createServer((request, response) => {
      response.write('begun ');
      if (request.url === '/slow') setTimeout(() => response.end('and ended'), 300);
      else response.end('and ended');
    });
    await using edge = await startEdge({ ...production, server: listening });
    const bad = `GET /ws/?attempt=${id} HTTP/1.1\r\nHost localhost\r\n\r\n`;
    for (const path of ['/page', '/slow']) {
      const socket = await connectTo(edge.port);
      let answer = '';
      socket.on('data', (part) => (answer += part.toString()));
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await until(
        () => answer.includes('begun'),
        () => answer,
      );
      socket.write(bad);
      socket.on('end', () => socket.end());
      await new Promise((resolve) => socket.once('close', resolve));
      expect(answer).not.toContain('request-malformed');
      expect(answer.match(/HTTP\/1\.1 (?!200)/g)?.length ?? 0, answer).toBeLessThanOrEqual(1);
    }
    expect(edge.events).toEqual([]);
    const chunked = handshakeText('/ws/', { 'Transfer-Encoding': 'chunked' }).replace(
      /Upgrade: .*\r\nConnection: .*\r\n/,
      '',
    );
    expect(await edge.raw(`${chunked}no chunk\r\n`)).toMatch(/^HTTP\/1\.1 \d+ (?:(?!HTTP\/1)[^])*$/);
    expect(refusedIn(edge).map(({ refusal }) => refusal.name)).toEqual(['upgrade-missing']);
    expect(await ask(edge, page)).toMatchObject({ state: 'unseen' });
  });

  it("keeps the application's own listener from its requests, nor from those that nobody can tell", async () => {
    const told: string[] = [];
    const listening = server();
    listening.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      told.push(error.code ?? '');
      if (socket.writable) socket.end('HTTP/1.1 400 The application\r\nConnection: close\r\n\r\n');
    });
    await using edge = await startEdge({ ...production, server: listening });
    expect(await edge.raw('GET /page HTTP/1.1\r\nHost localhost\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 The application/);
    expect(refusedIn(edge)).toHaveLength(0);
    expect(await edge.raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 The application/);
    expect(refusedIn(edge)).toMatchObject([{ attempt: { path: 'unknown' }, told: 'http' }]);
    expect(told).toEqual(['HPE_INVALID_HEADER_TOKEN', 'HPE_INVALID_METHOD']);
    expect(await edge.handshake('/ws/', { 'X-A': 'a\0b' })).toMatch(/^HTTP\/1\.1 400 Bad Request[^]*request-malformed/);
    expect(told).toHaveLength(2);
  });

  it('is answered by a gateway that has stopped', async () => {
    await using edge = await startEdge({ ...production, server: server() });
    edge.upgrade.stop();
    expect(await edge.handshake('/ws/', { Cookie: cookie })).toMatch(/^HTTP\/1\.1 431 /);
    expect(edge.events).toEqual([]);
  });
});
