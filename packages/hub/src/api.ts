// What the hub says over HTTP and in its own channels: types shared with the dashboard. No code.

import type { Scope } from '@telltale/protocol';

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

/** `POST /api/login` {username, password}, `POST /api/refresh` {}, `POST /api/start` {code}. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
}

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
  /** Set where TELLTALE_ALLOW_HTTP=1 lets a page that is not loopback connect without TLS: shown on the screen. */
  readonly plainHttp: boolean;
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
  };
}

/** A message of `chat/<room>`; who said it is the message's `from`. */
export interface ChatMessage {
  readonly text: string;
}
