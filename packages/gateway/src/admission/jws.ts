// A signed token before anything in it is believed: strict compact JWS grammar, and the check of HS256 with a fixed
// algorithm, synchronous because a handshake with it costs half of one with WebCrypto. Called by token.ts only.

import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { maxTokenLength, type RefusalName } from '@telltale/protocol';
import type { RefusalFound } from '@telltale/protocol/explain';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The three parts, read but not believed. */
export interface Jws {
  readonly header: JsonObject;
  readonly algorithm: string;
  readonly payload: JsonObject;
  readonly signingInput: string;
  readonly signature: string;
}

export interface TokenFault {
  readonly kind: 'refused';
  readonly name: RefusalName;
  readonly found: RefusalFound;
  /** What a token that is signed says where a setting says something else, whole. */
  readonly claimed?: string;
}

export const fault = (name: RefusalName, found: RefusalFound = {}): TokenFault => ({ kind: 'refused', name, found });

const compact = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a token (RFC 7515 section 3.1), or says what it is instead. */
export function parseJws(token: string): ({ readonly kind: 'jws' } & Jws) | TokenFault {
  if (token.length > maxTokenLength)
    return fault('token-too-long', { value: String(token.length), limit: maxTokenLength });
  const placeholder = placeholderIn(token);
  if (placeholder !== undefined) return fault('token-placeholder', { value: placeholder });
  const parts = compact.exec(token);
  if (!parts) {
    const count = token.split('.').length;
    const value = count === 3 ? 'characters outside base64url' : `${count} part${count === 1 ? '' : 's'}`;
    return fault('token-malformed', { value, expected: 'three parts of base64url joined by dots' });
  }
  const [, head, body, signature] = parts as unknown as [string, string, string, string];
  const header = readPart(head);
  const payload = readPart(body);
  if (!header) return fault('token-malformed', { value: 'a header that is no JSON object' });
  const { alg, crit, b64, typ } = header;
  if (alg === undefined || (typeof alg === 'string' && alg.toLowerCase() === 'none')) return fault('token-unsigned');
  if (typeof alg !== 'string') return fault('token-algorithm', { value: 'an `alg` that is no text' });
  if (crit !== undefined || b64 !== undefined)
    return fault('token-header', { value: crit === undefined ? '`b64`' : '`crit`' });
  if (typ !== undefined && !(typeof typ === 'string' && /^(?:application\/)?(?:jwt|at\+jwt)$/i.test(typ))) {
    return fault('token-header', { value: 'another `typ`', expected: 'JWT or at+jwt' });
  }
  if (!payload) return fault('token-malformed', { value: 'claims that are no JSON object' });
  if (signature === '') return fault('token-signature');
  return { kind: 'jws', header, algorithm: alg, payload, signingInput: `${head}.${body}`, signature };
}

/** What a program sent by mistake in place of its token, in words. */
function placeholderIn(token: string): string | undefined {
  if (token.trim() === '') return 'an empty text';
  if (/^(?:undefined|null|NaN|true|false|\[object \w+\])$/i.test(token)) return `the word "${token}"`;
  if (/^bearer\s/i.test(token)) return 'the word "Bearer" before the token';
  if (/^["'].*["']$/s.test(token)) return 'a token in quotation marks';
  return token.startsWith('{') ? 'a JSON object' : undefined;
}

function readPart(part: string): JsonObject | undefined {
  if (part.length % 4 === 1) return undefined;
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** A check of HS256 signatures (RFC 7518 section 3.2) that knows no other algorithm, whatever the header says. */
export function createHs256(secret: string | Uint8Array): (jws: Jws) => boolean {
  const key = createSecretKey(typeof secret === 'string' ? Buffer.from(secret, 'utf8') : Buffer.from(secret));
  return ({ signingInput, signature }) => {
    // Compared as text, so that each signature has one spelling; Buffer.from would ignore stray trailing bits.
    const right = Buffer.from(createHmac('sha256', key).update(signingInput).digest('base64url'), 'latin1');
    const given = Buffer.from(signature, 'latin1');
    return given.length === right.length && timingSafeEqual(given, right);
  };
}
