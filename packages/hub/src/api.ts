// What the hub says over HTTP and in its own channels: types shared with the dashboard. No code.

import type { Once, Position, Scope } from '@telltale/protocol';

/** A row of the table `agents`; the key is the agent's name. */
export interface AgentRow {
  readonly agent: string;
  /** A title for people; a monitored machine chose it, so it is data, never markup. */
  readonly title: string;
  readonly platform: string;
  readonly cores: number;
  readonly version: string;
  readonly state: 'live' | 'offline';
  /** Since when it is in this state, milliseconds since the epoch. */
  readonly since: number;
}

/** A row of the table `sessions` (operators); the key is the session's id. */
export interface SessionRow {
  readonly session: string;
  readonly user: string;
  readonly kind: 'user' | 'agent' | 'anonymous';
  readonly scope: Scope;
  readonly address: string;
  readonly origin: string | null;
  readonly endpoint: string;
  readonly since: number;
  readonly roundTripMs: number | null;
  readonly subscriptions: number;
  readonly behind: number;
  readonly sentBytes: number;
}

/** Roles of accounts are scopes. */
export interface UserRow {
  readonly username: string;
  readonly name: string | null;
  readonly role: Scope;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number | null;
}

/** One login of one browser or program: what `GET /api/logins` lists for oneself, newest first. */
export interface LoginRow {
  readonly sid: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly address: string;
  readonly userAgent: string;
  /** The login that asks. */
  readonly current: boolean;
  /** Live WebSocket sessions of this login. */
  readonly sessions: number;
}

/** `POST /api/login` {username, password}, `POST /api/start` {code}. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
}

/** `POST /api/refresh` {}: a new token, or none where the page has no login to refresh. */
export type RefreshAnswer = TokenAnswer | { readonly access_token: null };

/** `GET /api/me`. */
export interface Me {
  readonly username: string;
  readonly name: string | null;
  readonly role: Scope;
  readonly kind: 'user' | 'agent' | 'anonymous';
}

/** `GET /api/hub`: what anybody may know before signing in. */
export interface HubFacts {
  readonly version: string;
  readonly mode: 'development' | 'production';
  readonly anonymous: boolean;
  readonly time: number;
}

/** Body of every HTTP error. A refusal's own fields where admission said no. */
export interface ApiError {
  readonly error: {
    readonly code: number;
    readonly name: string;
    /** What was found, what was expected. */
    readonly message: string;
    /** What to do. */
    readonly hint?: string;
    readonly retryAfterMs?: number;
    /** The `seq` a publish with `once` must have; as in the `error` frame. */
    readonly expected?: number;
  };
}

/** A message of `chat/<room>`; who said it is the message's `from`. */
export interface ChatMessage {
  readonly text: string;
}

/*
 * Bodies and answers of the routes. Every state-changing request is a POST with a JSON object; every answer is one.
 *
 *   POST /api/password       PasswordChange   → TokenAnswer: all other logins and every socket of theirs end (4410
 *                                               password-changed); the browser that asked gets a new login
 *   POST /api/logout         {}               → {}
 *   POST /api/tickets        {}               → TicketAnswer
 *   POST /api/publish        PublishRequest   → PublishAnswer
 *   GET  /api/channels/<channel>/messages?before=<epoch>:<offset>&limit=<n> → HistoryPage
 *   GET  /api/logins                          → LoginList
 *   POST /api/logins/end     {sid}            → {ended}: one's own login and its sockets
 *   POST /api/sessions/end   {session}        → {ended} (operators)
 *   GET  /api/users                           → UserList (admins, as all below)
 *   POST /api/users          NewUser          → UserRow
 *   POST /api/users/role     {username, role} → UserRow
 *   POST /api/users/disable  {username}       → UserRow
 *   POST /api/users/enable   {username}       → UserRow
 *   POST /api/users/password {username, password} → UserRow
 */

export interface TicketAnswer {
  readonly ticket: string;
  readonly expiresAt: number;
}

/** As the `publish` frame, by a Bearer, at most 1,000 requests and 2.5 MiB in 10 s; `data: null` removes a key of a table. */
export interface PublishRequest {
  readonly channel: string;
  readonly key?: string;
  readonly data: unknown;
  readonly once?: Once;
}

export interface PublishAnswer {
  readonly position: Position;
  readonly duplicate: boolean;
}

/** Older messages, oldest first; `position` is the head at which the page is true. Another epoch answers 409. */
export interface HistoryPage {
  readonly channel: string;
  readonly epoch: string | null;
  readonly position: Position | null;
  readonly messages: readonly {
    readonly offset: number;
    readonly time: number;
    readonly key?: string;
    readonly data: unknown;
  }[];
  readonly more: boolean;
}

export interface LoginList {
  readonly logins: readonly LoginRow[];
}

export interface UserList {
  readonly users: readonly UserRow[];
}

export interface NewUser {
  readonly username: string;
  readonly name?: string;
  readonly role: Scope;
  readonly password: string;
}

export interface PasswordChange {
  readonly current: string;
  readonly password: string;
}
