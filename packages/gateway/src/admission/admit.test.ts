// The order of the checks, what an endpoint asks of an identity, and the events an attempt leaves.

import { describe, expect, it } from 'vitest';
import { stages } from '@telltale/protocol';
import { handshakeText, startEdge } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import type { EndpointDefinition } from '../types.ts';
import { createAdmissionPolicy } from './policy.ts';

const page = 'https://ops.example.com';
const production = { mode: 'production', allowedOrigins: [page] } as const;

describe('[ADM1] of several faults', () => {
  it('the one of the earliest stage is told, and mending it uncovers the next', async () => {
    const endpoints: EndpointDefinition[] = [{ path: 'agents', title: 'Agents', allows: () => false }];
    const limits = { maxSessions: 1, explainedRefusals: 100 };
    await using edge = await startEdge({ ...production, endpoints, limits });
    const filler = edge.policy.rates.enter('10.0.0.1');
    const good = await signToken();
    const foreign = { Origin: 'https://evil.example' };
    const seen: unknown[] = [];
    const attempt = async (path: string, headers: Record<string, string>): Promise<void> => {
      await edge.raw(handshakeText(path, headers, edge.port));
      const last = edge.events.at(-1);
      seen.push(last?.type === 'refused' ? [last.refusal.stage, last.refusal.name] : last);
    };
    await attempt('/ws/nowhere?token=a&token=b', foreign);
    await attempt('/ws/agents?token=a&token=b', foreign);
    await attempt('/ws/agents?token=garbage', foreign);
    await attempt('/ws/agents?token=garbage', { Origin: page });
    if (filler.kind === 'held') filler.place.release();
    await attempt('/ws/agents?token=garbage', { Origin: page });
    await attempt(`/ws/agents?token=${good}`, { Origin: page });
    expect(seen).toEqual([
      ['route', 'path-unknown'],
      ['form', 'credential-repeated'],
      ['origin', 'origin-not-allowed'],
      ['rate', 'at-capacity'],
      ['credential', 'token-malformed'],
      ['permission', 'endpoint-forbidden'],
    ]);
    expect(seen.map((pair) => (pair as [string])[0])).toEqual(stages);
  });
});

describe('[ADM5] two credentials', () => {
  it.each([
    ['?token= twice', '/ws/?token=TOKEN&token=TOKEN', {}],
    ['?token= and ?ticket=', '/ws/?token=TOKEN&ticket=x', {}],
    ['?token= and a Bearer', '/ws/?token=TOKEN', { Authorization: 'Bearer TOKEN' }],
    ['?token= and a subprotocol', '/ws/?token=TOKEN', { 'Sec-WebSocket-Protocol': 'telltale.v1, bearer.TOKEN' }],
    ['two subprotocols', '/ws/', { 'Sec-WebSocket-Protocol': 'bearer.TOKEN, bearer.other' }],
    ['an empty ?token= and a Bearer', '/ws/?token=', { Authorization: 'Bearer TOKEN' }],
  ])('as %s are refused', async (_what, path, headers) => {
    await using edge = await startEdge(production);
    const token = await signToken();
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('TOKEN', token)]),
    );
    const answer = await edge.handshake(path.replaceAll('TOKEN', token), filled);
    expect(answer).toMatch(/^HTTP\/1\.1 400[^]*"name":"credential-repeated"/);
  });

  it.each([
    ['token[]', '/ws/?token[]=TOKEN'],
    ['TOKEN', '/ws/?TOKEN=TOKEN'],
    ['access_token', '/ws/?access_token=TOKEN'],
    ['a fragment-like rest', '/ws/?x=1%23token=TOKEN'],
  ])('[ADM4] %s is no credential at all', async (_what, path) => {
    await using edge = await startEdge(production);
    const answer = await edge.handshake(path.replace(/TOKEN$/, await signToken()));
    expect(answer).toMatch(/^HTTP\/1\.1 401[^]*"name":"token-missing"/);
  });

  it('[ADM4] percent-encoding is undone once', async () => {
    await using edge = await startEdge(production);
    const dotted = (await signToken()).replaceAll('.', '%2E');
    expect(await edge.handshake(`/ws/?token=${dotted}`)).toMatch(/^HTTP\/1\.1 101/);
    expect(await edge.handshake(`/ws/?token=${dotted.replaceAll('%', '%25')}`)).toMatch(/token-malformed/);
  });
});

