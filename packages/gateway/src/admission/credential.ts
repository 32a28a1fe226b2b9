// Where a credential may be, and who it stands for: tokens, tickets, and the application's hooks. Called by admit.ts,
// by live sessions that renew, and by HTTP routes beside the gateway. Holds no socket; never shows a credential.

import { createHash } from 'node:crypto';
import { type Identity, identityId, refusals, type RefusalName } from '@telltale/protocol';
import { explainRefusal, type RefusalFound } from '@telltale/protocol/explain';
import type { Clock } from '../clock.ts';
import type { ClaimedIdentity, CredentialOptions, CredentialRequest, GatewayLog, Verified } from '../types.ts';
import { isSubject } from './claims.ts';
import { offeredSubprotocols } from './form.ts';
import { logFailure } from './hook-failure.ts';
import { parseJws } from './jws.ts';
import { headerOf, type Query, type UpgradeRequest } from './request.ts';
import type { Tickets } from './ticket.ts';
import { createTokenCheck } from './token.ts';

/** A credential as sent. Never log its text. */
export interface Credential {
  readonly kind: 'token' | 'ticket';
  /** Where it was, in words: `?token=`. */
  readonly place: string;
  readonly text: string;
}

export type CredentialAnswer =
  | { readonly kind: 'identity'; readonly identity: Identity; readonly sid?: string; readonly jti?: string }
  | {
      readonly kind: 'refused';
      readonly name: RefusalName;
      readonly found: RefusalFound;
      /** What a token that is signed says where a setting says something else. */
      readonly claimed?: string;
      /** The subject, where the credential itself was genuine. */
      readonly user?: string;
      readonly detail?: string;
      readonly retryAfterMs?: number;
    };

/** What `Gateway.authenticate` answers. */
export type BearerAnswer =
  | { readonly kind: 'identity'; readonly identity: Identity; readonly sid?: string; readonly jti?: string }
  | {
      readonly kind: 'refused';
      readonly name: RefusalName;
      readonly reason: string;
      readonly hint: string;
      readonly code: number;
    };

/** Every credential a request carries; more than one is refused (ADM5). Cookies are none (ADM4). */
export function credentialsIn(request: UpgradeRequest, query: Query): readonly Credential[] {
  const found: Credential[] = [];
  if (query.kind === 'query') {
    for (const text of query.parameters.get('token') ?? []) found.push({ kind: 'token', place: '?token=', text });
    for (const text of query.parameters.get('ticket') ?? []) found.push({ kind: 'ticket', place: '?ticket=', text });
  }
  for (const offered of offeredSubprotocols(request)) {
    if (!offered.toLowerCase().startsWith('bearer.')) continue;
    found.push({ kind: 'token', place: 'the subprotocol bearer.<jwt>', text: offered.slice('bearer.'.length) });
  }
  const authorization = headerOf(request, 'authorization') ?? '';
  if (/^bearer(?:\s|$)/i.test(authorization)) {
    found.push({ kind: 'token', place: 'Authorization: Bearer', text: authorization.slice('bearer'.length).trim() });
  }
  return found;
}

/** What a credential came with; none of it where a live session renews itself. */
export interface CredentialCircumstances {
  readonly attempt?: string;
  readonly origin?: string | undefined;
  readonly request?: CredentialRequest | undefined;
}

export interface Credentials {
  check(credential: Credential, circumstances: CredentialCircumstances): Promise<CredentialAnswer>;
  /** Checks a bearer token outside an upgrade: for `authenticate` frames and HTTP routes. */
  checkBearer(token: string, request?: CredentialRequest): Promise<BearerAnswer>;
}

