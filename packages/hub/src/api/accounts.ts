// What the hub says of people, their logins and tokens: types only.

import type { Scope } from '@telltale/protocol';

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
  /** The identity's, as `welcome` says it: what a page keeps for this person is kept under it. */
  readonly id: string;
  readonly username: string;
  readonly name: string | null;
  readonly role: Scope;
  readonly kind: 'user' | 'agent' | 'anonymous';
}

export interface TicketAnswer {
  readonly ticket: string;
  readonly expiresAt: number;
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
