// What can be told of a token by looking at it: typing and programming errors that no server needs to find, the claims
// of a JWT, and whether it is good at a time. For whoever examines a connection: the command `doctor` and a page. Never
// returns any part of the token's text but claims that name somebody. Pure.

import { span } from './span.ts';

export interface Claims {
  readonly algorithm: string;
  readonly subject: string | undefined;
  readonly scope: string | undefined;
  readonly issuer: string | undefined;
  /** Of several, with commas between. */
  readonly audience: string | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  readonly validFrom: number | undefined;
  /** The claim that `validFrom` comes from. */
  readonly validFromClaim: 'nbf' | 'iat' | undefined;
}

export type TokenReading =
  | { readonly kind: 'jwt'; readonly claims: Claims }
  | { readonly kind: 'opaque' }
  | {
      readonly kind: 'broken';
      readonly id:
        | 'token-placeholder'
        | 'token-prefixed'
        | 'token-quoted'
        | 'token-encoded'
        | 'token-whitespace'
        | 'token-malformed'
        | 'token-unsigned'
        | 'token-too-long';
      readonly found: string;
      readonly cure: string;
    };

/** By how much clocks may differ before it is worth a word, in milliseconds. */
export const clockToleranceMs = 5000;

export interface TokenTimeFault {
  readonly id: 'token-expired' | 'token-not-yet-valid';
  readonly found: string;
}

/** Why a token is not good at a time (milliseconds since the epoch); undefined: it is. */
export function tokenTimeFault(
  { expiresAt, validFrom, validFromClaim }: Claims,
  now: number,
): TokenTimeFault | undefined {
  if (expiresAt !== undefined && now - expiresAt >= clockToleranceMs) {
    return { id: 'token-expired', found: `it expired ${span(now - expiresAt)} ago` };
  }
  if (validFrom !== undefined && validFrom - now > clockToleranceMs) {
    return {
      id: 'token-not-yet-valid',
      found: `by its claim ${validFromClaim} it is valid in ${span(validFrom - now)}`,
    };
  }
  return undefined;
}

const placeholders = /^(?:undefined|null|nan|true|false|none|nil|\[object .*\]|\{\}|your[-_ ]?token.*|<.*>|\$\{.*\})$/i;

export function readToken(token: string): TokenReading {
  const text = token.trim();
  const broken = (id: Extract<TokenReading, { kind: 'broken' }>['id'], found: string, cure: string): TokenReading => ({
    kind: 'broken',
    id,
    found,
    cure,
  });
  if (text === '' || placeholders.test(text)) {
    return broken(
      'token-placeholder',
      text === '' ? 'it is empty' : `it is the text ${JSON.stringify(text.slice(0, 20))}, not a token`,
      'read the token when connecting, not before there is one, and pass its text',
    );
  }
  if (/^bearer[ :]/i.test(text)) {
    return broken(
      'token-prefixed',
      'it begins with the word Bearer',
      'pass the token alone, without the scheme before it',
    );
  }
  if (/^(["'`]).*\1$/s.test(text) || /^[{[]/.test(text)) {
    const what = /^[{[]/.test(text) ? 'it is JSON around a token' : 'it stands in quotes';
    return broken(
      'token-quoted',
      what,
      'pass the token alone: read the stored value with JSON.parse if it was stored as JSON',
    );
  }
  if (/%[0-9a-f]{2}/i.test(text)) {
    return broken(
      'token-encoded',
      'it is percent-encoded, and would be so twice on the way',
      'encode it once, where the address is built',
    );
  }
  if (/\s/.test(token)) {
    return broken(
      'token-whitespace',
      'it holds a space or a line end',
      'cut the line end off, and encode a + in an address with encodeURIComponent',
    );
  }
  const parts = text.split('.');
  const looksLikeJwt = text.startsWith('eyJ');
  const [header, claims] = parts.slice(0, 2).map(decodePart);
  if (header === undefined || claims === undefined || parts.length !== 3) {
    // Five parts are an encrypted token (RFC 7516), which only its server can read.
    if (!looksLikeJwt || parts.length === 5) return { kind: 'opaque' };
    const found =
      parts.length === 3
        ? 'it looks like a JWT and cannot be decoded'
        : `it has ${parts.length} of the three parts of a JWT`;
    return broken('token-malformed', found, 'copy the whole token, from ey to the end of its third part');
  }
  if (String(header['alg']).toLowerCase() === 'none' || parts[2] === '') {
    return broken(
      'token-unsigned',
      'it is a JWT without a signature',
      'sign it with the secret or key that the server knows',
    );
  }
  if (text.length > 4096) {
    return broken(
      'token-too-long',
      `it has ${text.length} characters, where many servers and proxies take 4096`,
      'put fewer claims into it',
    );
  }
  return { kind: 'jwt', claims: claimsOf(header, claims) };
}

function claimsOf(header: Record<string, unknown>, claims: Record<string, unknown>): Claims {
  const { sub, scope, iss, aud, exp, nbf, iat } = claims;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value.slice(0, 60) : undefined);
  const time = (value: unknown): number | undefined => (typeof value === 'number' ? value * 1000 : undefined);
  const from = [
    ['nbf', time(nbf)],
    ['iat', time(iat)],
  ] as const;
  const [claim, validFrom] = [...from].sort(([, one = 0], [, other = 0]) => other - one)[0] as (typeof from)[number];
  return {
    algorithm: String(header['alg'] ?? 'unknown').slice(0, 16),
    subject: text(sub),
    scope: text(scope),
    issuer: text(iss),
    audience: text(Array.isArray(aud) ? aud.join(', ') : aud),
    expiresAt: time(exp),
    validFrom,
    validFromClaim: validFrom === undefined ? undefined : claim,
  };
}

function decodePart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = /^[\w-]+=*$/.test(part) ? JSON.parse(textOf(part)) : undefined;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** UTF-8 in base64url as text; throws where it is none. By hand, for neither `atob` nor `Buffer` is everywhere. */
function textOf(base64url: string): string {
  let bits = 0;
  let held = 0;
  let escaped = '';
  for (const sign of base64url.replace(/=+$/, '')) {
    held = ((held << 6) | alphabet.indexOf(sign)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    escaped += `%${((held >> bits) & 0xff).toString(16).padStart(2, '0')}`;
  }
  return decodeURIComponent(escaped);
}