export interface CredentialsNeeds {
  readonly options: CredentialOptions;
  readonly mode: 'development' | 'production';
  readonly tickets: Tickets;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

/** Throws `ERR_TELLTALE_CREDENTIALS` where the options contradict each other or the secret is too short. */
export function createCredentials({ options, mode, tickets, clock, log }: CredentialsNeeds): Credentials {
  checkOptions(options, mode);
  const { verify, authorize } = options;
  const checkToken = createTokenCheck(options, clock);

  async function checkBearerToken(
    token: string,
  ): Promise<ClaimedIdentity | Extract<CredentialAnswer, { kind: 'refused' }>> {
    if (!verify) return checkToken(token);
    // The application's tokens need not be JWTs; only what no token can be is refused for it.
    const jws = parseJws(token);
    if (jws.kind === 'refused' && ['token-too-long', 'token-placeholder'].includes(jws.name)) return jws;
    return claimedOf(await verify(token));
  }

  async function check(
    credential: Credential,
    { attempt, origin, request }: CredentialCircumstances,
  ): Promise<CredentialAnswer> {
    const spent = credential.kind === 'ticket' ? tickets.spend(credential.text, origin) : undefined;
    if (spent?.kind === 'unknown') return { kind: 'refused', name: 'ticket-unknown', found: {} };
    if (spent?.kind === 'other-origin') {
      return { kind: 'refused', name: 'ticket-origin', found: origin === undefined ? {} : { origin } };
    }
    try {
      const claimed = spent ? claimedHolder(spent, clock.now()) : await checkBearerToken(credential.text);
      if (claimed.kind === 'refused') return claimed;
      if (!authorize || verify) return answerOf(claimed);
      const authorized = claimedOf(await authorize(claimed, request));
      return authorized.kind === 'refused' ? { ...authorized, user: claimed.subject } : answerOf(authorized);
    } catch (error) {
      logFailure(log, 'checking a credential failed', error, { attempt, secret: credential.text });
      const detail = 'the hook verify or authorize threw; the trace is in the log';
      return { kind: 'refused', name: 'credential-unchecked', found: {}, detail, retryAfterMs: 5_000 };
    }
  }

  return {
    check,
    async checkBearer(token, request) {
      const answer = await check({ kind: 'token', place: 'a bearer token', text: token }, { request });
      if (answer.kind === 'identity') return answer;
      const { name, found } = answer;
      return { kind: 'refused', name, ...explainRefusal(name, found), code: refusals[name].code };
    },
  };
}

function checkOptions(options: CredentialOptions, mode: 'development' | 'production'): void {
  const faults: string[] = [];
  if (options.verify && (options.secret !== undefined || options.issuers || options.authorize)) {
    faults.push('found `verify` beside secret, issuers or authorize; `verify` replaces them, give one or the other');
  }
  if (options.secret !== undefined) {
    const bytes = Buffer.byteLength(options.secret);
    const least = mode === 'production' ? 32 : 1;
    if (bytes < least)
      faults.push(`found a secret of ${bytes} bytes, expected at least ${least}: openssl rand -base64 48`);
  }
  if (faults.length > 0) {
    throw Object.assign(new TypeError(`credentials: ${faults.join('; ')}`), { code: 'ERR_TELLTALE_CREDENTIALS' });
  }
}

/** Completes what a hook answered. A subject no token could have is a fault of the hook. */
function claimedOf(verified: Verified): ClaimedIdentity | Extract<CredentialAnswer, { kind: 'refused' }> {
  if (verified.kind === 'refused') {
    const { name, detail } = verified;
    return { kind: 'refused', name, found: {}, ...(detail === undefined ? {} : { detail }) };
  }
  if (!isSubject(verified.subject) || !isSubject(verified.issuer)) {
    throw new TypeError('the hook answered an identity without issuer or subject of 1 to 256 plain characters');
  }
  return { ...verified, scope: verified.scope ?? 'viewer' };
}

function claimedHolder(
  { identity, sid, jti }: { identity: Identity; sid?: string; jti?: string },
  now: number,
): ClaimedIdentity | Extract<CredentialAnswer, { kind: 'refused' }> {
  const { id: _id, kind: identityKind, ...rest } = identity;
  if (identity.expiresAt !== undefined && identity.expiresAt <= now) {
    const seconds = Math.round((now - identity.expiresAt) / 1_000);
    return { kind: 'refused', name: 'token-expired', found: { seconds }, user: identity.subject };
  }
  return {
    ...rest,
    kind: 'identity',
    identityKind,
    ...(sid === undefined ? {} : { sid }),
    ...(jti === undefined ? {} : { jti }),
  };
}

function answerOf(claimed: ClaimedIdentity): Extract<CredentialAnswer, { kind: 'identity' }> {
  const { sid, jti, identityKind, name, expiresAt, issuer, subject, scope } = claimed;
  return {
    kind: 'identity',
    identity: makeIdentity({
      issuer,
      subject,
      kind: identityKind ?? 'user',
      scope,
      ...(name === undefined ? {} : { name }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }),
    ...(sid === undefined ? {} : { sid }),
    ...(jti === undefined ? {} : { jti }),
  };
}

/** An identity with its derived id (IDN1). */
export function makeIdentity(parts: Omit<Identity, 'id'>): Identity {
  return { id: identityId(parts, (text) => createHash('sha256').update(text).digest()), ...parts };
}
