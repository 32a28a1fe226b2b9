// The client's public types: what a page or program configures, and the one union that says where the connection stands.

import type {
  CallFrame,
  ChannelKind,
  ErrorFrame,
  Gap,
  Identity,
  Message,
  Once,
  Position,
  PublishFrame,
  PublishResult,
  ResultFrame,
  ServerFrame,
  Since,
  Stage,
  WelcomeFrame,
} from '@telltale/protocol';
import type { DiagnoseOptions, Diagnosis } from './diagnose/types.ts';

/** Declared by an application to type channel names and messages: `interface Register { channels: typeof channels }`. */
// oxlint-disable-next-line typescript/no-empty-interface -- filled in by the application (declaration merging)
export interface Register {}

/** The one thing to read to know how the line stands. */
export type ConnectionState =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'connecting';
      readonly attempt: string;
      readonly since: number;
      readonly tries: number;
      readonly cause?: Cause;
    }
  | {
      readonly kind: 'open';
      readonly session: string;
      readonly since: number;
      readonly identity: Identity;
      readonly mode: WelcomeFrame['mode'];
    }
  | {
      readonly kind: 'waiting';
      readonly attempt: string;
      readonly tries: number;
      readonly retryAt: number;
      readonly cause: Cause;
    }
  | { readonly kind: 'offline'; readonly since: number; readonly cause: Cause }
  | { readonly kind: 'closed'; readonly cause: Cause };

/** Why something is as it is: always a code, a name, a reason, a hint and what happens next. */
export interface Cause {
  /** WebSocket close code, or the code of the refusal. */
  readonly code: number;
  readonly name: string;
  /** What was found: a clause, without a full stop. */
  readonly reason: string;
  /** What to do: sentences. */
  readonly hint: string;
  readonly next: 'retry' | 'retry-when-online' | 'retry-with-new-token' | 'stop' | 'sign-in';
  readonly stage?: Stage;
  readonly wasClean: boolean;
  /** The attempt this is about, to ask the hub or find it in its log. */
  readonly attempt: string;
}

export interface ConnectionOptions {
  /** `ws:`, `wss:`, `http:`, `https:` or a path on the page's origin; may have a query. Default: see `defaultUrl`. */
  readonly url?: string | URL;
  /** Called when a token is needed, once at a time. Undefined or absent: connect without one. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  /** How the token travels. Default `subprotocol`. */
  readonly tokenIn?: 'subprotocol' | 'query';
  /** Default: the global one. */
  readonly WebSocket?: WebSocketConstructor;
  readonly fetch?: typeof globalThis.fetch;
  readonly logger?: ClientLogger;
  /** The origin story's rule: asked for a close that was not ours; false stops. Default: the table of codes. */
  readonly shouldReconnect?: (event: { code: number; reason: string; wasClean: boolean }) => boolean;
  /** From the try until `welcome`, and again from the socket's `open`. Default 10,000; less would cut off tries that Chromium holds back. */
  readonly connectTimeoutMs?: number;
  /** How long a session must have lasted before backoff starts anew. Default 10,000. */
  readonly stableMs?: number;
  /** How long a channel stays subscribed after its last listener left. Default 3,000. */
  readonly lingerMs?: number;
  /**
   * `foreign`: a server that does not speak Telltale's protocol. The line is open at the socket's `open`, text goes to
   * `onText` as it came, and there is no subscribing, resuming or outbox. Default `telltale`.
   */
  readonly speaks?: 'telltale' | 'foreign';
}

export interface ClientLogger {
  debug(text: string, fields?: object): void;
  info(text: string, fields?: object): void;
  warn(text: string, fields?: object): void;
}

