import { describe, expect, it } from 'vitest';
import { readToken, tokenTimeFault } from './token.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: object, header: object = { alg: 'HS256' }): string =>
  `${part(header)}.${part(claims)}.c2lnbmF0dXJl`;

describe('a token', () => {
  it.each([
    ['undefined', 'token-placeholder'],
    ['null', 'token-placeholder'],
    ['[object Promise]', 'token-placeholder'],
    ['<your token>', 'token-placeholder'],
    ['${TOKEN}', 'token-placeholder'],
    ['', 'token-placeholder'],
    [`Bearer ${jwt({})}`, 'token-prefixed'],
    [`bearer:${jwt({})}`, 'token-prefixed'],
    [`'${jwt({})}'`, 'token-quoted'],
    [JSON.stringify({ token: jwt({}) }), 'token-quoted'],
    [`${jwt({})}%3D`, 'token-encoded'],
    [`${jwt({})}\n`, 'token-whitespace'],
    [jwt({ sub: 'ada' }).slice(0, 30), 'token-malformed'],
    [jwt({ sub: 'ada' }).replace('.eyJ', '.yJ'), 'token-malformed'],
    [jwt({}).split('.').slice(0, 2).join('.'), 'token-malformed'],
    [`${jwt({})}.more`, 'token-malformed'],
    [jwt({}, { alg: 'none' }), 'token-unsigned'],
    [jwt({ padding: 'x'.repeat(4000) }), 'token-too-long'],
  ])('%j is found to be %s', (token, id) => {
    expect(readToken(token)).toMatchObject({ kind: 'broken', id });
  });

  it.each(['a-key-of-an-application', 'tok_9f2c', 'a.b.c', '12345678', 'eyJhbGciOiJkaXIifQ..c2Vj.cmV0.dGFn'])(
    '%j may be one of another kind',
    (token) => {
      expect(readToken(token)).toEqual({ kind: 'opaque' });
    },
  );

  it('that is a JWT tells whose it is and when it is good', () => {
    expect(
      readToken(jwt({ sub: 'ada', scope: 'admin', iss: 'home', aud: ['hub', 'api'], exp: 2000, iat: 1000, nbf: 1500 })),
    ).toEqual({
      kind: 'jwt',
      claims: {
        algorithm: 'HS256',
        subject: 'ada',
        scope: 'admin',
        issuer: 'home',
        audience: 'hub, api',
        expiresAt: 2_000_000,
        validFrom: 1_500_000,
        validFromClaim: 'nbf',
      },
    });
  });

  it('is read whatever signs its claims hold', () => {
    expect(readToken(jwt({ sub: 'Zoë Ωmega 🦊', scope: '¿?' }))).toMatchObject({
      claims: { subject: 'Zoë Ωmega 🦊', scope: '¿?' },
    });
    // Not UTF-8 is no JWT.
    expect(
      readToken(`${part({ alg: 'HS256' })}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.c2ln`),
    ).toMatchObject({ id: 'token-malformed' });
  });

  it('is good from one time to another, give or take five seconds', () => {
    const reading = readToken(jwt({ sub: 'ada', exp: 2000, nbf: 1500 }));
    if (reading.kind !== 'jwt') throw new Error(`found ${reading.kind}, expected a JWT`);
    const at = (seconds: number) => tokenTimeFault(reading.claims, seconds * 1000);
    expect(at(1494)).toEqual({ id: 'token-not-yet-valid', found: 'by its claim nbf it is valid in 6 s' });
    expect(at(1496)).toBeUndefined();
    expect(at(2004)).toBeUndefined();
    expect(at(2600)).toEqual({ id: 'token-expired', found: 'it expired 10 min ago' });
  });

  it('of claims that are nothing is read without a fault', () => {
    expect(readToken(jwt({ sub: 7, exp: 'soon', nbf: {} }))).toMatchObject({
      claims: { subject: undefined, expiresAt: undefined, validFrom: undefined, validFromClaim: undefined },
    });
  });
});
