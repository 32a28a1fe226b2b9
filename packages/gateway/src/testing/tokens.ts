// Tokens for tests, signed with jose, so that what we check was made by somebody else.

import { SignJWT, type CryptoKey, type JWTHeaderParameters } from 'jose';
import { secret } from './edge.ts';

export interface TokenParts {
  readonly claims?: Record<string, unknown>;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: string | CryptoKey;
  /** Milliseconds since the epoch; default: now. */
  readonly now?: number;
}

/** A good token of `telltale` for `ada`, with claims replaced or, given undefined, left out. */
export function signToken({
  claims = {},
  header = {},
  key = secret,
  now = Date.now(),
}: TokenParts = {}): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  const all = { iss: 'telltale', aud: 'telltale', sub: 'ada', iat: seconds, exp: seconds + 900, ...claims };
  return new SignJWT(all)
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
}

/** A token of any header and claims with a signature that may fit nothing. */
export function forgeToken(header: unknown, claims: unknown, signature = 'c2lnbmF0dXJl'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}