export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/** What the client uses of a WebSocket; browsers' and the `ws` package's both fit. */
export interface WebSocketLike {
  readonly readyState: number;
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** How fresh a subscription is. */
export type Freshness =
  | { readonly kind: 'live' }
  | { readonly kind: 'catching-up' }
  /** The line is away since then; what is shown was true then. */
  | { readonly kind: 'stale'; readonly since: number }
  /** Live again, but messages are missing; stays until acknowledged. Size unknown after a reset. */
  | { readonly kind: 'gap'; readonly gap: Gap | undefined };

/** A message as the client holds it: offsets count anew in each epoch, so only both together name it. */
export type HeldMessage<Data = unknown> = Message<Data> & { readonly epoch: string };

export interface SubscribeOptions {
  /** What a first read asks for; default: what the channel's definition says. The first listener of a channel decides. */
  readonly since?: Since;
  /** Most messages of a stream to hold; the largest of all listeners' counts. Default 5,000. */
  readonly keep?: number;
}

/** One change to what a subscription holds, in order. */
export type SubscriptionEvent<Data = unknown> =
  /**
   * What is held comes first, to who begins to listen; then what is new. `gap`: missing in front of these messages, or behind
   * what came before where there are none.
   */
  | { readonly type: 'messages'; readonly messages: readonly HeldMessage<Data>[]; readonly gap?: Gap }
  /**
   * The log began a new life: a stream keeps its history; a table starts anew. A table's comes when the new table is
   * whole, with all its rows as `messages` right behind, so old rows stay on the screen until then.
   */
  | { readonly type: 'reset' }
  /** Somebody else is signed in now: forget everything held. */
  | { readonly type: 'cleared' }
  | { readonly type: 'freshness'; readonly freshness: Freshness }
  /** Rights lost, or no such channel. */
  | { readonly type: 'denied'; readonly code: number; readonly reason: string };

export interface Subscription<Data = unknown> {
  readonly channel: string;
  readonly kind: ChannelKind | undefined;
  readonly freshness: Freshness;
  readonly denied: { readonly code: number; readonly reason: string } | undefined;
  readonly position: Position | undefined;
  readonly messageType?: Data;
  /** What is held now: a table's rows in the order they first came, a stream's messages, oldest first. A new array after each change. */
  readonly held: readonly HeldMessage<Data>[];
  /** Takes note of a gap: freshness goes back to `live`. */
  acknowledgeGap(): void;
  close(): void;
}

export interface PublishOptions {
  readonly key?: string;
  /** How long it may wait for the line, in milliseconds. Default 30,000; 0: only now; `Infinity`: until it is sent. */
  readonly keepFor?: number;
}

/** What became of a publish. */
export type PublishOutcome =
  | { readonly kind: 'published'; readonly result: PublishResult }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string }
  /**
   * Waited longer than `keepFor`, or the chunk that keeps it could not be loaded. Not sent, or sent without an answer:
   * `uncertain`.
   */
  | { readonly kind: 'expired'; readonly uncertain: boolean }
  /** Set aside: another identity is signed in now. */
  | { readonly kind: 'set-aside' };

export interface OutboxItem {
  readonly channel: string;
  readonly key?: string;
  readonly data: unknown;
  readonly once?: Once;
  readonly queuedAt: number;
  readonly expiresAt: number;
}

/** The connection: one state machine over many socket attempts. */
export interface Connection {
  readonly state: ConnectionState;
  /** Round-trip time of the last ping, in milliseconds. */
  readonly roundTripMs: number | undefined;
  /** Server's clock minus ours, in milliseconds. */
  readonly clockOffsetMs: number;
  /** When the newest message of any subscription arrived, by our clock. */
  readonly newestAt: number | undefined;
  /** Called at each change of `state`; the getters above are current then. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Opens the line; without effect where it is open or on its way. */
  connect(): void;
  /** Ends it by our own will: it stays closed until `connect`. */
  close(reason?: string): void;
  /** Tries at once instead of waiting. */
  retryNow(): void;
  /** Messages of one channel are read once however many subscribe; each listener gets what is held first, then changes. */
  subscribe<Data = unknown>(
    channel: string,
    listener: (event: SubscriptionEvent<Data>) => void,
    options?: SubscribeOptions,
  ): Subscription<Data>;
  /** Never rejects: what became of it is the outcome. */
  publish(channel: string, data: unknown, options?: PublishOptions): Promise<PublishOutcome>;
  /** Asks for something now; rejects with a `CallError` if the line is away, breaks, or the server says no. */
  call(method: string, params?: unknown): Promise<unknown>;
  /**
   * Sends a request of the application's own making, now or never, and resolves with the answer; undefined: the line was
   * away, or broke before the answer. For who numbers publishes himself: nothing is queued, repeated or paced. Rejects
   * only where a part of the client could not be loaded.
   */
  ask(frame: RequestFrame): Promise<ResultFrame | ErrorFrame | undefined>;
  /** What waits to be sent, oldest first. */
  readonly outbox: readonly OutboxItem[];
  /** Freshness of the whole line: of all subscriptions the one that is worst off; of none, whether the line is open. */
  readonly freshness: Freshness;
  /** Sends text, or an object as JSON; an object with a `type` and no `id` gets one. False: the line is not open. */
  send(frame: string | object): boolean;
  /**
   * Finds out why it does not connect: runs every check that can be made from here, opens a socket of its own where the
   * connection is not open, and comes to one verdict. Never rejects, takes less than 10 s, holds no secret.
   */
  diagnose(options?: DiagnoseOptions): Promise<Diagnosis>;
  /** Every frame after it was applied (messages that were held already are left out); of a foreign server every text. */
  onFrame(listener: (frame: ServerFrame | undefined, text: string) => void): () => void;
}

/** A request without its `id`, which the connection gives. */
export type RequestFrame = WithoutId<PublishFrame | CallFrame>;

// Distributes over the union, so that each frame keeps its own fields.
type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'id'> : never;

/** Why a `call` failed: `code` is one of the table, 1006 where the line was away or broke before the answer. */
export interface CallError extends Error {
  readonly code: number;
  readonly retryable: boolean;
}
