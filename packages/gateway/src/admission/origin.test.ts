// Origins are equal character for character or foreign; near misses are a table, the rest a property.

import { probeOrigin } from '@telltale/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startEdge } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import { hostName, isLoopbackHost, isLoopbackOrigin, isPrivateOrigin, validateAllowedOrigins } from './origin.ts';
import { admit, beginAttempt } from './admit.ts';
import type { AdmissionPolicy } from './policy.ts';
import type { UpgradeRequest } from './request.ts';

const page = 'https://app.example.com';

const nearMisses = [
  'null',
  '',
  'https://app.example.com.evil.com',
  'https://evilapp.example.com',
  'https://app.example.comevil.com',
  'https://app-example.com',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com:443',
  'https://app.example.com@evil.com',
  'https://app.example.com\\@evil.com',
  'https://evil.com#app.example.com',
  'https://evil.com?app.example.com',
  'https://app.example.com/path',
  'https://app.example.com/',
  'HTTPS://APP.EXAMPLE.COM',
  'https://app.example.com.',
  'https://xn--pp-7lc.example.com',
  'https://[::1]:3000',
  'http://127.0.0.1.nip.io',
  'http://0x7f.1',
  'http://localhost.evil.com',
  'http://localhost',
  'https://app.example.com, https://evil.com',
  'blob:https://app.example.com/x',
  'chrome-extension://abcdefgh',
  'capacitor://localhost',
  'https:app.example.com',
];

function requestFrom(origin: string | undefined, more: Record<string, string> = {}, target = '/ws/'): UpgradeRequest {
  const all = {
    host: 'localhost:8000',
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    ...(origin === undefined ? {} : { origin }),
    ...more,
  };
  const headers = new Map(Object.entries(all).map(([name, value]) => [name, [value]]));
  return { method: 'GET', httpVersion: '1.1', target, headers, address: '127.0.0.1', proxies: [], isByProxy: false };
}

async function decide(policy: AdmissionPolicy, request: UpgradeRequest): Promise<string> {
  const admission = await admit(beginAttempt(request, policy), policy);
  if (admission.kind === 'refused') return admission.refusal.name;
  admission.hold.release();
  return admission.warning === undefined ? admission.identity.kind : `${admission.identity.kind} with a warning`;
}

