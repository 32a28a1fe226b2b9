// The gateway's public types: what an application declares, supplies and receives. No code.

import type {
  ChannelKind,
  Code,
  ChannelNameOf,
  ChannelParams,
  ChannelShapes,
  EndName,
  Identity,
  IdentityKind,
  Limits,
  Once,
  Position,
  PublicRefusal,
  RefusalName,
  Scope,
  Since,
} from '@telltale/protocol';

/** Any validator of the Standard Schema specification, version 1: zod, valibot, arktype and others. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** How much a log keeps; whichever bound is reached first counts. */
export interface Retention {
  /** Messages of a stream. Default 10,000. */
  readonly count?: number;
  /** Keys of a table. Default 10,000. */
  readonly keys?: number;
  /** Age in seconds; default: no bound. */
  readonly seconds?: number;
  /** Bytes, default 4 MiB. */
  readonly bytes?: number;
}

/** Who asks, for which channel. Rules are synchronous and do no I/O: they run at every subscribe and publish. */
export type ChannelRule<Pattern extends string = string> = (
  identity: Identity,
  params: ChannelParams<Pattern>,
) => boolean;

/** A channel as declared: one pattern, its kind, its bounds, its rules and the type of its messages. */
export interface ChannelDefinition<
  Pattern extends string = string,
  Kind extends ChannelKind = ChannelKind,
  Data = unknown,
> {
  readonly pattern: Pattern;
  readonly kind: Kind;
  /** Never set at run time; carries the type of `data` to `publish` and to the client's hooks. */
  readonly messageType?: Data;
  readonly schema: StandardSchema<Data> | undefined;
  readonly retention: Required<Omit<Retention, 'seconds'>> & { readonly seconds: number | undefined };
  /** What a first read of a stream gets; a table is always read whole. */
  readonly first: Since;
  readonly canRead: ChannelRule;
  readonly canWrite: ChannelRule;
  /** Whether the channel exists for these params; a missing one is 4404. Default: always. */
  readonly exists: (params: Readonly<Record<string, string>>) => boolean;
  /** Flush only every n-th tick of the gateway's clock. Default 1. */
  readonly flushEvery: number;
}

/** What an endpoint of the prefix gives: `/ws/chat/:room` → the room and its presence. */
export interface EndpointDefinition {
  /** Path below the prefix without slashes at its ends, `chat/:room`; the empty text is the prefix itself. */
  readonly path: string;
  /** Word for the log line, `Chat`. */
  readonly title: string;
  /** Channels a session is subscribed to, main channel first. Those it may not read are left out, the main one refuses. */
  readonly channels?: (identity: Identity, params: Readonly<Record<string, string>>) => readonly string[];
  /** Whether this identity may connect here at all. Default: yes. */
  readonly allows?: (identity: Identity, params: Readonly<Record<string, string>>) => boolean;
  /** Sessions with the same text here replace each other: the older one ends with 4409. */
  readonly exclusive?: (identity: Identity, params: Readonly<Record<string, string>>) => string | undefined;
}

/** A request by `call`: deny by default, so each method states its rule. */
export interface MethodDefinition {
  readonly allows: (identity: Identity) => boolean;
  readonly schema?: StandardSchema;
  readonly handle: (params: unknown, session: SessionView) => unknown;
}

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
   * (disabled, other rights, ended). Return the claims' own identity to leave it as it is.
   */
  readonly authorize?: (claimed: ClaimedIdentity) => Verified | Promise<Verified>;
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
  /** Receives every attempt, refusal, session and end. An exception in it is logged and changes nothing. */
  readonly onEvent?: (event: GatewayEvent) => void;
  /** Runs when a session has been welcomed. Throwing, or rejecting, is logged once with its trace and closes 4000. */
  readonly onSession?: (session: SessionView) => void | Promise<void>;
  readonly log?: GatewayLog;
  /** Common tick at which logs are flushed, in milliseconds. Default 20; 0: as soon as the process gets to it. */
  readonly flushMs?: number;
  /** What keeps the logs; default: in the memory of this process. */
  readonly broker?: import('./broker/broker.ts').Broker;
  /** Only for tests. */
  readonly clock?: import('./clock.ts').Clock;
}

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

/** A refusal as the operator sees it. */
export interface Refusal extends PublicRefusal {
  readonly name: RefusalName;
  readonly address: string;
  readonly origin: string | undefined;
  readonly path: string;
  /** What only the operator may know. Never a credential. */
  readonly detail?: string;
  /** The setting that would cure it: `TELLTALE_ALLOWED_ORIGINS=https://ops.example.com`. */
  readonly setting?: string;
}

/** One try to connect, as known before anything is decided. */
export interface Attempt {
  readonly attempt: string;
  readonly time: number;
  readonly address: string;
  readonly origin: string | undefined;
  readonly userAgent: string | undefined;
  /** Without query. */
  readonly path: string;
  /** `Dashboard`, `Chat`, … or undefined where the path is unknown. */
  readonly title: string | undefined;
}

export type GatewayEvent =
  | { readonly type: 'attempt'; readonly attempt: Attempt }
  | {
      readonly type: 'refused';
      readonly attempt: Attempt;
      readonly refusal: Refusal;
      readonly user: string | undefined;
    }
  | { readonly type: 'admitted'; readonly attempt: Attempt; readonly session: SessionView; readonly warning?: string }
  | {
      readonly type: 'ended';
      readonly attempt: Attempt;
      readonly session: SessionView;
      readonly code: number;
      /** An `EndName` where the gateway ended it; `closed` where the other side did. */
      readonly name: EndName;
      readonly reason: string;
      readonly by: 'client' | 'gateway' | 'network';
      readonly wasClean: boolean;
      readonly durationMs: number;
    }
  | { readonly type: 'subscribed'; readonly session: SessionView; readonly channel: string }
  | { readonly type: 'unsubscribed'; readonly session: SessionView; readonly channel: string }
  | { readonly type: 'renewed'; readonly session: SessionView };

