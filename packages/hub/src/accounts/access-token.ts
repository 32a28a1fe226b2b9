// Mints the hub's access tokens: HS256 with the hub's secret. Checking them is the gateway's work, by the same secret.

import { createHmac } from 'node:crypto';
import type { Scope } from '@telltale/protocol';

/** How long the access token of a login lives, in seconds. */
export const accessTokenSeconds: number = 15 * 60;

export interface TokenClaims {
  readonly issuer: string;
  readonly audience: string;
  readonly subject: string;
  readonly scope: Scope;
  readonly name?: string | undefined;
  /** The login this token belongs to; absent: a token on its own. */
  readonly sid?: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A signed JWT (RFC 7519) that any library with the secret can check. */
export function mintToken(claims: TokenClaims, secret: string): string {
  const { issuer, audience, subject, scope, name, sid, issuedAt, expiresAt } = claims;
  const head = encode({ alg: 'HS256', typ: 'JWT' });
  // JSON leaves out what is undefined.
  const body = encode({ iss: issuer, aud: audience, sub: subject, sid, scope, name, iat: issuedAt, exp: expiresAt });
  return `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`;
}
