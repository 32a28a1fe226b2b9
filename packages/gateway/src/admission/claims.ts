// What a token claims, checked one claim at a time so that each fault has its own name (ADM8, ADM9). Called by token.ts
// only after the signature was found good.

import { isScope, lowerScope, type Scope } from '@telltale/protocol';
import type { ClaimedIdentity } from '../types.ts';
import { fault, type JsonObject, type TokenFault } from './jws.ts';

/** What the issuer's tokens must say, and the most they may grant. */
export interface Expected {
  readonly issuer: string;
  readonly audience: string;
  readonly highestScope: Scope;
  /** Whether `scope` may hold words of others, which are passed over: tokens of foreign issuers carry such. */
  readonly foreignScopes: boolean;
}

/** Clocks of two machines may differ by this much. */
const toleranceMs = 5_000;
/** The last time a Date can show. */
const lastSecond = 8.64e12;

/** Whether a text is fit to be a subject: 1 to 256 characters, none of them a control character. */
export function isSubject(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length > 0 && value.length <= 256 && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)
  );
}

/** Reads the claims of a token whose signature is good; `user` names the subject where a fault comes after it. */
export function readClaims(
  claims: JsonObject,
  expected: Expected,
  now: number,
): ClaimedIdentity | (TokenFault & { readonly user?: string }) {
  const { iss, aud, sub, name, sid, jti } = claims;
  if (iss === undefined) return fault('token-issuer-missing', { expected: `"${expected.issuer}"` });
  if (iss !== expected.issuer) {
    return claimFault('token-issuer', iss, expected.issuer);
  }
  if (aud === undefined) return fault('token-audience-missing', { expected: `"${expected.audience}"` });
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(expected.audience)) {
    return claimFault('token-audience', aud, expected.audience);
  }
  if (sub === undefined) return fault('token-subject-missing');
  if (!isSubject(sub)) return fault('token-subject');
  const late = timeFault(claims, now);
  if (late) return { ...late, user: sub };
  for (const [field, value] of Object.entries({ name, sid, jti })) {
    if (value !== undefined && !isSubject(value)) {
      return { ...fault('token-claim', { field, expected: 'a text of 1 to 256 characters' }), user: sub };
    }
  }
  const scope = readScope(claims.scope, expected);
  if (scope === undefined) {
    return {
      ...fault('token-scope', { value: shownClaim(claims.scope), expected: 'viewer, operator or admin' }),
      user: sub,
    };
  }
  return {
    kind: 'identity',
    issuer: expected.issuer,
    subject: sub,
    identityKind: 'user',
    scope,
    expiresAt: (claims.exp as number) * 1_000,
    ...(name === undefined ? {} : { name: name as string }),
    ...(sid === undefined ? {} : { sid: sid as string }),
    ...(jti === undefined ? {} : { jti: jti as string }),
  };
}

function claimFault(name: 'token-issuer' | 'token-audience', claim: unknown, expected: string): TokenFault {
  const found = fault(name, { value: shownClaim(claim), expected: `"${expected}"` });
  return typeof claim === 'string' ? { ...found, claimed: claim } : found;
}

function timeFault({ exp, nbf, iat }: JsonObject, now: number): TokenFault | undefined {
  if (exp === undefined) return fault('token-expiry-missing');
  for (const [field, value] of Object.entries({ exp, nbf, iat })) {
    if (value !== undefined && !(typeof value === 'number' && Math.abs(value) <= lastSecond)) {
      return fault('token-claim', { field, expected: 'seconds since 1970' });
    }
  }
  const past = now - (exp as number) * 1_000;
  if (past >= toleranceMs) return fault('token-expired', { seconds: Math.round(past / 1_000) });
  for (const [field, value] of Object.entries({ nbf, iat }) as [string, number | undefined][]) {
    const ahead = (value ?? 0) * 1_000 - now;
    if (ahead > toleranceMs) return fault('token-not-yet-valid', { field, seconds: Math.round(ahead / 1_000) });
  }
  return undefined;
}

/** The highest scope named, at most what the issuer may grant; none named is viewer. */
function readScope(claim: unknown, { highestScope, foreignScopes }: Expected): Scope | undefined {
  if (claim === undefined) return 'viewer';
  if (typeof claim !== 'string') return undefined;
  const words = claim.split(' ').filter((word) => word !== '');
  if (!foreignScopes && !words.every(isScope)) return undefined;
  const scopes = (['admin', 'operator', 'viewer'] as const).filter((scope) => words.includes(scope));
  if (scopes.length === 0 && !foreignScopes) return undefined;
  return lowerScope(scopes[0] ?? 'viewer', highestScope);
}

/** A claim as shown to people: short, and never an object's content. */
function shownClaim(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 64)}"`;
  if (Array.isArray(value)) return `[${value.slice(0, 4).map(shownClaim).join(', ')}]`;
  return value === null ? 'null' : `a ${typeof value}`;
}
