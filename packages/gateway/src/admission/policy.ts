// Everything admission decides by, built once from the gateway's options. Called by gateway.ts; misuse is thrown here,
// at the start, all faults of a list at once.

import type { Identity } from '@telltale/protocol';
import type { Clock } from '../clock.ts';
import type { AttemptOutcome, CredentialOptions, EndpointDefinition, GatewayLimits, GatewayLog } from '../types.ts';
import { type AddressOf, createAddressOf } from './address.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { createCredentials, type Credentials } from './credential.ts';
import { isLoopbackHost, isLoopbackOrigin, validateAllowedOrigins } from './origin.ts';
import { createRates, type RateLimits, type Rates } from './rates.ts';
import { createRouter, type Router } from './route.ts';
import { createSharedTexts, type ShareText } from './shared-texts.ts';
import { createTickets, type Tickets } from './ticket.ts';

export type MayRead = 'allowed' | 'forbidden' | 'unknown';

export interface AdmissionPolicy {
  readonly mode: 'development' | 'production';
  readonly router: Router;
  readonly allowedOrigins: ReadonlySet<string>;
  /** Hosts answered in development besides loopback, lower case, without port. */
  readonly hosts: ReadonlySet<string>;
  /** Whether pages of private networks may connect without a token in development. */
  readonly listensBeyondLoopback: boolean;
  readonly addressOf: AddressOf;
  readonly credentials: Credentials;
  readonly tickets: Tickets;
  readonly attempts: Attempts;
  /** For what an attempt says of itself. */
  readonly shareText: ShareText;
  /** What the application knows of an attempt that is not among these. */
  readonly recallAttempt: (id: string) => AttemptOutcome | undefined;
  readonly rates: Rates;
  readonly admissionMs: number;
  readonly maxFrameBytes: number;
  readonly limits: RateLimits;
  readonly anonymousIssuer: string;
  readonly clock: Clock;
  readonly log: GatewayLog;
  /** Whether this identity may read a channel now; the main channel of an endpoint decides (END3). */
  readonly mayRead: (identity: Identity, channel: string) => MayRead;
  readonly isStopping: () => boolean;
}

export interface PolicyOptions {
  /** Default development. */
  readonly mode?: 'development' | 'production' | undefined;
  /** Default `/ws`. */
  readonly prefix?: string | undefined;
  readonly endpoints?: readonly EndpointDefinition[] | undefined;
  readonly credentials?: CredentialOptions | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly host?: string | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  readonly recallAttempt?: ((id: string) => AttemptOutcome | undefined) | undefined;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly mayRead: (identity: Identity, channel: string) => MayRead;
  readonly isStopping: () => boolean;
}

/** Throws `ERR_TELLTALE_…` on options that could not work. */
export function createAdmissionPolicy(options: PolicyOptions): AdmissionPolicy {
  const {
    mode = 'development',
    limits,
    clock,
    log,
    host = 'localhost',
    allowedOrigins = [],
    credentials = {},
  } = options;
  const faults = validateAllowedOrigins(allowedOrigins);
  if (faults.length > 0) {
    throw Object.assign(new TypeError(faults.join('\n')), { code: 'ERR_TELLTALE_ALLOWED_ORIGINS' });
  }
  const tickets = createTickets(clock);
  const hosts = [host, ...allowedOrigins.map((origin) => new URL(origin).hostname)];
  return {
    mode,
    router: createRouter(options.prefix, options.endpoints),
    allowedOrigins: new Set(allowedOrigins),
    hosts: new Set(hosts.map((name) => name.toLowerCase().replace(/^\[|\]$/g, ''))),
    listensBeyondLoopback: !isLoopbackHost(host),
    addressOf: createAddressOf(options.trustedProxies),
    credentials: createCredentials({ options: credentials, mode, tickets, clock, log }),
    tickets,
    attempts: createAttempts({ monotonic: () => clock.monotonic() }),
    shareText: createSharedTexts(),
    recallAttempt: options.recallAttempt ?? (() => undefined),
    rates: createRates(limits, clock),
    admissionMs: limits.admissionMs,
    maxFrameBytes: limits.maxFrameBytes,
    limits,
    anonymousIssuer: credentials.issuer ?? 'telltale',
    clock,
    log,
    mayRead: options.mayRead,
    isStopping: options.isStopping,
  };
}

/** Whether pages of this origin are told everything; a request without `Origin` is a program or a page of our own. */
export function isTrustedOrigin(policy: AdmissionPolicy, origin: string | undefined): boolean {
  if (origin === undefined || policy.allowedOrigins.has(origin)) return true;
  return policy.mode === 'development' && isLoopbackOrigin(origin);
}
