// Requests that are no plain RFC 6455 handshake, byte by byte over raw sockets: a WebSocket library would tidy them up.

import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { handshakeText, startEdge } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';

const production = { mode: 'production', allowedOrigins: ['https://ops.example.com'] } as const;

const nameIn = (answer: string): string | undefined => /"name":"([^"]+)"/.exec(answer)?.[1];
const statusIn = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe('[ADM2] a handshake that is not plain', () => {
  it.each([
    ['POST', handshakeText('/ws/', {}, 80, { method: 'POST' }), 405, 'method-not-get'],
    ['PUT', handshakeText('/ws/', {}, 80, { method: 'PUT' }), 405, 'method-not-get'],
    ['HTTP/1.0', handshakeText('/ws/', {}, 80, { version: '1.0' }), 400, 'http-version'],
    ['an empty Host', handshakeText('/ws/', { Host: '' }), 400, 'header-missing'],
    ['no Host', handshakeText('/ws/', { Host: undefined }), 400, 'header-missing'],
    ['two Hosts', handshakeText('/ws/', { Host: ['a', 'b'] }), 400, 'header-repeated'],
    [
      'two Origins',
      handshakeText('/ws/', { Origin: ['https://ops.example.com', 'https://evil.example'] }),
      400,
      'header-repeated',
    ],
    ['two Authorizations', handshakeText('/ws/', { Authorization: ['Bearer a', 'Bearer b'] }), 400, 'header-repeated'],
    ['two Upgrades', handshakeText('/ws/', { Upgrade: ['websocket', 'websocket'] }), 400, 'header-repeated'],
    [
      'two keys',
      handshakeText('/ws/', { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='] }),
      400,
      'header-repeated',
    ],
    ['no key', handshakeText('/ws/', { 'Sec-WebSocket-Key': undefined }), 400, 'header-missing'],
    [
      'a key of 15 bytes',
      handshakeText('/ws/', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j' }),
      400,
      'header-malformed',
    ],
    [
      'a key that is no base64',
      handshakeText('/ws/', { 'Sec-WebSocket-Key': '!!!!IHNhbXBsZSBub25jZQ==' }),
      400,
      'header-malformed',
    ],
    ['version 8', handshakeText('/ws/', { 'Sec-WebSocket-Version': '8' }), 426, 'version-unsupported'],
    ['version 7', handshakeText('/ws/', { 'Sec-WebSocket-Version': '7' }), 426, 'version-unsupported'],
    ['version "13, 8"', handshakeText('/ws/', { 'Sec-WebSocket-Version': '13, 8' }), 426, 'version-unsupported'],
    ['no version', handshakeText('/ws/', { 'Sec-WebSocket-Version': undefined }), 426, 'version-unsupported'],
    ['two versions', handshakeText('/ws/', { 'Sec-WebSocket-Version': ['13', '8'] }), 400, 'header-repeated'],
    ['Upgrade: h2c', handshakeText('/ws/', { Upgrade: 'h2c' }), 400, 'header-malformed'],
    ['Upgrade: websocket2', handshakeText('/ws/', { Upgrade: 'websocket2' }), 400, 'header-malformed'],
    ['Connection: keep-alive alone', handshakeText('/ws/', { Connection: 'close' }), 426, 'upgrade-missing'],
    ['a body by length', `${handshakeText('/ws/', { 'Content-Length': '6' })}\x81\x80\0\0\0\0`, 400, 'body-on-upgrade'],
    ['a chunked body', `${handshakeText('/ws/', { 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`, 400, 'body-on-upgrade'],
    ['an absolute target', handshakeText('http://evil.example/ws/'), 400, 'target-malformed'],
    ['a "//" target', handshakeText('//evil.example/ws/'), 400, 'target-malformed'],
    ['a "//" before the prefix', handshakeText('//ws/'), 400, 'target-malformed'],
    ['an encoded path', handshakeText('/ws/%63hat/general'), 404, 'path-unknown'],
    ['a path with dots', handshakeText('/ws/../admin'), 404, 'path-unknown'],
    ['a path parameter', handshakeText('/ws/;x'), 404, 'path-unknown'],
    ['an encoded NUL', handshakeText('/ws/%00'), 404, 'path-unknown'],
    ['broken percent-encoding', handshakeText('/ws/?token=%c3%28'), 400, 'query-malformed'],
    [
      'a subprotocol list with a hole',
      handshakeText('/ws/', { 'Sec-WebSocket-Protocol': 'a,,b' }),
      400,
      'header-malformed',
    ],
    ['a subprotocol twice', handshakeText('/ws/', { 'Sec-WebSocket-Protocol': 'a, a' }), 400, 'header-malformed'],
  ] as const)('with %s is refused by name', async (_what, bytes, status, name) => {
    await using edge = await startEdge(production);
    const answer = await edge.raw(bytes);
    expect([statusIn(answer), nameIn(answer)]).toEqual([status, name]);
    if (status === 426) expect(answer).toMatch(/^Sec-WebSocket-Version: 13\r$/m);
    expect(answer).toMatch(/^Connection: close/m);
    expect(await edge.open(`/ws/?token=${await signToken()}`), 'the next one is served').toMatchObject({
      first: { type: 'welcome' },
    });
  });

  it.each([
    ['a folded header', handshakeText('/ws/', { 'X-A': 'a\r\n b' }).replace('\r\n b', '\n b')],
    ['a space before the colon', handshakeText('/ws/').replace('Upgrade: websocket', 'Upgrade : websocket')],
    ['NUL in a header', handshakeText('/ws/', { 'X-A': 'a\0b' })],
    ['2,500 headers of some size', handshakeText('/ws/', { 'X-A': Array<string>(2_500).fill('12345678') })],
    ['a target of 20 kB', handshakeText(`/ws/?x=${'a'.repeat(20_000)}`)],
  ])('[ADM15] with %s is ended by node:http, and refused by name all the same', async (_what, bytes) => {
    await using edge = await startEdge(production);
    const answer = await edge.raw(bytes);
    expect([
      [400, 'request-malformed'],
      [431, 'headers-too-large'],
    ]).toContainEqual([statusIn(answer), nameIn(answer)]);
    expect(edge.events.map(({ type }) => type)).toEqual(['attempt', 'refused']);
  });

  it.each([
    ['Connection: keep-alive, Upgrade', { Connection: 'keep-alive, Upgrade' }],
    ['Upgrade: WebSocket', { Upgrade: 'WebSocket' }],
    ['a header named __proto__', { __proto__x: '1', ['__proto__' as string]: 'x' }],
    ['Content-Length: 0', { 'Content-Length': '0' }],
    ['a 9 kB cookie', { Cookie: `a=${'b'.repeat(9_000)}` }],
    ['malformed extensions', { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=99,,;"' }],
  ])('but %s is fine', async (_what, headers) => {
    await using edge = await startEdge(production);
    const token = await signToken();
    const answer = await edge.handshake(`/ws/?token=${token}`, headers as Record<string, string>);
    expect(answer).toMatch(/^HTTP\/1\.1 101/);
    expect(answer, 'no extension is ever negotiated').not.toMatch(/sec-websocket-extensions/i);
  });

  it('[ADM1] [ADM2] is refused before its credential is looked at', async () => {
    let checked = 0;
    const verify = (): never => {
      checked += 1;
      throw new Error('not to be called');
    };
    await using edge = await startEdge({ ...production, credentials: { verify } });
    await edge.handshake('/ws/?token=abc', { 'Sec-WebSocket-Version': '8' });
    await edge.handshake('/ws/nowhere?token=abc');
    await edge.handshake('/ws/?token=abc', { Origin: 'https://evil.example' });
    expect(checked).toBe(0);
  });

  it('[ADM14] with more than 16 KiB of headers is refused, by a server that reads them, and the largest is named', async () => {
    const server = createServer({ maxHeaderSize: 64 * 1024 });
    await using edge = await startEdge({ ...production, server });
    const token = await signToken();
    const fits = await edge.handshake(`/ws/?token=${token}`, { Cookie: `a=${'b'.repeat(15_000)}` });
    expect(statusIn(fits)).toBe(101);
    const cases = [
      [handshakeText(`/ws/?token=${token}`, { Cookie: `a=${'b'.repeat(16_500)}` }), 'Cookie'],
      [handshakeText(`/ws/?token=${'t'.repeat(20_000)}`), 'the address'],
      [handshakeText('/ws/', { Authorization: `Bearer ${'t'.repeat(20_000)}` }), 'the header authorization'],
    ] as const;
    for (const [bytes, field] of cases) {
      const answer = await edge.raw(bytes);
      expect([statusIn(answer), nameIn(answer)], field).toEqual([431, 'headers-too-large']);
      expect(answer).toContain(`most of it is ${field}`);
    }
    expect(edge.lines.join()).not.toContain('tttt');
  });

  it('frames sent along are read once admitted, and never when refused', async () => {
    await using edge = await startEdge(production);
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    const good = handshakeText(`/ws/?token=${await signToken()}`);
    const seen: string[] = [];
    await using echo = await startEdge({
      ...production,
      accept: ({ ws }) => {
        ws.on('message', (text) => {
          seen.push(String(text as Buffer));
          ws.terminate();
        });
      },
    });
    await echo.raw(Buffer.concat([Buffer.from(good), frame]));
    expect(seen).toEqual(['hi']);
    const refused = await edge.raw(Buffer.concat([Buffer.from(handshakeText('/ws/?token=garbage')), frame]));
    expect(statusIn(refused)).toBe(401);
  });
});

describe('[ADM6] a token', () => {
  it('of 4,096 characters is checked, a longer one refused unread', async () => {
    await using edge = await startEdge(production);
    const short = await signToken();
    const claims = { pad: 'x'.repeat(Math.floor(((4_096 - short.length) * 3) / 4) - 12) };
    const long = await signToken({ claims });
    expect(long.length).toBeGreaterThan(4_070);
    expect(long.length).toBeLessThanOrEqual(4_096);
    expect(await edge.open(`/ws/?token=${long}`)).toMatchObject({ first: { type: 'welcome' } });
    const answer = await edge.handshake(`/ws/?token=${'a'.repeat(4_097)}`);
    expect([statusIn(answer), nameIn(answer)]).toEqual([401, 'token-too-long']);
  });
});

describe('a plain request under the prefix', () => {
  const plain = (headers: Record<string, string | undefined>): string =>
    handshakeText('/ws/dashboard', { Upgrade: undefined, Connection: 'close', ...headers });

  it.each([
    [
      'nothing of the handshake',
      plain({ 'Sec-WebSocket-Version': undefined }),
      ['Upgrade', 'Connection', 'Sec-WebSocket-Version'],
    ],
    ['only the version, as nginx leaves it', plain({}), ['Upgrade', 'Connection']],
  ])('[END5] with %s is told which headers are missing', async (_what, bytes, missing) => {
    const endpoints = [{ path: 'dashboard', title: 'Dashboard' }];
    await using edge = await startEdge({ ...production, endpoints });
    const answer = await edge.raw(bytes);
    expect(statusIn(answer)).toBe(426);
    expect(JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1))).toMatchObject({
      name: 'upgrade-missing',
      missing,
      reason: expect.stringContaining('without the headers Upgrade') as string,
    });
  });

  it('[END1] an endpoint is found with and without the slash at its end, and by the more literal path', async () => {
    const endpoints = [
      { path: 'chat/:room', title: 'Chat' },
      { path: 'chat/lobby', title: 'Lobby' },
    ];
    await using edge = await startEdge({ ...production, endpoints });
    const token = await signToken();
    for (const path of ['/ws/chat/general', '/ws/chat/general/']) {
      const { first } = await edge.open(`${path}?token=${token}`);
      expect(first).toMatchObject({ type: 'welcome', params: { room: 'general' } });
    }
    await edge.open(`/ws/chat/lobby?token=${token}`);
    expect(edge.events.at(-1)).toMatchObject({ attempt: { title: 'Lobby', path: '/ws/chat/lobby' } });
    for (const path of ['/ws/', '/ws/chat', '/ws/chat/a/b', '/ws/chat/General']) {
      expect((await edge.open(`${path}?token=${token}`)).status, path).toBe(404);
    }
  });
});
