// Whether a bearer token stands for somebody: HS256 with the shared secret, synchronous; EdDSA, ES256 and RS256 with
// the keys of a configured issuer, through jose. Called by credential.ts. The signature is checked before any claim is
// believed; `iss` alone is read earlier, to look the issuer up in a static map.

import { compactVerify, errors } from 'jose';
import type { Clock } from '../clock.ts';
import type { ClaimedIdentity, CredentialOptions, IssuerOptions } from '../types.ts';
import { type Expected, readClaims } from './claims.ts';
import { createHs256, fault, type Jws, parseJws, type TokenFault } from './jws.ts';
import { type Algorithm, createKeySet, type KeySet } from './key-set.ts';

/** Who a token stands for, or its fault; what else the operator may know comes beside it. */
export type TokenAnswer =
  ClaimedIdentity | (TokenFault & { readonly user?: string; readonly detail?: string; readonly retryAfterMs?: number });

export type TokenCheck = (token: string) => TokenAnswer | Promise<TokenAnswer>;

interface Issuer {
  readonly options: IssuerOptions;
  readonly keys: KeySet;
  readonly expected: Expected;
}

/** Builds the check of JWTs; throws on an issuer that could never be asked safely. */
export function createTokenCheck(options: CredentialOptions, clock: Clock): TokenCheck {
  const isSignedByUs = options.secret === undefined ? undefined : createHs256(options.secret);
  const own: Expected = {
    issuer: options.issuer ?? 'telltale',
    audience: options.audience ?? 'telltale',
    highestScope: 'admin',
    foreignScopes: false,
  };
  const issuers = new Map<string, Issuer>(
    Object.entries(options.issuers ?? {}).map(([issuer, of]) => [
      issuer,
      {
        options: of,
        keys: createKeySet(of, clock),
        expected: { issuer, audience: of.audience, highestScope: of.highestScope ?? 'viewer', foreignScopes: true },
      },
    ]),
  );
  const accepted = [...(isSignedByUs ? [own.issuer] : []), ...issuers.keys()].map((name) => `"${name}"`).join(' or ');

  return (token) => {
    const jws = parseJws(token);
    if (jws.kind === 'refused') return jws;
    const { iss } = jws.payload;
    const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;
    // Both may be of one name: then the algorithm says which key is meant, and each key checks its own algorithms only.
    if (isSignedByUs && (!issuer || (iss === own.issuer && jws.algorithm === 'HS256'))) {
      if (jws.algorithm !== 'HS256')
        return fault('token-algorithm', { value: `"${shownAlgorithm(jws)}"`, expected: 'HS256' });
      return isSignedByUs(jws) ? readClaims(jws.payload, own, clock.now()) : fault('token-signature');
    }
    if (issuer) return checkIssued(token, jws, issuer, clock);
    if (accepted === '') return fault('token-issuer', { expected: 'none: no issuer is configured here' });
    if (iss === undefined) return fault('token-issuer-missing', { expected: accepted });
    return fault('token-issuer', {
      value: typeof iss === 'string' ? `"${iss.slice(0, 64)}"` : 'no text',
      expected: accepted,
    });
  };
}

async function checkIssued(token: string, jws: Jws, issuer: Issuer, clock: Clock): Promise<TokenAnswer> {
  const { algorithms } = issuer.options;
  const algorithm = algorithms.find((name) => name === jws.algorithm);
  if (!algorithm) {
    return fault('token-algorithm', { value: `"${shownAlgorithm(jws)}"`, expected: algorithms.join(' or ') });
  }
  const { kid } = jws.header;
  if (kid !== undefined && !(typeof kid === 'string' && kid.length <= 256)) return fault('token-key');
  const answer = await issuer.keys.find(kid, algorithm);
  switch (answer.kind) {
    case 'none':
      return fault('token-key', kid === undefined ? {} : { value: kid.slice(0, 64) });
    case 'unavailable':
      return { ...fault('credential-unchecked'), detail: answer.detail, retryAfterMs: answer.retryAfterMs };
    case 'keys':
      return (await isSignedByAny(token, answer.keys, algorithm))
        ? readClaims(jws.payload, issuer.expected, clock.now())
        : fault('token-signature');
  }
}

async function isSignedByAny(
  token: string,
  keys: readonly Parameters<typeof compactVerify>[1][],
  algorithm: Algorithm,
): Promise<boolean> {
  for (const key of keys) {
    try {
      await compactVerify(token, key, { algorithms: [algorithm] });
      return true;
    } catch (error) {
      // Anything else, such as an RSA key that is too short, is a key that proves nothing.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
    }
  }
  return false;
}

function shownAlgorithm({ algorithm }: Jws): string {
  return algorithm.slice(0, 16);
}
