// Tokens of other issuers: their keys from a real server on loopback that also fails, hangs, redirects and lies.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IssuerOptions } from '../types.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { secret } from '../testing/edge.ts';
import { forgeToken, signToken, type TokenParts } from '../testing/tokens.ts';
import { createKeySet } from './key-set.ts';
import { createTokenCheck, type TokenAnswer } from './token.ts';

const issuer = 'https://id.example.com';
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;

let pairs: Record<'ES256' | 'EdDSA' | 'RS256', Pair>;
let other: Pair;
let published: JWK[];
let answer: (response: ServerResponse) => void;
let requests = 0;
const server = createServer((_request, response) => {
  requests += 1;
  answer(response);
});
let jwksUrl = '';
let clock: ManualClock;

const jwk = async (pair: Pair, more: JWK): Promise<JWK> => ({ ...(await exportJWK(pair.publicKey)), ...more });
const keys = (list: unknown) => (response: ServerResponse) => response.end(JSON.stringify({ keys: list }));

beforeAll(async () => {
  pairs = {
    ES256: await generateKeyPair('ES256'),
    EdDSA: await generateKeyPair('EdDSA'),
    RS256: await generateKeyPair('RS256'),
  };
  other = await generateKeyPair('ES256');
  published = [
    await jwk(pairs.ES256, { kid: 'es', alg: 'ES256', use: 'sig' }),
    await jwk(pairs.EdDSA, { kid: 'ed' }),
    await jwk(pairs.RS256, { kid: 'rs' }),
  ];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  clock = new ManualClock();
  requests = 0;
  answer = keys(published);
});

function checkWith(more: Partial<IssuerOptions> = {}, own = false): (token: string) => Promise<TokenAnswer> {
  const options: IssuerOptions = { jwksUrl, audience: 'dashboards', algorithms: ['ES256', 'EdDSA', 'RS256'], ...more };
  const check = createTokenCheck({ ...(own ? { secret } : {}), issuers: { [issuer]: options } }, clock);
  return async (token) => check(token);
}

const token = (alg: keyof typeof pairs, kid: string | undefined, parts: TokenParts = {}): Promise<string> =>
  signToken({
    now: clock.now(),
    key: pairs[alg].privateKey,
    ...parts,
    header: { alg, ...(kid === undefined ? {} : { kid }), ...parts.header },
    claims: { iss: issuer, aud: 'dashboards', ...parts.claims },
  });

describe('[ADM9] a token of another issuer', () => {
  it.each([
    ['ES256', 'es'],
    ['EdDSA', 'ed'],
    ['RS256', 'rs'],
    ['ES256', undefined],
  ] as const)('signed with %s and kid %s is good, with one request for its keys', async (alg, kid) => {
    const check = checkWith();
    for (let index = 0; index < 5; index += 1) {
      expect(await check(await token(alg, kid))).toMatchObject({ kind: 'identity', issuer, subject: 'ada' });
    }
    expect(requests).toBe(1);
  });

  it('is worth at most what its issuer may grant, and its foreign scopes nothing', async () => {
    expect(await checkWith()(await token('ES256', 'es', { claims: { scope: 'admin' } }))).toMatchObject({
      scope: 'viewer',
    });
    const check = checkWith({ highestScope: 'operator' });
    expect(await check(await token('ES256', 'es', { claims: { scope: 'openid admin' } }))).toMatchObject({
      scope: 'operator',
    });
    expect(await check(await token('ES256', 'es', { claims: { scope: 'openid profile' } }))).toMatchObject({
      scope: 'viewer',
    });
  });

  it.each([
    [
      'an algorithm that is not in its list',
      { algorithms: ['RS256'] as const },
      () => token('ES256', 'es'),
      'token-algorithm',
    ],
    [
      'HS256 with the public key',
      {},
      () => signToken({ claims: { iss: issuer }, key: JSON.stringify(published[0]) }),
      'token-algorithm',
    ],
    ['alg none', {}, () => forgeToken({ alg: 'none' }, { iss: issuer }), 'token-unsigned'],
    ['a key of somebody else', {}, () => token('ES256', 'es', { key: other.privateKey }), 'token-signature'],
    ['a kid nobody published', {}, () => token('ES256', 'other'), 'token-key'],
    ['a kid of 10 kB', {}, () => token('ES256', 'x'.repeat(1_000)), 'token-key'],
    ['the kid __proto__', {}, () => token('ES256', '__proto__'), 'token-key'],
    ['another audience', {}, () => token('ES256', 'es', { claims: { aud: 'telltale' } }), 'token-audience'],
    ['no expiry', {}, () => token('ES256', 'es', { claims: { exp: undefined } }), 'token-expiry-missing'],
    [
      'an issuer that is not in the map',
      {},
      () => token('ES256', 'es', { claims: { iss: 'https://evil.example' } }),
      'token-issuer',
    ],
    ['the issuer __proto__', {}, () => token('ES256', 'es', { claims: { iss: '__proto__' } }), 'token-issuer'],
  ] as const)('[ADM8] with %s is refused by name', async (_what, options, make, name) => {
    expect(await checkWith(options)(await make())).toMatchObject({ kind: 'refused', name });
  });

  it('never makes us fetch what it names itself, and an unknown issuer nothing at all', async () => {
    const check = checkWith();
    await check(await token('ES256', 'es', { header: { jku: `${jwksUrl}/evil`, x5u: `${jwksUrl}/evil` } }));
    expect(requests).toBe(1);
    await check(await token('ES256', 'es', { claims: { iss: `${jwksUrl}/evil` } }));
    expect(requests).toBe(1);
  });

  it('stands beside tokens of the own secret, each by its own key only', async () => {
    const check = checkWith({}, true);
    expect(await check(await signToken({ now: clock.now() }))).toMatchObject({ issuer: 'telltale' });
    expect(await check(await token('ES256', 'es'))).toMatchObject({ issuer });
    const ownName = await token('ES256', 'es', { claims: { iss: 'telltale', aud: 'telltale' } });
    expect(await check(ownName)).toMatchObject({ name: 'token-algorithm' });
    const theirName = await signToken({ now: clock.now(), claims: { iss: issuer, aud: 'dashboards' } });
    expect(await check(theirName)).toMatchObject({ name: 'token-algorithm' });
  });
});

