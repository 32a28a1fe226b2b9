// The decision whether an upgrade request becomes a session: an ordered list of checks on plain values. Called by
// upgrade/ only; knows no socket, keeps nothing of who is refused.

import type { Identity } from '@telltale/protocol';
import { shown } from '@telltale/protocol/explain';
import { randomText } from '../random-text.ts';
import type { Attempt, EndpointDefinition, Refusal } from '../types.ts';
import { type Credential, credentialsIn, makeIdentity } from './credential.ts';
import { type Fault, handshakeFault, isAttemptId, sizeFault } from './form.ts';
import { forwardingHeader } from './forwarding.ts';
import { logFailure } from './hook-failure.ts';
import { hostName, isLoopbackHost, isLoopbackOrigin, isPrivateAddress, isPrivateOrigin } from './origin.ts';
import type { AdmissionPolicy } from './policy.ts';
import type { Hold, Place } from './rates.ts';
import { allowingSetting, makeRefusal, type RefusalParts } from './refusal.ts';
import { credentialRequest, headerOf, type Query, readQuery, shownPath, type UpgradeRequest } from './request.ts';
import { isPathTarget, type Route } from './route.ts';

/** An attempt as it begins: who tries what, before anything is decided. */
export interface Begun {
  readonly request: UpgradeRequest;
  readonly attempt: Attempt;
  readonly query: Query;
  readonly route: Route | undefined;
  /** Monotonic. */
  readonly beganAt: number;
  /** What is wrong with the id the client chose; the attempt then has one of ours. */
  readonly idFault: Fault | undefined;
}

export interface Admitted {
  readonly kind: 'admitted';
  readonly identity: Identity;
  readonly sid: string | undefined;
  readonly jti: string | undefined;
  readonly endpoint: EndpointDefinition;
  readonly params: Readonly<Record<string, string>>;
  /** The endpoint's channels this identity may read, main channel first. */
  readonly channels: readonly string[];
  /** Whether the client takes several frames as one message (DLV6). */
  readonly joins: boolean;
  /** What development allowed and production would not, with the setting that would. */
  readonly warning: string | undefined;
  /** The places the session holds in the limits; released by upgrade/ when its socket is closed. */
  readonly hold: Hold;
}

export type Admission =
  Admitted | { readonly kind: 'refused'; readonly refusal: Refusal; readonly user: string | undefined };

type Refused = RefusalParts & { readonly kind: 'refused'; readonly user?: string | undefined };
type Known = Pick<Admitted, 'identity' | 'sid' | 'jti' | 'warning'> & { readonly kind: 'known' };

const refused = (parts: RefusalParts, user?: string): Refused => ({ kind: 'refused', ...parts, user });

/** Names the attempt and finds its route. Its id becomes known here, for the first event and for every answer. */
export function beginAttempt(request: UpgradeRequest, policy: AdmissionPolicy): Begun {
  const query = readQuery(request.target);
  const given = query.kind === 'query' ? query.parameters.get('attempt') : undefined;
  const { id, idFault } = ownId(given, request.address, policy);
  const route = isPathTarget(request.target) ? policy.router.find(request.target) : undefined;
  const origin = headerOf(request, 'origin');
  const userAgent = headerOf(request, 'user-agent');
  return {
    request,
    query,
    route,
    beganAt: policy.clock.monotonic(),
    idFault,
    attempt: {
      attempt: id,
      time: policy.clock.now(),
      address: request.address,
      origin: origin === undefined ? undefined : policy.shareText(shown(origin)),
      userAgent: userAgent === undefined ? undefined : policy.shareText(shown(userAgent)),
      path: policy.shareText(shownPath(request.target, route !== undefined)),
      title: route?.endpoint.title,
      proxies: request.proxies,
      untrustedProxy: !request.isByProxy && forwardingHeader(request) !== undefined ? request.address : undefined,
    },
  };
}

function ownId(
  given: readonly string[] | undefined,
  address: string,
  policy: AdmissionPolicy,
): { id: string; idFault: Fault | undefined } {
  const [id = ''] = given ?? [];
  let idFault: Fault | undefined;
  if (given !== undefined) {
    if (given.length > 1)
      idFault = { name: 'query-malformed', found: { field: 'attempt', value: 'is given more than once' } };
    else if (!isAttemptId(id)) idFault = { name: 'attempt-malformed', found: {} };
    else if (policy.attempts.claim(id, address)) return { id, idFault };
    else idFault = { name: 'attempt-reused', found: {} };
  }
  const made = randomText(16);
  policy.attempts.claim(made, address);
  return { id: made, idFault };
}

