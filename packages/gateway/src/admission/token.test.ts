// Every way a token can be wrong has its own name, and where jose says no, so do we; where it says yes and we say no, the
// table says why.

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { RefusalName } from '@telltale/protocol';
import { ManualClock } from '../testing/manual-clock.ts';
import { secret } from '../testing/edge.ts';
import { forgeToken, signToken, type TokenParts } from '../testing/tokens.ts';
import { createTokenCheck } from './token.ts';

const clock = new ManualClock();
const now = clock.now() / 1_000;
const check = createTokenCheck({ secret }, clock);

async function isGoodForJose(token: string): Promise<boolean> {
  try {
    await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ['HS256'],
      issuer: 'telltale',
      audience: 'telltale',
      requiredClaims: ['iss', 'aud', 'sub', 'exp'],
      clockTolerance: 5,
      currentDate: new Date(clock.now()),
    });
    return true;
  } catch {
    return false;
  }
}

const sign = (parts: TokenParts = {}): Promise<string> => signToken({ now: clock.now(), ...parts });
const claims = (value: Record<string, unknown>) => (): Promise<string> => sign({ claims: value });
const tampered = async (part: 0 | 1 | 2): Promise<string> => {
  const parts = (await sign()).split('.');
  parts[part] = `${(parts[part] as string).slice(0, -2)}${(parts[part] as string).endsWith('A') ? 'BB' : 'AA'}`;
  return parts.join('.');
};
const own = { iss: 'telltale', aud: 'telltale', sub: 'ada', exp: now + 60 };
/** HS256 over any header and claims, also such that jose would not sign. */
function signAnything(header: unknown, body: unknown): string {
  const [head, payload] = forgeToken(header, body).split('.') as [string, string];
  return `${head}.${payload}.${createHmac('sha256', secret).update(`${head}.${payload}`).digest('base64url')}`;
}
const publicPem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();

