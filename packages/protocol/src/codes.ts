// The one table of codes: every close code, `error` code and refusal of the gateway, client, command line and
// documents. Each `name` belongs to exactly one code; codes decide what a client does, names and texts explain.

/**
 * What a client does after an end with this code, unless the frame said `retry` itself (that wins).
 *
 * - `intent`: stop if we closed it ourselves or were told not to come back, else reconnect with backoff
 * - `slot`: reconnect in the slot that `goodbye` named
 * - `backoff`: reconnect with backoff
 * - `after`: reconnect after `retryAfterMs`, else backoff
 * - `token`: ask for one new token and try once, else sign in again
 * - `renew`: ask for a new token, reconnect, resume
 * - `stop`: do not come back by itself
 */
export type RetryRule = 'intent' | 'slot' | 'backoff' | 'after' | 'token' | 'renew' | 'stop';

export interface CodeRule {
  /** Kebab-case word for the code as a whole. */
  readonly name: string;
  readonly retry: RetryRule;
}

/** A code of the table. Foreign servers may send others; `codeRule` answers for those too. */
export type Code =
  | 1000
  | 1001
  | 1002
  | 1003
  | 1006
  | 1007
  | 1008
  | 1009
  | 1011
  | 1012
  | 4000
  | 4400
  | 4401
  | 4403
  | 4404
  | 4408
  | 4409
  | 4410
  | 4419
  | 4429
  | 4503;

export const codes: Readonly<Record<Code, CodeRule>> = {
  1000: { name: 'closed', retry: 'intent' },
  1001: { name: 'going-away', retry: 'intent' },
  1002: { name: 'protocol-error', retry: 'stop' },
  1003: { name: 'unsupported-frame', retry: 'stop' },
  1006: { name: 'no-close-frame', retry: 'backoff' },
  1007: { name: 'not-utf8', retry: 'stop' },
  1008: { name: 'policy', retry: 'backoff' },
  1009: { name: 'frame-too-large', retry: 'stop' },
  1011: { name: 'foreign-server-error', retry: 'backoff' },
  1012: { name: 'restart', retry: 'slot' },
  4000: { name: 'server-error', retry: 'backoff' },
  4400: { name: 'bad-request', retry: 'stop' },
  4401: { name: 'unauthorized', retry: 'token' },
  4403: { name: 'forbidden', retry: 'stop' },
  4404: { name: 'not-found', retry: 'stop' },
  4408: { name: 'stalled', retry: 'backoff' },
  4409: { name: 'replaced', retry: 'stop' },
  4410: { name: 'ended', retry: 'stop' },
  4419: { name: 'token-expired', retry: 'renew' },
  4429: { name: 'too-many', retry: 'after' },
  4503: { name: 'unavailable', retry: 'after' },
};

/** The rule for any close code, also one that is not in the table: unknown codes mean backoff (COD2). */
export function codeRule(code: number): CodeRule {
  return (codes as Readonly<Record<number, CodeRule>>)[code] ?? { name: 'unknown', retry: 'backoff' };
}

/** Where an attempt can be turned away, in the order in which admission looks (ADM1). */
export type Stage = 'route' | 'form' | 'origin' | 'rate' | 'credential' | 'permission';

export const stages: readonly Stage[] = ['route', 'form', 'origin', 'rate', 'credential', 'permission'];

export interface RefusalRule {
  readonly code: 4000 | 4400 | 4401 | 4403 | 4404 | 4419 | 4429 | 4503;
  readonly stage: Stage;
  /** HTTP status where it differs from the code's own. */
  readonly http?: number;
  /** Overrides the code's rule: whether the same attempt may be made again. */
  readonly retry?: boolean;
}

