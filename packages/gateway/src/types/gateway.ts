// What an application can do with a gateway. Types only.

import type {
  ChannelNameOf,
  ChannelShapes,
  Code,
  EndName,
  Identity,
  IdentityKind,
  Once,
  Position,
  RefusalName,
} from '@telltale/protocol';
import type { AttemptOutcome, GatewayFigures, SessionView } from './events.ts';
import type { CredentialRequest } from './options.ts';

export type Published =
  | { readonly kind: 'appended'; readonly position: Position; readonly duplicate: boolean }
  | {
      readonly kind: 'failed';
      readonly code: Code;
      readonly message: string;
      readonly retryable: boolean;
      readonly retryAfterMs?: number;
      readonly expected?: number;
    };

export interface PublishOptions {
  readonly key?: string;
  readonly once?: Once;
  /** Publish as somebody: rules, rates and `from` apply. Without it the application itself publishes, unchecked by rules. */
  readonly as?: Identity;
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
  /**
   * A page of a channel's log, oldest first, with the position it is true at: of a stored channel also what memory has
   * let go of. At most `limit` messages (default 100), fewer where they are large. The caller has checked the rule.
   */
  read(channel: string, options?: { before?: Position; limit?: number }): Promise<ReadPage>;
  /** Checks a bearer token as an upgrade would; for HTTP routes beside the gateway. `request` is for `authorize`. */
  authenticate(
    token: string,
    request?: CredentialRequest,
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
      | {
          subject: string;
          issuer?: string;
          /** Default: whatever it is; a user and an agent may have the same name. */
          kind?: IdentityKind;
          identity?: Partial<Pick<Identity, 'scope' | 'name'>>;
        }
      | { pattern: string }
      | 'all',
  ): void;
  figures(): GatewayFigures;
  /**
   * Stops admitting, gives each session its return slot, flushes at most 1 s, closes 1012, destroys the rest: 2 s in all.
   * `returnWindowMs`, over which the slots are spread, is 6,000 by default, as long as a first wait of the client (CLI2).
   */
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
  /** Older ones are kept. */
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
