// Tokens as another backend mints them, and how a request carries one.

import type { TokenClaims } from '../accounts/access-token.ts';

/** Claims of a viewer `alice`, good for a minute. */
export function claims(change: Partial<TokenClaims> = {}): TokenClaims {
  const now = Math.floor(Date.now() / 1000);
  const base = { issuer: 'telltale', audience: 'telltale', subject: 'alice', scope: 'viewer' } as const;
  return { ...base, issuedAt: now, expiresAt: now + 60, ...change };
}

export function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}