/** Every way an attempt can be refused. Sentences for people are in `./explain`. */
export type RefusalName =
  | 'path-unknown'
  | 'target-malformed'
  | 'host-not-allowed'
  | 'method-not-get'
  | 'http-version'
  | 'header-missing'
  | 'header-repeated'
  | 'header-malformed'
  | 'headers-too-large'
  | 'request-malformed'
  | 'request-unfinished'
  | 'tls-to-plain'
  | 'upgrade-missing'
  | 'version-unsupported'
  | 'body-on-upgrade'
  | 'query-malformed'
  | 'attempt-malformed'
  | 'attempt-reused'
  | 'credential-repeated'
  | 'origin-not-allowed'
  | 'origin-needs-token'
  | 'too-many-attempts'
  | 'too-many-sessions'
  | 'at-capacity'
  | 'admission-queue'
  | 'stopping'
  | 'deadline-passed'
  | 'token-missing'
  | 'token-placeholder'
  | 'token-malformed'
  | 'token-too-long'
  | 'token-header'
  | 'token-algorithm'
  | 'token-unsigned'
  | 'token-key'
  | 'token-signature'
  | 'token-issuer-missing'
  | 'token-issuer'
  | 'token-audience-missing'
  | 'token-audience'
  | 'token-subject-missing'
  | 'token-subject'
  | 'token-expiry-missing'
  | 'token-claim'
  | 'token-scope'
  | 'token-expired'
  | 'token-not-yet-valid'
  | 'token-revoked'
  | 'token-session-ended'
  | 'ticket-unknown'
  | 'ticket-origin'
  | 'account-disabled'
  | 'agent-revoked'
  | 'machine-missing'
  | 'machine-mismatch'
  | 'credential-unchecked'
  | 'admission-failed'
  | 'channel-forbidden'
  | 'channel-unknown'
  | 'endpoint-forbidden';

export const refusals: Readonly<Record<RefusalName, RefusalRule>> = {
  'path-unknown': { code: 4404, stage: 'route' },
  'target-malformed': { code: 4400, stage: 'route' },
  'host-not-allowed': { code: 4403, stage: 'route' },

  'method-not-get': { code: 4400, stage: 'form', http: 405 },
  'http-version': { code: 4400, stage: 'form' },
  'header-missing': { code: 4400, stage: 'form' },
  'header-repeated': { code: 4400, stage: 'form' },
  'header-malformed': { code: 4400, stage: 'form' },
  'headers-too-large': { code: 4400, stage: 'form', http: 431 },
  'request-malformed': { code: 4400, stage: 'form' },
  'request-unfinished': { code: 4400, stage: 'form', http: 408, retry: true },
  'tls-to-plain': { code: 4400, stage: 'form' },
  'upgrade-missing': { code: 4400, stage: 'form', http: 426 },
  'version-unsupported': { code: 4400, stage: 'form', http: 426 },
  'body-on-upgrade': { code: 4400, stage: 'form' },
  'query-malformed': { code: 4400, stage: 'form' },
  'attempt-malformed': { code: 4400, stage: 'form' },
  'attempt-reused': { code: 4400, stage: 'form' },
  'credential-repeated': { code: 4400, stage: 'form' },

  'origin-not-allowed': { code: 4403, stage: 'origin' },
  'origin-needs-token': { code: 4403, stage: 'origin' },

  'too-many-attempts': { code: 4429, stage: 'rate' },
  'too-many-sessions': { code: 4429, stage: 'rate' },
  'at-capacity': { code: 4503, stage: 'rate' },
  'admission-queue': { code: 4503, stage: 'rate' },
  stopping: { code: 4503, stage: 'rate' },
  'deadline-passed': { code: 4503, stage: 'rate' },

  'token-missing': { code: 4401, stage: 'credential' },
  'token-placeholder': { code: 4401, stage: 'credential' },
  'token-malformed': { code: 4401, stage: 'credential' },
  'token-too-long': { code: 4401, stage: 'credential' },
  'token-header': { code: 4401, stage: 'credential' },
  'token-algorithm': { code: 4401, stage: 'credential' },
  'token-unsigned': { code: 4401, stage: 'credential' },
  'token-key': { code: 4401, stage: 'credential' },
  'token-signature': { code: 4401, stage: 'credential' },
  'token-issuer-missing': { code: 4401, stage: 'credential' },
  'token-issuer': { code: 4401, stage: 'credential' },
  'token-audience-missing': { code: 4401, stage: 'credential' },
  'token-audience': { code: 4401, stage: 'credential' },
  'token-subject-missing': { code: 4401, stage: 'credential' },
  'token-subject': { code: 4401, stage: 'credential' },
  'token-expiry-missing': { code: 4401, stage: 'credential' },
  'token-claim': { code: 4401, stage: 'credential' },
  'token-scope': { code: 4401, stage: 'credential' },
  'token-expired': { code: 4419, stage: 'credential' },
  'token-not-yet-valid': { code: 4401, stage: 'credential' },
  'token-revoked': { code: 4401, stage: 'credential' },
  'token-session-ended': { code: 4401, stage: 'credential' },
  'ticket-unknown': { code: 4401, stage: 'credential' },
  'ticket-origin': { code: 4401, stage: 'credential' },
  'account-disabled': { code: 4403, stage: 'credential' },
  'agent-revoked': { code: 4403, stage: 'credential' },
  'machine-missing': { code: 4403, stage: 'credential' },
  'machine-mismatch': { code: 4403, stage: 'credential' },
  'credential-unchecked': { code: 4503, stage: 'credential' },
  'admission-failed': { code: 4000, stage: 'credential' },

  'channel-forbidden': { code: 4403, stage: 'permission' },
  'channel-unknown': { code: 4404, stage: 'permission' },
  'endpoint-forbidden': { code: 4403, stage: 'permission' },
};

