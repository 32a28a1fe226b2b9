// What an application gives a gateway: credentials, limits, listeners. Types only.

import type { ChannelShapes, Identity, IdentityKind, Limits, RefusalName, Scope } from '@telltale/protocol';
import type { EndpointDefinition, MethodDefinition } from './declarations.ts';
import type { AttemptOutcome, GatewayEvent, SessionView } from './events.ts';

/** What an application's `verify` answers. Expected outcomes are values; a throw means the check itself failed: 4503. */
export type Verified =
  | {
      readonly kind: 'identity';
      readonly issuer: string;
      readonly subject: string;
      readonly identityKind?: IdentityKind;
      readonly name?: string;
      readonly scope?: Scope;
      /** Milliseconds since the epoch; absent: the session does not expire. */
      readonly expiresAt?: number;
      /** Login session and token ids, for revocation. */
      readonly sid?: string;
      readonly jti?: string;
    }
  | { readonly kind: 'refused'; readonly name: RefusalName; readonly detail?: string };

/** How bearer tokens are checked. Exactly one of `secret`, `issuers` and `verify`, or `secret` beside `issuers`. */
export interface CredentialOptions {
  /** Shared secret of HS256 tokens, at least 32 bytes in production. */
  readonly secret?: string | Uint8Array;
  /** Expected `iss` and `aud` of tokens signed with `secret`. Default `telltale`. */
  readonly issuer?: string;
  readonly audience?: string;
  /** Other issuers, each with its keys: one static map, looked up before anything is fetched. */
  readonly issuers?: Readonly<Record<string, IssuerOptions>>;
  /** The application's own check, instead of JWTs. */
  readonly verify?: (token: string) => Verified | Promise<Verified>;
  /**
   * Runs after a token of `secret` or `issuers` was verified: the store's word on this subject, session and token
   * (disabled, other rights, ended). Return the claims' own identity to leave it as it is. `request` is how it was
   * asked: the upgrade, or what `Gateway.authenticate` was given; undefined where a live session renews itself.
   */
  readonly authorize?: (
    claimed: ClaimedIdentity,
    request: CredentialRequest | undefined,
  ) => Verified | Promise<Verified>;
}

/** What a hook may know of the request that carried a credential. */
export interface CredentialRequest {
  readonly address: string;
  /** Without query, and without what may be a token put in the wrong place. */
  readonly path: string;
  readonly userAgent: string | undefined;
  /** The query's parameters but credentials, each as it was given first. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface IssuerOptions {
  /** An https URL, or http on loopback. */
  readonly jwksUrl: string;
  readonly audience: string;
  readonly algorithms: readonly ('EdDSA' | 'ES256' | 'RS256')[];
  /** The most this issuer may grant. Default viewer. */
  readonly highestScope?: Scope;
}

export type ClaimedIdentity = Extract<Verified, { kind: 'identity' }> & { readonly scope: Scope };

export interface GatewayOptions<Channels extends ChannelShapes = ChannelShapes> {
  /** Default development. */
  readonly mode?: 'development' | 'production';
  /** Default `/ws`. */
  readonly prefix?: string;
  readonly channels: Channels;
  /** Default: the prefix alone. */
  readonly endpoints?: readonly EndpointDefinition[];
  readonly methods?: Readonly<Record<string, MethodDefinition>>;
  readonly credentials?: CredentialOptions;
  /** Origins of pages that may connect in production, each as a browser sends it: `https://ops.example.com`. */
  readonly allowedOrigins?: readonly string[];
  /** What the process listens on; in development a non-loopback host lets private-network pages connect without a token. */
  readonly host?: string;
  /** Addresses or CIDR ranges whose `X-Forwarded-For` is believed. Default none. */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  /**
   * Other limits for some sessions, asked for when one begins and told in its `welcome`: agents send more than pages do.
   * Throwing, or a value that is no limit, ends the session with 4000.
   */
  readonly limitsFor?: (identity: Identity) => Partial<SessionLimits>;
  /** Receives every attempt, refusal, session and end. An exception in it is logged and changes nothing. */
  readonly onEvent?: (event: GatewayEvent) => void;
  /** What became of an attempt that this gateway has forgotten, or that came before it started; for `attempts/<id>` (REF8). */
  readonly recallAttempt?: (id: string) => AttemptOutcome | undefined;
  /** Runs when a session has been welcomed. Throwing, or rejecting, is logged once with its trace and closes 4000. */
  readonly onSession?: (session: SessionView) => void | Promise<void>;
  readonly log?: GatewayLog;
  /** Common tick at which logs are flushed, in milliseconds. Default 20; 0: as soon as the process gets to it. */
  readonly flushMs?: number;
  /** What keeps the logs; default: in the memory of this process. */
  readonly broker?: import('../broker/broker.ts').Broker;
  /** Where channels declared `stored` are kept. Not beside `broker`. */
  readonly store?: import('../broker/message-store.ts').MessageStore;
  /** Only for tests. */
  readonly clock?: import('../clock.ts').Clock;
}

/** The limits that sessions may differ in; the largest frame and message are the gateway's for all. */
export type SessionLimits = Omit<Limits, 'maxFrameBytes' | 'maxMessageBytes'>;

export interface GatewayLimits extends Limits {
  readonly maxSessions: number;
  readonly maxSessionsPerIdentity: number;
  readonly maxSessionsPerAddress: number;
  /** Sessions admitted per second; the rest are told when to come back. Default 1,000. */
  readonly admissionsPerSecond: number;
  /** Explained refusals (upgrades completed only to refuse) per address in 10 s. Default 10. */
  readonly explainedRefusals: number;
  /** Explained refusals open at once. Default 200. */
  readonly openRefusals: number;
  /** From request to decision, in milliseconds. Default 5,000. */
  readonly admissionMs: number;
  /** JSON ping to pages. Default 10,000. */
  readonly heartbeatMs: number;
  /** WebSocket ping after silence, and its deadline. Default 25,000 and 10,000. */
  readonly pingMs: number;
  readonly pongMs: number;
  /** Bytes all logs may hold together. Default 256 MiB. */
  readonly logBytes: number;
  /** No progress for so long ends a session with 4408. Default 30,000. */
  readonly stalledMs: number;
}

export interface GatewayLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
