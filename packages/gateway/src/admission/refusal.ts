// How a refusal is made, and which part of it may leave the process. Called by admit.ts and upgrade/; the only place
// that decides what a foreign origin learns (REF4).

import { codes, probeOrigin, type PublicRefusal, type RefusalName, refusals } from '@telltale/protocol';
import { explainRefusal, type RefusalFound, shown } from '@telltale/protocol/explain';
import type { Attempt, Refusal } from '../types.ts';
import { validateAllowedOrigins } from './origin.ts';

export interface RefusalParts {
  readonly name: RefusalName;
  readonly found?: RefusalFound | undefined;
  /** What a token that is signed says where a setting says something else: nobody else may write that setting's line. */
  readonly claimed?: string | undefined;
  readonly detail?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** What is allowed already, so that a cure can be said as a whole line. */
export interface Allowed {
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Makes the one refusal of an attempt: what the peer reads and what the operator knows. */
export function makeRefusal(attempt: Attempt, parts: RefusalParts, allowed: Allowed): Refusal {
  const { name, found = {}, detail, retryAfterMs } = parts;
  const { code, stage, retry } = refusals[name];
  const rule = codes[code].retry;
  const setting = settingFor(parts, attempt, allowed);
  const wait = retryAfterMs ?? (rule === 'after' ? spreadMs() : undefined);
  return {
    code,
    name,
    stage,
    ...explainRefusal(name, found),
    // "The same attempt may be made again": with the same refused token it may not.
    retry: retry ?? (rule !== 'stop' && rule !== 'token'),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    attempt: attempt.attempt,
    address: attempt.address,
    origin: attempt.origin,
    path: attempt.path,
    ...(detail === undefined ? {} : { detail }),
    ...(setting === undefined ? {} : { setting }),
  };
}

/** What the peer may read of a refusal; coarse: code and name alone, for a foreign origin in production. */
export function publicRefusal(refusal: Refusal, coarse: boolean): PublicRefusal {
  const { code, name, stage, reason, hint, retry, retryAfterMs, attempt } = refusal;
  return {
    code,
    name,
    ...(coarse ? {} : { stage, reason, hint }),
    retry,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    attempt,
  };
}

/** When nothing better is known: 2 to 6 s, so that many do not come back at once. */
function spreadMs(): number {
  return 2_000 + Math.floor(Math.random() * 4_000);
}

/** The last line that was asked for: a flood asks for the same one a thousand times a second. */
const lastSetting = new WeakMap<
  ReadonlySet<string>,
  { readonly origin: string; readonly setting: string | undefined }
>();

/** The line that lets pages of an origin in, beside those that are; undefined: this origin cannot be allowed. */
export function allowingSetting(origin: string, { allowedOrigins }: Allowed): string | undefined {
  const last = lastSetting.get(allowedOrigins);
  if (last?.origin === origin) return last.setting;
  const setting = makeAllowingSetting(origin, allowedOrigins);
  lastSetting.set(allowedOrigins, { origin, setting });
  return setting;
}

function makeAllowingSetting(origin: string, allowedOrigins: ReadonlySet<string>): string | undefined {
  if (validateAllowedOrigins([origin]).length > 0 || shown(origin) !== origin || origin === probeOrigin)
    return undefined;
  return `TELLTALE_ALLOWED_ORIGINS=${[...allowedOrigins, origin].join(',')}`;
}

/** The setting that would cure a refusal, where there is one: the whole line if it can be said, else its name. */
function settingFor(
  { name, found: { host } = {}, claimed }: RefusalParts,
  { origin }: Attempt,
  allowed: Allowed,
): string | undefined {
  switch (name) {
    case 'origin-not-allowed':
      return allowingSetting(origin ?? '', allowed);
    case 'host-not-allowed':
      // An origin's host is answered, wherever the gateway listens.
      return allowingSetting(`http://${host ?? ''}`.toLowerCase(), allowed) ?? 'TELLTALE_HOST';
    case 'token-issuer':
      return lineOf('TELLTALE_ISSUER', claimed);
    case 'token-issuer-missing':
      return 'TELLTALE_ISSUER';
    case 'token-audience':
      return lineOf('TELLTALE_AUDIENCE', claimed);
    case 'token-audience-missing':
      return 'TELLTALE_AUDIENCE';
    case 'token-signature':
      return 'TELLTALE_SECRET';
    case 'token-key':
    case 'credential-unchecked':
      return 'TELLTALE_JWKS_URL';
    case 'at-capacity':
      return 'limits.maxSessions';
    case 'admission-queue':
      return 'limits.admissionsPerSecond';
    default:
      return undefined;
  }
}

function lineOf(setting: string, value: string | undefined): string {
  return value !== undefined && /^[\w.:/@-]{1,120}$/.test(value) ? `${setting}=${value}` : setting;
}