describe('[END3] the channels of an endpoint', () => {
  const endpoints: EndpointDefinition[] = [
    {
      path: 'chat/:room',
      title: 'Chat',
      channels: (_identity, { room }) => [`chat/${room}`, `presence/${room}`, 'notices'],
    },
  ];
  const options = {
    ...production,
    endpoints,
    mayRead: (_identity: unknown, channel: string) =>
      channel === 'chat/secret'
        ? 'forbidden'
        : channel === 'chat/nowhere'
          ? 'unknown'
          : channel === 'notices'
            ? 'forbidden'
            : 'allowed',
  } as const;

  it.each([
    [
      'general',
      undefined,
      { type: 'welcome', params: { room: 'general' }, channels: ['chat/general', 'presence/general'] },
    ],
    ['secret', 4403, { name: 'channel-forbidden' }],
    ['nowhere', 4404, { name: 'channel-unknown' }],
  ])('of %s decide by the main one, and leave the others out', async (room, code, first) => {
    await using edge = await startEdge(options);
    const opened = await edge.open(`/ws/chat/${room}/?token=${await signToken()}`, { origin: page });
    expect(opened.code).toBe(code);
    expect(opened.first).toMatchObject(first);
  });
});

describe('what the operator reads', () => {
  it('is one line and one refusal for each attempt, with its id, its user and the cure', async () => {
    await using edge = await startEdge({ ...production, endpoints: [{ path: 'dashboard', title: 'Dashboard' }] });
    await edge.open(`/ws/dashboard/?token=${await signToken()}`, { origin: page });
    await edge.open(`/ws/dashboard/?token=${await signToken({ claims: { exp: 1_000 } })}`, { origin: page });
    await edge.open('/ws/dashboard/?token=garbage', { origin: 'https://evil.example' });
    const texts = edge.lines.map((line) => JSON.parse(line) as { text: string; attempt: string });
    expect(texts.map(({ text }) => text)).toEqual([
      '[Dashboard] Connection attempt from user ada: admitted',
      expect.stringMatching(
        /^\[Dashboard\] Connection attempt from user ada: refused 4419 token-expired \(token expired\): .*\d+ days ago$/,
      ),
      expect.stringMatching(
        /^\[Dashboard\] Connection attempt from user unknown: refused 4403 origin-not-allowed \(origin not allowed\): .*evil/,
      ),
    ]);
    expect(edge.events.map(({ type }) => type)).toEqual(['attempt', 'attempt', 'refused', 'attempt', 'refused']);
    expect(edge.events.at(-1)).toMatchObject({
      attempt: { attempt: texts[2]?.attempt, title: 'Dashboard', path: '/ws/dashboard/', address: '127.0.0.1' },
      refusal: { stage: 'origin', setting: 'TELLTALE_ALLOWED_ORIGINS=https://ops.example.com,https://evil.example' },
      user: undefined,
    });
  });
});

describe('options that cannot work', () => {
  const options = {
    limits: { maxFrameBytes: 1, admissionsPerSecond: 1 } as never,
    clock: { now: () => 0, monotonic: () => 0, after: () => () => {}, soon: () => () => {} },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    mayRead: (): 'allowed' => 'allowed',
    isStopping: () => false,
  };

  it.each([
    [{ mode: 'production', credentials: { secret: 'short' } }, /found a secret of 5 bytes, expected at least 32/],
    [{ credentials: { secret: '' } }, /at least 1/],
    [
      { credentials: { secret: 'x', verify: () => ({ kind: 'refused', name: 'token-revoked' }) } },
      /`verify` replaces them/,
    ],
    [{ prefix: 'ws' }, /expected a path such as "\/ws"/],
    [{ prefix: '/ws/' }, /expected a path/],
    [{ endpoints: [{ path: '/Dash board/', title: 'x' }] }, /endpoint path/],
    [{ trustedProxies: ['everybody'] }, /trusted proxy "everybody"/],
  ] as const)('%j stop the start with a sentence', (wrong, message) => {
    expect(() => createAdmissionPolicy({ ...options, ...(wrong as object) })).toThrow(message);
  });
});

describe('checkBearer', () => {
  it('[SES10] tells HTTP routes and live sessions what an upgrade would', async () => {
    await using edge = await startEdge(production);
    const { checkBearer } = edge.policy.credentials;
    expect(await checkBearer(await signToken({ claims: { sid: 's1' } }))).toMatchObject({
      kind: 'identity',
      identity: {
        subject: 'ada',
        kind: 'user',
        scope: 'viewer',
        id: expect.stringMatching(/^[a-z2-7]{26}$/) as string,
      },
      sid: 's1',
    });
    expect(await checkBearer('undefined')).toMatchObject({
      kind: 'refused',
      code: 4401,
      name: 'token-placeholder',
      reason: expect.stringContaining('"undefined"') as string,
    });
  });
});