/** A live session, read-only. Its fields are current when read. */
export interface SessionView {
  readonly id: string;
  readonly attempt: Attempt;
  readonly identity: Identity;
  readonly sid: string | undefined;
  readonly jti: string | undefined;
  readonly since: number;
  readonly channels: readonly string[];
  readonly roundTripMs: number | undefined;
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly receivedBytes: number;
  readonly receivedFrames: number;
  /** Bytes sent and not yet answered. */
  readonly unansweredBytes: number;
  /** How many of its subscriptions are behind. */
  readonly behind: number;
}

export type Published =
  | { readonly kind: 'appended'; readonly position: Position; readonly duplicate: boolean }
  | {
      readonly kind: 'failed';
      readonly code: Code;
      readonly message: string;
      readonly retryable: boolean;
      readonly expected?: number;
    };

export interface PublishOptions {
  readonly key?: string;
  readonly once?: Once;
  /** Publish as somebody: rules, rates and `from` apply. Without it the application itself publishes, unchecked by rules. */
  readonly as?: Identity;
}

/** What became of an attempt, as `GET /ws/attempts/<id>` answers (REF8). */
export type AttemptOutcome =
  | { readonly state: 'unseen' }
  | { readonly state: 'refused'; readonly refusal: PublicRefusal }
  | {
      readonly state: 'admitted';
      readonly ended?: { readonly code: number; readonly name: string; readonly reason: string };
    };

/** Figures since the start, for `/metrics`. Counters unless said otherwise. */
export interface GatewayFigures {
  readonly sessions: number;
  readonly attempts: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly flushes: number;
  /** Messages that shared a frame with an earlier one: what joining saved. */
  readonly joined: number;
  readonly catchUpFrames: number;
  /** Gauge: subscriptions behind now. */
  readonly behind: number;
  /** Gauges: logs, and the bytes they hold. */
  readonly logs: number;
  readonly logBytes: number;
  readonly evictions: number;
}

export interface Gateway<Channels extends ChannelShapes = ChannelShapes> {
  /**
   * Takes the upgrades under the prefix, and plain GETs under it, of a `node:http` or `node:https` server; requests
   * for other paths are left to others. May be called for several servers.
   */
  attach(server: import('node:http').Server | import('node:https').Server): void;
  /** Appends one message. The types are those of the declaration. */
  publish<Name extends ChannelNameUnion<Channels>>(
    channel: Name,
    data: MessageData<Channels, Name> | null,
    options?: PublishOptions,
  ): Promise<Published>;
  /** Appends all or none. */
  publishBatch<Name extends ChannelNameUnion<Channels>>(
    channel: Name,
    items: readonly { readonly key?: string; readonly data: MessageData<Channels, Name> | null }[],
    options?: Omit<PublishOptions, 'key'>,
  ): Promise<Published>;
  /** A page of a channel's log, oldest first, with the position it is true at. The caller has checked the rule. */
  read(channel: string, options?: { before?: Position; limit?: number }): ReadPage;
  /** Checks a bearer token as an upgrade would; for HTTP routes beside the gateway. */
  authenticate(
    token: string,
  ): Promise<
    | { kind: 'identity'; identity: Identity; sid?: string; jti?: string }
    | { kind: 'refused'; name: RefusalName; reason: string; hint: string; code: number }
  >;
  /** Whether this identity may do this now, by the declared rules. */
  can(identity: Identity, action: 'read' | 'write', channel: string): boolean;
  /** A single-use ticket for `?ticket=`, 30 s, bound to the identity and to the origin it was bought from. */
  issueTicket(
    identity: Identity,
    origin: string | undefined,
    ids?: { sid?: string; jti?: string },
  ): { ticket: string; expiresAt: number };
  attemptOutcome(id: string): AttemptOutcome;
  sessions(): Iterable<SessionView>;
  /** Whether somebody reads this channel on this node now; `onInterest` says when that changes. */
  hasReaders(channel: string): boolean;
  onInterest(listener: (channel: string, interested: boolean) => void): () => void;
  /** Ends sessions: those for which the predicate holds. Returns how many. */
  endSessions(which: (session: SessionView) => boolean, name: EndName, reason: string): number;
  /**
   * Facts a rule reads have changed: re-runs the rules of live subscriptions, of one subject or of channels that match
   * a pattern, at once. A new identity (other scope or name) may be given for a subject.
   */
  rightsChanged(
    which:
      | { subject: string; issuer?: string; identity?: Partial<Pick<Identity, 'scope' | 'name'>> }
      | { pattern: string }
      | 'all',
  ): void;
  figures(): GatewayFigures;
  /** Stops admitting, gives each session its return slot, flushes at most 1 s, closes 1012, destroys the rest: 2 s in all. */
  stop(options?: { returnWindowMs?: number }): Promise<void>;
}

export interface ReadPage {
  readonly epoch: string | null;
  /** The head the page is true at. */
  readonly position: Position | null;
  readonly messages: readonly {
    readonly offset: number;
    readonly time: number;
    readonly key?: string;
    readonly data: unknown;
  }[];
  readonly more: boolean;
  /** The `before` asked for was of another epoch. */
  readonly reset: boolean;
}

/** Every channel name the declarations allow. */
export type ChannelNameUnion<Channels> = {
  [Name in keyof Channels]: Channels[Name] extends { readonly pattern: infer Pattern extends string }
    ? ChannelNameOf<Pattern>
    : never;
}[keyof Channels];

export type MessageData<Channels, Name extends string> = import('@telltale/protocol').MessageOf<Channels, Name>;
