// What an application declares: channels, endpoints and methods, each with its rule. Types only.

import type { BatchItem, ChannelKind, ChannelParams, Code, Identity, Position, Since } from '@telltale/protocol';
import type { SessionView } from './events.ts';

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

/**
 * A rule to write, which may look at what is written: `items`, before any schema has seen it. Absent: it is asked whether they
 * may write at all.
 */
export type WriteRule<Pattern extends string = string> = (
  identity: Identity,
  params: ChannelParams<Pattern>,
  items?: readonly BatchItem[],
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
  readonly canWrite: WriteRule;
  /** Whether the channel exists for these params; a missing one is 4404. Default: always. */
  readonly exists: (params: Readonly<Record<string, string>>) => boolean;
  /** Flush only every n-th tick of the gateway's clock. Default 1. */
  readonly flushEvery: number;
  /** Whether its messages are committed to the gateway's store before anybody is shown them, and outlive the process. */
  readonly isStored: boolean;
  /** Whether its messages leave out `from` and `once`, which its one writer need not be told and others know by its name. */
  readonly isSingleWriter: boolean;
  /** Whether viewers that agreed to inflate get its frames deflated (CMP2). */
  readonly isCompressed: boolean;
  /** The last word on a publish before it is appended, with all who may write it known; absent: as the schema gave it. */
  readonly prepare: ((publish: PublishToPrepare<Data>) => Prepared<Data> | Promise<Prepared<Data>>) | undefined;
  readonly onAppended: ((appended: Appended<Data>) => void) | undefined;
}

/** A publish that satisfies rule, shape and schema, before it is appended. */
export interface PublishToPrepare<Data = unknown> {
  readonly channel: string;
  readonly params: Readonly<Record<string, string>>;
  /** Who publishes; undefined: the application itself. */
  readonly as: Identity | undefined;
  /** As the schema gave them; `null` removes a key. */
  readonly items: readonly { readonly key?: string; readonly data: Data | null }[];
}

/** What becomes of a publish: all of it or nothing. */
export type Prepared<Data = unknown> =
  /** What is appended in the place of the items: as many, in their order. */
  { readonly kind: 'ready'; readonly data: readonly (Data | null)[] } | PublishRefused;

/** Why not. A final one uses the `seq` of `once` up (ONC4); one that may be tried again does not. */
export interface PublishRefused {
  readonly kind: 'refused';
  readonly code: Extract<Code, 4400 | 4403 | 4404 | 4429 | 4503>;
  /** What was found, what was expected, for who sent it. */
  readonly message: string;
  /** Default: as the code says, 4429 and 4503 may be. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

/** What was just appended to a channel, after commit where it is stored, in the order of the log. */
export interface Appended<Data = unknown> {
  readonly channel: string;
  readonly params: Readonly<Record<string, string>>;
  /** Who published; undefined: the application itself. */
  readonly as: Identity | undefined;
  /** As the schema gave them; `null` removed a key. */
  readonly items: readonly { readonly key?: string; readonly data: Data | null }[];
  /** Of the last item; those of a stream have the offsets up to it. */
  readonly position: Position;
  /** What the messages carry as their time, in milliseconds since the epoch. */
  readonly time: number;
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
  /** Answers with the result, or with a `MethodFailure`; an exception is a fault, and ends the session. */
  readonly handle: (params: unknown, session: SessionView) => unknown;
}