describe('[ADM8] [ADM9] a token with', () => {
  it.each<[string, () => string | Promise<string>, RefusalName | 'good', 'stricter than jose'?]>([
    ['all it needs', () => sign(), 'good'],
    ['an audience among others', claims({ aud: ['other', 'telltale'] }), 'good'],
    ['an expiry 4 s ago', claims({ exp: now - 4 }), 'good'],
    ['typ at+jwt', () => sign({ header: { typ: 'at+jwt' } }), 'good'],
    ['a kid nobody asked for', () => sign({ header: { kid: '../../dev/null' } }), 'good'],
    [
      'an embedded key, passed over',
      () => sign({ header: { jwk: { kty: 'oct', k: 'AA' }, jku: 'http://127.0.0.1:9/' } as never }),
      'good',
    ],

    ['alg none', () => forgeToken({ alg: 'none' }, own, ''), 'token-unsigned'],
    ['alg nOnE', () => forgeToken({ alg: 'nOnE' }, own, ''), 'token-unsigned'],
    ['no alg', () => forgeToken({}, own), 'token-unsigned'],
    ['alg HS512', () => forgeToken({ alg: 'HS512' }, own), 'token-algorithm'],
    ['alg RS256', () => forgeToken({ alg: 'RS256' }, own), 'token-algorithm'],
    ['alg hs256', () => signAnything({ alg: 'hs256' }, own), 'token-algorithm'],
    ['alg a number', () => signAnything({ alg: 256 }, own), 'token-algorithm'],
    ['an HS256 signature by a public key', () => sign({ key: publicPem }), 'token-signature'],
    ['another secret', () => sign({ key: `${secret}!` }), 'token-signature'],
    ['no signature', async () => (await sign()).replace(/[^.]+$/, ''), 'token-signature'],
    [
      'an altered header',
      () =>
        signAnything({ alg: 'HS256' }, own).replace(
          /^[^.]+/,
          forgeToken({ alg: 'HS256', a: 1 }, {}).split('.')[0] as string,
        ),
      'token-signature',
    ],
    [
      'an altered payload',
      async () => {
        const [head, , signature] = (await sign()).split('.');
        return `${head}.${forgeToken({}, { ...own, sub: 'eve' }).split('.')[1]}.${signature}`;
      },
      'token-signature',
    ],
    ['an altered signature', () => tampered(2), 'token-signature'],
    [
      'stray trailing bits in the signature',
      async () => {
        const token = await sign();
        const last = token.at(-1) as string;
        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
        return token.slice(0, -1) + (alphabet[alphabet.indexOf(last) ^ 1] as string);
      },
      'token-signature',
      'stricter than jose',
    ],

    ['crit', () => signAnything({ alg: 'HS256', crit: ['x'], x: 1 }, own), 'token-header'],
    ['b64 false', () => signAnything({ alg: 'HS256', b64: false, crit: ['b64'] }, own), 'token-header'],
    [
      'the typ of a refresh token',
      () => sign({ header: { typ: 'refresh+jwt' } }),
      'token-header',
      'stricter than jose',
    ],

    ['no iss', claims({ iss: undefined }), 'token-issuer-missing'],
    ['another iss', claims({ iss: 'elsewhere' }), 'token-issuer'],
    ['iss as a list', () => signAnything({ alg: 'HS256' }, { ...own, iss: ['telltale'] }), 'token-issuer'],
    ['no aud', claims({ aud: undefined }), 'token-audience-missing'],
    ['another aud', claims({ aud: 'elsewhere' }), 'token-audience'],
    ['other auds', claims({ aud: ['a', 'b'] }), 'token-audience'],
    ['no sub', claims({ sub: undefined }), 'token-subject-missing'],
    ['an empty sub', claims({ sub: '' }), 'token-subject', 'stricter than jose'],
    ['a sub of 1 kB', claims({ sub: 'x'.repeat(1_024) }), 'token-subject', 'stricter than jose'],
    ['a sub with a newline', claims({ sub: 'ada\nroot' }), 'token-subject', 'stricter than jose'],
    [
      'a sub that is a number',
      () => signAnything({ alg: 'HS256' }, { ...own, sub: 7 }),
      'token-subject',
      'stricter than jose',
    ],
    ['no exp', claims({ exp: undefined }), 'token-expiry-missing'],
    ['exp as text', () => signAnything({ alg: 'HS256' }, { ...own, exp: String(now + 60) }), 'token-claim'],
    [
      'exp beyond all calendars',
      () => signAnything({ alg: 'HS256' }, { ...own, exp: 1e308 }),
      'token-claim',
      'stricter than jose',
    ],
    ['an expiry 6 s ago', claims({ exp: now - 6 }), 'token-expired'],
    ['nbf in a minute', claims({ nbf: now + 60 }), 'token-not-yet-valid'],
    ['nbf in 4 s', claims({ nbf: now + 4 }), 'good'],
    ['nbf as text', () => signAnything({ alg: 'HS256' }, { ...own, nbf: 'x' }), 'token-claim'],
    ['iat in a minute', claims({ iat: now + 60 }), 'token-not-yet-valid', 'stricter than jose'],
    ['an unknown scope', claims({ scope: 'emperor' }), 'token-scope', 'stricter than jose'],
    ['a scope that is no text', claims({ scope: ['admin'] }), 'token-scope', 'stricter than jose'],
    ['a name that is no text', claims({ name: 7 }), 'token-claim', 'stricter than jose'],

    ['one part', () => 'abc', 'token-malformed'],
    ['two dots too many', async () => `${await sign()}.a.b`, 'token-malformed'],
    ['padding', async () => `${await sign()}=`, 'token-malformed', 'stricter than jose'],
    ['a newline at its end', async () => `${await sign()}\n`, 'token-malformed', 'stricter than jose'],
    ['a header that is no JSON', async () => `abcd.${(await sign()).split('.').slice(1).join('.')}`, 'token-malformed'],
    ['claims that are a list', () => signAnything({ alg: 'HS256' }, [own]), 'token-malformed'],
    [
      'claims that are not UTF-8',
      () => {
        const head = forgeToken({ alg: 'HS256' }, {}).split('.')[0] as string;
        const input = `${head}.${Buffer.from('{"sub":"\xff"}', 'latin1').toString('base64url')}`;
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
      'token-malformed',
    ],
    ['five parts, as an encrypted one', () => 'eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1cifQ.a.b.c.d', 'token-malformed'],
    ['4,097 characters', () => 'a'.repeat(4_097), 'token-too-long'],
    ['1 MB', () => 'a.'.repeat(500_000), 'token-too-long'],

    ['nothing in it', () => '', 'token-placeholder'],
    ['"undefined"', () => 'undefined', 'token-placeholder'],
    ['"null"', () => 'null', 'token-placeholder'],
    ['"[object Object]"', () => '[object Object]', 'token-placeholder'],
    ['"[object Promise]"', () => '[object Promise]', 'token-placeholder'],
    ['"Bearer" before it', async () => `Bearer ${await sign()}`, 'token-placeholder'],
    ['quotation marks around it', async () => `"${await sign()}"`, 'token-placeholder'],
    ['the whole answer of a sign-in', () => '{"access_token":"x"}', 'token-placeholder'],
  ])('%s', async (_what, make, expected, stricter) => {
    const token = await make();
    const answer = await check(token);
    expect(answer.kind === 'identity' ? 'good' : answer.name).toBe(expected);
    expect(await isGoodForJose(token), 'jose').toBe(expected === 'good' || stricter !== undefined);
  });
});

describe('a good token', () => {
  it('[ADM9] says who it is, viewer unless said', async () => {
    expect(await check(await sign({ claims: { name: 'Ada', sid: 's1', jti: 't1' } }))).toEqual({
      kind: 'identity',
      issuer: 'telltale',
      subject: 'ada',
      identityKind: 'user',
      scope: 'viewer',
      expiresAt: (Math.floor(now) + 900) * 1_000,
      name: 'Ada',
      sid: 's1',
      jti: 't1',
    });
    expect(await check(await sign({ claims: { scope: 'viewer admin' } }))).toMatchObject({ scope: 'admin' });
  });

  it('is checked without waiting for anything', async () => {
    expect(check(await sign())).not.toBeInstanceOf(Promise);
  });

  it('[ADM8] expired says for how long, and a subject that is genuine', async () => {
    expect(await check(await sign({ claims: { exp: now - 90 } }))).toMatchObject({
      name: 'token-expired',
      found: { seconds: 90 },
      user: 'ada',
    });
    const forged = await check(await sign({ claims: { exp: now - 90 }, key: `${secret}!` }));
    expect(forged).not.toHaveProperty('user');
  });

  it('with doubled claims means the last one, as JSON does everywhere', async () => {
    const head = forgeToken({ alg: 'HS256' }, {}).split('.')[0] as string;
    const body = `{"iss":"telltale","aud":"telltale","sub":"ada","sub":"eve","exp":${now + 60}}`;
    const input = `${head}.${Buffer.from(body).toString('base64url')}`;
    const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    expect(await check(token)).toMatchObject({ subject: 'eve' });
  });
});

it('without any issuer configured a token is refused by that', async () => {
  expect(await createTokenCheck({}, clock)(await sign())).toMatchObject({ name: 'token-issuer' });
});
