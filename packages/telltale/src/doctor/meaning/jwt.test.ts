import { describe, expect, it } from 'vitest';
import { readToken } from './jwt.ts';

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
    expect(readToken(jwt({ sub: 'ada', scope: 'admin', exp: 2000, iat: 1000, nbf: 1500 }))).toEqual({
      kind: 'jwt',
      claims: {
        algorithm: 'HS256',
        subject: 'ada',
        scope: 'admin',
        expiresAt: 2_000_000,
        validFrom: 1_500_000,
        validFromClaim: 'nbf',
      },
    });
  });

  it('of claims that are nothing is read without a fault', () => {
    expect(readToken(jwt({ sub: 7, exp: 'soon', nbf: {} }))).toMatchObject({
      claims: { subject: undefined, expiresAt: undefined, validFrom: undefined, validFromClaim: undefined },
    });
  });
});