describe('[ADM7] a key server', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['answers 500', (response) => response.writeHead(500).end()],
    ['redirects', (response) => response.writeHead(302, { location: jwksUrl }).end()],
    ['sends HTML', (response) => response.end('<html>')],
    ['sends no key set', (response) => response.end('{}')],
    [
      'sends more than 64 KiB',
      (response) => response.end(JSON.stringify({ keys: published, pad: 'x'.repeat(70_000) })),
    ],
    ['hangs up', (response) => response.destroy()],
  ])('that %s leaves a token unchecked, not wrong, and is asked once per back-off', async (_what, failing) => {
    answer = failing;
    const check = checkWith();
    for (let index = 0; index < 20; index += 1) {
      const refused = await check(await token('ES256', 'es'));
      expect(refused).toMatchObject({ name: 'credential-unchecked', retryAfterMs: expect.any(Number) as number });
    }
    expect(requests).toBe(1);
    answer = keys(published);
    clock.advance(6_000);
    expect(await check(await token('ES256', 'es'))).toMatchObject({ kind: 'identity' });
  });

  it('that never answers is given up after 3 s', async () => {
    answer = (response) => response.write('{"keys":[');
    const from = performance.now();
    expect(await checkWith()(await token('ES256', 'es'))).toMatchObject({ name: 'credential-unchecked' });
    expect(performance.now() - from).toBeGreaterThan(2_500);
    expect(performance.now() - from).toBeLessThan(4_500);
  });

  it('that fails later leaves known keys in use for an hour', async () => {
    const check = checkWith();
    expect(await check(await token('ES256', 'es'))).toMatchObject({ kind: 'identity' });
    answer = (response) => response.writeHead(500).end();
    clock.advance(55 * 60_000);
    expect(await check(await token('ES256', 'es'))).toMatchObject({ kind: 'identity' });
    clock.advance(6 * 60_000);
    expect(await check(await token('ES256', 'es'))).toMatchObject({ name: 'credential-unchecked' });
  });

  it('is asked about unknown keys once in 30 s, however many are tried, and new keys are found then', async () => {
    const check = checkWith();
    answer = keys(published.slice(1));
    for (let index = 0; index < 50; index += 1)
      expect(await check(await token('ES256', 'es'))).toMatchObject({ name: 'token-key' });
    expect(requests).toBe(1);
    answer = keys(published);
    clock.advance(30_001);
    expect(await check(await token('ES256', 'es'))).toMatchObject({ kind: 'identity' });
    expect(requests).toBe(2);
  });

  it('that publishes a secret or private key, or one for encryption, gets it passed over', async () => {
    answer = keys([
      { kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'oct', alg: 'ES256' },
      { ...published[0], kid: 'private', d: 'AAAA' },
      { ...published[0], kid: 'enc', use: 'enc' },
      null,
      'x',
    ]);
    for (const kid of ['oct', 'private', 'enc']) {
      expect(await checkWith()(await token('ES256', kid)), kid).toMatchObject({ name: 'token-key' });
    }
  });

  it.each(['http://id.example.com/keys', 'ftp://127.0.0.1/keys', 'keys', 'https//x'])(
    'at %s is refused at the start',
    (url) => {
      const options: IssuerOptions = { jwksUrl: url, audience: 'a', algorithms: ['ES256'] };
      expect(() => createKeySet(options, clock)).toThrow(/https address, or http on loopback/);
    },
  );
});