// Beside the table, not in it: a page loads the table and has no use for these.
const statuses: Readonly<Record<RefusalRule['code'], number>> = {
  4000: 500,
  4400: 400,
  4401: 401,
  4403: 403,
  4404: 404,
  4419: 401,
  4429: 429,
  4503: 503,
};

/** The HTTP status that says what a code says; 400 for one that no refusal has. */
export function codeStatus(code: number): number {
  return (statuses as Readonly<Record<number, number>>)[code] ?? 400;
}

/** The HTTP status of a refusal for a program that sent no `Origin` (REF3). */
export function refusalStatus(name: RefusalName): number {
  const { code, http } = refusals[name];
  return http ?? codeStatus(code);
}

/** Whether a client that knows only the code should come back by itself. */
export function retriesByItself(code: number): boolean {
  return codeRule(code).retry !== 'stop';
}

/** Every way the gateway ends a session it had admitted. */
export type EndName =
  | 'closed'
  | 'restart'
  | 'server-error'
  | 'frame-malformed'
  | 'binary-frame'
  | 'frame-too-large'
  | 'not-utf8'
  | 'protocol-error'
  | 'no-answer'
  | 'stalled'
  | 'replaced'
  | 'ended-by-operator'
  | 'ended-by-user'
  | 'account-disabled'
  | 'password-changed'
  | 'signed-out'
  | 'token-revoked'
  | 'machine-changed'
  | 'token-expired'
  | 'too-many-frames';

export const ends: Readonly<Record<EndName, { readonly code: Code }>> = {
  closed: { code: 1000 },
  restart: { code: 1012 },
  'server-error': { code: 4000 },
  'frame-malformed': { code: 4400 },
  'binary-frame': { code: 1003 },
  'frame-too-large': { code: 1009 },
  'not-utf8': { code: 1007 },
  'protocol-error': { code: 1002 },
  'no-answer': { code: 1006 },
  stalled: { code: 4408 },
  replaced: { code: 4409 },
  'ended-by-operator': { code: 4410 },
  'ended-by-user': { code: 4410 },
  'account-disabled': { code: 4410 },
  'password-changed': { code: 4410 },
  'signed-out': { code: 4410 },
  'token-revoked': { code: 4410 },
  'machine-changed': { code: 4410 },
  'token-expired': { code: 4419 },
  'too-many-frames': { code: 4429 },
};