describe('in production', () => {
  const options = { mode: 'production', allowedOrigins: [page] } as const;

  it('[ORI1] the origin itself is allowed, and a program without one that has a credential', async () => {
    await using edge = await startEdge(options);
    const target = `/ws/?token=${await signToken()}`;
    expect(await decide(edge.policy, requestFrom(page, {}, target))).toBe('user');
    expect(await decide(edge.policy, requestFrom(undefined, {}, target))).toBe('user');
  });

  it('[ORI4] no credential is 4401, with and without an origin', async () => {
    await using edge = await startEdge(options);
    expect(await decide(edge.policy, requestFrom(page))).toBe('token-missing');
    expect(await decide(edge.policy, requestFrom(undefined))).toBe('token-missing');
  });

  it.each(nearMisses)('[ORI1] %j is foreign, whatever its credential', async (origin) => {
    await using edge = await startEdge(options);
    const request = requestFrom(origin, {}, `/ws/?token=${await signToken()}`);
    expect(await decide(edge.policy, request)).toBe('origin-not-allowed');
  });

  it('[ORI1] Host and Sec-WebSocket-Origin stand for nothing', async () => {
    await using edge = await startEdge(options);
    const target = `/ws/?token=${await signToken()}`;
    const same = requestFrom('https://hub.example', { host: 'hub.example' }, target);
    expect(await decide(edge.policy, same)).toBe('origin-not-allowed');
    const old = requestFrom('https://evil.com', { 'sec-websocket-origin': page }, target);
    expect(await decide(edge.policy, old)).toBe('origin-not-allowed');
  });

  it('[ORI1] of all texts near the allowed origin only the origin itself passes', async () => {
    await using edge = await startEdge({ ...options, limits: { admissionsPerSecond: 1e9, maxSessions: 1e9 } });
    const token = await signToken();
    const piece = fc.constantFrom(
      '.',
      '@',
      '\\',
      '/',
      ':',
      '#',
      '?',
      '%',
      ' ',
      ',',
      '443',
      'а',
      '。',
      'evil',
      'A',
      '\t',
      '%2e',
    );
    const near = fc
      .tuple(fc.nat(page.length), fc.nat(3), fc.array(piece, { maxLength: 3 }))
      .map(([at, cut, pieces]) => page.slice(0, at) + pieces.join('') + page.slice(at + cut));
    await fc.assert(
      fc.asyncProperty(near, async (origin) => {
        const passed = (await decide(edge.policy, requestFrom(origin, {}, `/ws/?token=${token}`))) === 'user';
        expect(passed).toBe(origin === page);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('in development', () => {
  it.each([
    ['http://localhost:5173', 'anonymous with a warning'],
    ['https://127.0.0.1', 'anonymous with a warning'],
    ['http://[::1]:3000', 'anonymous with a warning'],
    ['http://app.localhost:3000', 'anonymous with a warning'],
    [undefined, 'anonymous with a warning'],
    ['null', 'origin-needs-token'],
    ['https://evil.example', 'origin-needs-token'],
    ['http://localhost.evil.com', 'origin-needs-token'],
    ['http://127.0.0.1.nip.io', 'origin-needs-token'],
    ['http://0x7f.1', 'origin-needs-token'],
    ['http://192.168.1.5:3000', 'origin-needs-token'],
    [page, 'origin-needs-token'],
  ])('[ORI3] without a credential %s is %s', async (origin, outcome) => {
    await using edge = await startEdge({ allowedOrigins: [page] });
    expect(await decide(edge.policy, requestFrom(origin))).toBe(outcome);
  });

  it.each([
    ['http://192.168.1.5:3000', 'anonymous with a warning'],
    ['http://10.1.2.3', 'anonymous with a warning'],
    ['http://172.31.0.1', 'anonymous with a warning'],
    ['http://[fd00::1]:8000', 'anonymous with a warning'],
    ['http://172.32.0.1', 'origin-needs-token'],
    ['http://8.8.8.8', 'origin-needs-token'],
    ['http://192.168.1.5.evil.com', 'origin-needs-token'],
    ['null', 'origin-needs-token'],
  ])('[ORI3] where it listens on more than loopback %s is %s', async (origin, outcome) => {
    await using edge = await startEdge({ host: '0.0.0.0' });
    expect(await decide(edge.policy, requestFrom(origin, { host: '192.168.1.9:8000' }))).toBe(outcome);
  });

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'cf-connecting-ip', 'via', 'x-forwarded-proto'])(
    '[ORI3] behind %s nobody is anonymous',
    async (name) => {
      await using edge = await startEdge();
      expect(await decide(edge.policy, requestFrom('http://localhost:3000', { [name]: 'x' }))).toBe('token-missing');
    },
  );

  it('[ORI2] a good credential comes in from anywhere, with the setting production would need in the log', async () => {
    await using edge = await startEdge();
    const opened = await edge.open(`/ws/?token=${await signToken()}`, { origin: 'https://ops.example.com' });
    expect(opened.first).toMatchObject({ type: 'welcome', identity: { subject: 'ada', kind: 'user' } });
    const warnings = edge.lines.filter((line) => line.includes('"warn"'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('TELLTALE_ALLOWED_ORIGINS=https://ops.example.com');
  });

  it('[ORI1] nobody is offered a line for the name that doctor tries, nor for pages without an origin', async () => {
    await using edge = await startEdge({ mode: 'production', allowedOrigins: ['https://ops.example.com'] });
    for (const origin of [probeOrigin, 'null', 'https://other.example']) await edge.open('/ws/', { origin });
    const settings = edge.events.flatMap((event) => (event.type === 'refused' ? [event.refusal.setting] : []));
    const line = 'TELLTALE_ALLOWED_ORIGINS=https://ops.example.com,https://other.example';
    expect(settings).toEqual([undefined, undefined, line]);
  });

  it('[ADM7] [ORI2] a credential that fails is refused and does not become anonymous', async () => {
    await using edge = await startEdge();
    for (const origin of [undefined, 'http://localhost:3000', 'https://evil.example']) {
      expect(await decide(edge.policy, requestFrom(origin, {}, '/ws/?token=garbage'))).toBe('token-malformed');
      expect(await decide(edge.policy, requestFrom(origin, {}, '/ws/?token='))).toBe('token-placeholder');
    }
  });

  it.each([
    ['localhost:8000', true],
    ['LOCALHOST', true],
    ['127.0.0.1:1', true],
    ['[::1]:8000', true],
    ['evil.test:8000', false],
    ['localhost.evil.test', false],
    ['192.168.1.5', false],
    ['user@localhost', false],
  ])('[ORI5] a request for host %s: answered is %s, also a plain one', async (host, isAnswered) => {
    await using edge = await startEdge();
    const target = `/ws/?token=${await signToken()}`;
    const outcome = await decide(edge.policy, requestFrom(`http://${host}`, { host }, target));
    expect(outcome === 'host-not-allowed').toBe(!isAnswered);
    const plain = await edge.raw(`GET /ws/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(plain).toMatch(isAnswered ? /^HTTP\/1\.1 426/ : /^HTTP\/1\.1 403/);
  });

  it('[ORI5] a configured host is answered, by setting or by an allowed origin', async () => {
    await using edge = await startEdge({ host: 'hub.lan', allowedOrigins: ['https://ops.example.com'] });
    const target = `/ws/?token=${await signToken()}`;
    for (const host of ['hub.lan:8000', 'ops.example.com']) {
      expect(await decide(edge.policy, requestFrom(undefined, { host }, target)), host).toBe('user');
    }
  });
});

describe('a list of allowed origins', () => {
  it('is reported entry by entry, with what to write instead', () => {
    const faults = validateAllowedOrigins([
      'https://ops.example.com',
      'http://localhost:3000',
      'https://xn--pp-7lc.example.com',
      'capacitor://localhost',
      'https://*.example.com',
      '*',
      'null',
      'ops.example.com',
      'https://ops.example.com/',
      'https://ops.example.com/live',
      'https://ops.example.com:443',
      'http://ops.example.com:80',
      'https://OPS.example.com',
      'https://user@ops.example.com',
      'https://öps.example.com',
      'ws://ops.example.com/x',
      '',
    ]);
    expect(faults).toHaveLength(13);
    expect(faults.filter((fault) => fault.includes('write https://ops.example.com'))).toHaveLength(5);
    expect(faults.find((fault) => fault.includes('öps'))).toContain('xn--');
  });

  it('that holds one that can never match stops the start', async () => {
    await expect(startEdge({ allowedOrigins: ['https://a.example/', '*'] })).rejects.toThrow(/slash[^]*wildcard/);
  });
});

it('loopback and private literals are told from look-alikes', () => {
  expect(['http://localhost:65535', 'http://127.9.9.9'].every(isLoopbackOrigin)).toBe(true);
  expect(
    ['http://localhost:65536', 'http://127.0.0.1@x', 'ftp://localhost', 'http://LOCALHOST'].some(isLoopbackOrigin),
  ).toBe(false);
  expect(['http://169.254.1.1', 'http://[fe80::1]'].every(isPrivateOrigin)).toBe(true);
  expect(['http://10.0.0.256', 'http://010.0.0.1', 'http://[::ffff:10.0.0.1]'].some(isPrivateOrigin)).toBe(false);
  expect(isLoopbackHost('127.0.0.1.nip.io')).toBe(false);
  expect(hostName('a b')).toBeUndefined();
});