/**
 * Decides whether an upgrade request becomes a session.
 *
 * Checks run in the order of cost and the first refusal wins, so a flood of strangers never reaches signature
 * checking (ADM1). Never throws: what fails inside is a refusal.
 */
export async function admit(begun: Begun, policy: AdmissionPolicy): Promise<Admission> {
  const credentials = credentialsIn(begun.request, begun.query);
  const early =
    routeRefusal(begun, policy) ??
    formRefusal(begun, credentials) ??
    (policy.mode === 'production' ? originRefusal(begun, policy) : undefined);
  if (early) return refusal(begun, early, policy);

  const entry = enter(begun, policy);
  if (entry.kind === 'refused') return refusal(begun, entry, policy);
  const decided = await decide(begun, credentials[0], entry.place, policy);
  if (decided.kind === 'admitted') return decided;
  entry.place.release();
  policy.rates.refund();
  return refusal(begun, decided, policy);
}

function refusal(begun: Begun, parts: Refused, policy: AdmissionPolicy): Admission {
  return { kind: 'refused', refusal: makeRefusal(begun.attempt, parts, policy), user: parts.user };
}

function routeRefusal({ request, route, attempt }: Begun, policy: AdmissionPolicy): Refused | undefined {
  if (!isPathTarget(request.target)) return refused({ name: 'target-malformed' });
  if (!route) {
    return refused({ name: 'path-unknown', found: { path: attempt.path, expected: `one of ${policy.router.paths}` } });
  }
  const host = headerOf(request, 'host') ?? '';
  // A page that made its own name point here (DNS rebinding) still sends that name.
  return isAllowedHost(host, policy) ? undefined : refused({ name: 'host-not-allowed', found: { host } });
}

/** Whether requests for this `Host` are answered: in development loopback, configured, or a private address we listen on (ORI5). */
export function isAllowedHost(header: string, policy: AdmissionPolicy): boolean {
  if (policy.mode === 'production' || header === '') return true;
  const name = hostName(header)
    ?.toLowerCase()
    .replace(/^\[|\]$/g, '');
  if (name === undefined) return false;
  return isLoopbackHost(name) || policy.hosts.has(name) || (policy.listensBeyondLoopback && isPrivateAddress(name));
}

function formRefusal({ request, query, idFault }: Begun, credentials: readonly Credential[]): Refused | undefined {
  const malformed: Fault | undefined =
    query.kind === 'malformed' ? { name: 'query-malformed', found: { field: query.field } } : undefined;
  const several: Fault | undefined =
    credentials.length > 1
      ? { name: 'credential-repeated', found: { value: credentials.map(({ place }) => place).join(' and ') } }
      : undefined;
  const fault = handshakeFault(request) ?? sizeFault(request) ?? malformed ?? idFault ?? several;
  return fault && refused(fault);
}

/** Production: exactly as listed, or absent (ORI1). */
function originRefusal({ request, attempt }: Begun, policy: AdmissionPolicy): Refused | undefined {
  const origin = headerOf(request, 'origin');
  if (origin === undefined || policy.allowedOrigins.has(origin)) return undefined;
  return refused({ name: 'origin-not-allowed', found: { origin: attempt.origin ?? '' } });
}

function enter(
  { request }: Begun,
  policy: AdmissionPolicy,
): Refused | { readonly kind: 'held'; readonly place: Place } {
  if (policy.isStopping()) return refused({ name: 'stopping' });
  const entry = policy.rates.enter(request.address);
  switch (entry.kind) {
    case 'held':
      return entry;
    case 'full':
      return refused({ name: 'at-capacity', found: { limit: policy.limits.maxSessions } });
    case 'address-full': {
      const limit = policy.limits.maxSessionsPerAddress;
      return refused({ name: 'too-many-sessions', found: { value: 'this address', limit } });
    }
    case 'queue': {
      const limit = policy.limits.admissionsPerSecond;
      return refused({ name: 'admission-queue', found: { limit }, retryAfterMs: entry.retryAfterMs });
    }
  }
}

