// Every frame of the wire: one JSON object in one WebSocket text message, `type` first. Times are milliseconds since
// the epoch. `decode-client-frame.ts` and `decode-server-frame.ts` read and check them; PROTOCOL.md holds the rules.

import type { ChannelKind } from './channel.ts';
import type { Code, Stage } from './codes.ts';
import type { Identity, Sender } from './identity.ts';
import type { Limits } from './limits.ts';
import type { Position } from './position.ts';

export const protocolVersion = 1;
export const subprotocol = 'telltale.v1';

/** One item in a channel. */
export interface Message<Data = unknown> {
  readonly offset: number;
  readonly time: number;
  /** Only in tables: which row this is. */
  readonly key?: string;
  readonly from?: Sender;
  /** In a table `null` removes the key. */
  readonly data: Data;
  /** Comes back to its sender, so that an outbox knows its own message. */
  readonly once?: Once;
}

/** Makes a publish idempotent: `seq` rises by 1 per (channel, producer), from 1. */
export interface Once {
  /** Random 128-bit id of one outbox, `[A-Za-z0-9_-]{22,64}`. */
  readonly producer: string;
  readonly seq: number;
}

/** The public part of a refusal: what the page, the program and the operator all read. */
export interface PublicRefusal {
  readonly code: number;
  /** A `RefusalName`; a string, since a newer gateway may know more of them. */
  readonly name: string;
  /** Absent, like `reason` and `hint`, for a foreign origin in production (REF4). */
  readonly stage?: Stage;
  /** What was found. */
  readonly reason?: string;
  /** What to do. */
  readonly hint?: string;
  readonly retry: boolean;
  readonly retryAfterMs?: number;
  readonly attempt: string;
}

/** Where a read begins: a position, the last so many messages, or the last so many seconds. */
export type Since = Position | { readonly last: number } | { readonly seconds: number };

/** How a read began: from what the definition says, from the position asked for, or anew because that was lost. */
export type Start = 'fresh' | 'resumed' | 'reset';

// --- what a server sends ---

export interface WelcomeFrame {
  readonly type: 'welcome';
  readonly protocol: number;
  readonly mode: 'development' | 'production';
  readonly session: string;
  readonly attempt: string;
  readonly identity: Identity;
  readonly time: number;
  readonly expiresAt?: number;
  readonly heartbeatMs: number;
  readonly limits: Limits;
  /** Channels the endpoint subscribed this session to. */
  readonly channels: readonly string[];
}

export interface RefusedFrame extends PublicRefusal {
  readonly type: 'refused';
}

export interface SubscribedFrame {
  readonly type: 'subscribed';
  /** Absent for an endpoint's own subscription, and when the server had to begin the read anew. */
  readonly id?: number;
  readonly channel: string;
  readonly kind: ChannelKind;
  readonly start: Start;
  /** Where the read starts; null where there is no log yet. */
  readonly position: Position | null;
}

export interface UnsubscribedFrame {
  readonly type: 'unsubscribed';
  readonly channel: string;
  readonly code: number;
  readonly reason: string;
  readonly retry: boolean;
}

export interface MessagesFrame<Data = unknown> {
  readonly type: 'messages';
  readonly channel: string;
  /** Null where there is no log yet; then `to` is 0. */
  readonly epoch: string | null;
  readonly messages: readonly Message<Data>[];
  /** Where one stands after applying this frame. */
  readonly to: number;
  /** True until the read has reached the head. */
  readonly more?: true;
  /** Messages that are gone, first and last inclusive; streams only. */
  readonly gap?: Gap;
}

export interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface ResultFrame {
  readonly type: 'result';
  readonly id: number;
  readonly data: unknown;
}

/** `data` of a publish's result. */
export interface PublishResult {
  readonly channel: string;
  /** Of the last message appended. */
  readonly position: Position;
  readonly duplicate?: true;
}

export interface ErrorFrame {
  readonly type: 'error';
  /** Absent if the request had none. */
  readonly id?: number;
  readonly code: Code;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** The `seq` the gateway expects next, where that is why. */
  readonly expected?: number;
}

export interface PingFrame {
  readonly type: 'ping';
  readonly at: number;
}

export interface PongFrame {
  readonly type: 'pong';
  readonly at: number;
  readonly time: number;
}

export interface GoodbyeFrame {
  readonly type: 'goodbye';
  readonly code: number;
  readonly reason: string;
  readonly retry: boolean;
  readonly retryAfterMs?: number;
}

export type ServerFrame =
  | WelcomeFrame
  | RefusedFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | MessagesFrame
  | ResultFrame
  | ErrorFrame
  | PingFrame
  | PongFrame
  | GoodbyeFrame;

// --- what a client sends ---

export interface SubscribeFrame {
  readonly type: 'subscribe';
  readonly id: number;
  readonly channel: string;
  readonly since?: Since;
}

export interface UnsubscribeFrame {
  readonly type: 'unsubscribe';
  readonly id: number;
  readonly channel: string;
}

export interface BatchItem {
  readonly key?: string;
  readonly data: unknown;
}

export type PublishFrame = {
  readonly type: 'publish';
  readonly id: number;
  readonly channel: string;
  readonly once?: Once;
} & (
  | { readonly key?: string; readonly data: unknown; readonly batch?: never }
  | { readonly batch: readonly BatchItem[]; readonly data?: never; readonly key?: never }
);

export interface CallFrame {
  readonly type: 'call';
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

export interface AuthenticateFrame {
  readonly type: 'authenticate';
  readonly id: number;
  readonly token: string;
}

export type ClientFrame =
  SubscribeFrame | UnsubscribeFrame | PublishFrame | CallFrame | AuthenticateFrame | PingFrame | PongFrame;
