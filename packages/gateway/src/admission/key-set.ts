// The public keys of one issuer, fetched from its JWKS address and kept. A slow, broken or hostile key server costs one
// request per back-off step and never lets a token through unchecked. Called by token.ts only.

import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { Clock } from '../clock.ts';
import type { IssuerOptions } from '../types.ts';
import { isLoopbackHost } from './origin.ts';

export type Algorithm = IssuerOptions['algorithms'][number];

export type KeyAnswer =
  | { readonly kind: 'keys'; readonly keys: readonly CryptoKey[] }
  /** The issuer answered, and publishes no such key. */
  | { readonly kind: 'none' }
  /** The key server could not be asked: the token is neither good nor bad. */
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number; readonly detail: string };

export interface KeySet {
  find(kid: string | undefined, algorithm: Algorithm): Promise<KeyAnswer>;
}

interface Key {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
}

const timeoutMs = 3_000;
const maxBytes = 64 * 1024;
const maxKeys = 64;
/** Older keys are asked for again in the background, and used while that fails, up to the second age. */
const freshMs = 10 * 60_000;
const staleMs = 60 * 60_000;
/** Between two requests for a key nobody has heard of. */
const cooldownMs = 30_000;

const families: Readonly<Record<Algorithm, Partial<JWK>>> = {
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  ES256: { kty: 'EC', crv: 'P-256' },
  RS256: { kty: 'RSA' },
};

/** Throws if the address is not https, or http on loopback. */
export function createKeySet({ jwksUrl, algorithms }: IssuerOptions, clock: Clock): KeySet {
  const url = checkedUrl(jwksUrl);
  let keys: readonly Key[] | undefined;
  let fetchedAt = 0;
  let nextFetchAt = -Infinity;
  let failures = 0;
  let failure = '';
  let pending: Promise<void> | undefined;

  async function load(): Promise<void> {
    try {
      keys = await importKeys(await fetchKeys(url), algorithms);
      fetchedAt = clock.monotonic();
      failures = 0;
      nextFetchAt = fetchedAt + cooldownMs;
    } catch (error) {
      failures += 1;
      failure = reasonOf(error);
      nextFetchAt = clock.monotonic() + Math.min(60_000, 2_500 * 2 ** failures);
    }
  }

  function refresh(): Promise<void> {
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  function pick(kid: string | undefined, algorithm: Algorithm): readonly CryptoKey[] {
    if (!keys || clock.monotonic() - fetchedAt > staleMs) return [];
    const fitting = keys.filter((key) => key.algorithm === algorithm && (kid === undefined || key.kid === kid));
    return fitting.slice(0, 4).map(({ key }) => key);
  }

  return {
    async find(kid, algorithm) {
      let found = pick(kid, algorithm);
      const mayFetch = clock.monotonic() >= nextFetchAt;
      if (found.length > 0) {
        if (mayFetch && clock.monotonic() - fetchedAt > freshMs) void refresh();
        return { kind: 'keys', keys: found };
      }
      if (mayFetch || pending) await refresh();
      found = pick(kid, algorithm);
      if (found.length > 0) return { kind: 'keys', keys: found };
      if (failures === 0) return { kind: 'none' };
      const retryAfterMs = Math.max(1_000, Math.ceil(nextFetchAt - clock.monotonic()));
      return { kind: 'unavailable', retryAfterMs, detail: `${url.origin}${url.pathname}: ${failure}` };
    },
  };
}

function checkedUrl(jwksUrl: string): URL {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined;
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (url && safe) return url;
  throw Object.assign(
    new TypeError(`jwksUrl ${JSON.stringify(jwksUrl)}: expected an https address, or http on loopback`),
    {
      code: 'ERR_TELLTALE_JWKS_URL',
    },
  );
}

async function fetchKeys(url: URL): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json' },
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`found HTTP ${response.status}, expected 200`);
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw new Error(`found more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString('utf8'));
}

async function importKeys(found: unknown, algorithms: readonly Algorithm[]): Promise<readonly Key[]> {
  const list = (found as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(list)) throw new Error('found no key set, expected {"keys": […]}');
  const keys: Key[] = [];
  for (const jwk of list.slice(0, maxKeys) as JWK[]) {
    // A secret (`oct`) or private key in a public place is nobody's proof of anything.
    if (typeof jwk !== 'object' || jwk === null || jwk.d !== undefined || jwk.k !== undefined) continue;
    if (jwk.use !== undefined && jwk.use !== 'sig') continue;
    for (const algorithm of algorithms) {
      const { kty, crv } = families[algorithm];
      if (jwk.kty !== kty || (crv !== undefined && jwk.crv !== crv)) continue;
      if (jwk.alg !== undefined && jwk.alg !== algorithm && jwk.alg !== 'Ed25519') continue;
      const { kid } = jwk;
      const key = await importJWK({ ...jwk, key_ops: ['verify'] }, algorithm).catch(() => undefined);
      if (key && !(key instanceof Uint8Array)) keys.push({ kid, algorithm, key });
    }
  }
  return keys;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