async function decide(
  begun: Begun,
  credential: Credential | undefined,
  place: Place,
  policy: AdmissionPolicy,
): Promise<Admitted | Refused> {
  const known = credential ? await identify(begun, credential, policy) : anonymous(begun, policy);
  if (known.kind === 'refused') return known;
  try {
    return permit(begun, known, place, policy);
  } catch (error) {
    logFailure(policy.log, 'a rule of the application failed during admission', error, {
      attempt: begun.attempt.attempt,
    });
    return refused(
      { name: 'admission-failed', detail: 'a rule threw; the trace is in the log' },
      known.identity.subject,
    );
  }
}

async function identify(begun: Begun, credential: Credential, policy: AdmissionPolicy): Promise<Known | Refused> {
  const origin = headerOf(begun.request, 'origin');
  const { attempt, query } = begun;
  const answer = await policy.credentials.check(credential, {
    attempt: attempt.attempt,
    origin,
    request: credentialRequest(attempt, query),
  });
  if (answer.kind === 'refused') return answer;
  return {
    kind: 'known',
    identity: answer.identity,
    sid: answer.sid,
    jti: answer.jti,
    warning: originWarning(origin, policy),
  };
}

/** What production would need for an origin that development lets in because its credential is good (ORI2). */
function originWarning(origin: string | undefined, policy: AdmissionPolicy): string | undefined {
  if (origin === undefined || isLoopbackOrigin(origin) || policy.allowedOrigins.has(origin)) return undefined;
  const setting = allowingSetting(origin, policy);
  return `origin "${shown(origin)}" is let in by its credential in development; production ${setting === undefined ? 'has no setting for such an origin' : `needs ${setting}`}`;
}

/** Without a credential: nobody in production, a viewer of this machine's own pages and programs in development (ORI3, ORI4). */
function anonymous({ request, attempt }: Begun, policy: AdmissionPolicy): Known | Refused {
  if (policy.mode === 'production') return refused({ name: 'token-missing' });
  const origin = headerOf(request, 'origin');
  const isNear =
    origin === undefined || isLoopbackOrigin(origin) || (policy.listensBeyondLoopback && isPrivateOrigin(origin));
  if (!isNear) return refused({ name: 'origin-needs-token', found: { origin: attempt.origin ?? '' } });
  const forwarding = forwardingHeader(request);
  if (forwarding !== undefined) {
    return refused({
      name: 'token-missing',
      found: { value: `the header ${forwarding} shows a proxy, behind which everybody needs one` },
    });
  }
  const identity = makeIdentity({
    issuer: policy.anonymousIssuer,
    subject: 'anonymous',
    kind: 'anonymous',
    scope: 'viewer',
  });
  const warning = 'no credential: let in as an anonymous viewer, which only development does; production needs a token';
  return { kind: 'known', identity, sid: undefined, jti: undefined, warning };
}

function permit(begun: Begun, known: Known, place: Place, policy: AdmissionPolicy): Admitted | Refused {
  const { identity, sid, jti, warning } = known;
  const { endpoint, params } = begun.route as Route;
  const user = identity.subject;
  if (endpoint.allows && !endpoint.allows(identity, params)) {
    return refused({ name: 'endpoint-forbidden', found: { path: begun.attempt.path } }, user);
  }
  const [main, ...others] = endpoint.channels?.(identity, params) ?? [];
  const mayRead = main === undefined ? 'allowed' : policy.mayRead(identity, main);
  if (main !== undefined && mayRead !== 'allowed') {
    return refused(
      { name: mayRead === 'unknown' ? 'channel-unknown' : 'channel-forbidden', found: { value: main } },
      user,
    );
  }
  const channels = [
    ...(main === undefined ? [] : [main]),
    ...others.filter((name) => policy.mayRead(identity, name) === 'allowed'),
  ];
  // Anonymous viewers are many people under one id; the limit per address holds for them.
  if (identity.kind !== 'anonymous' && !place.enterAs(identity.id)) {
    const limit = policy.limits.maxSessionsPerIdentity;
    return refused({ name: 'too-many-sessions', found: { value: 'this user', limit } }, user);
  }
  const joins = begun.query.kind === 'query' && begun.query.parameters.get('joins')?.[0] === '1';
  return { kind: 'admitted', identity, sid, jti, endpoint, params, channels, joins, warning, hold: place };
}
