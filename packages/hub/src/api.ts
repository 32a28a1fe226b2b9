// What the hub says over HTTP and in its own channels: types shared with the dashboard. No code.

import type { RunStateJson } from '@telltale/agent/run-events';
import type { Once, Position, Scope } from '@telltale/protocol';

/** How an agent stands, as the hub knows it; late and stale are told by the age of its newest sample. */
export type AgentState =
  /** Its reporting session is open. */
  | 'live'
  /** It said goodbye. */
  | 'closed'
  /** Its line broke without a goodbye. */
  | 'lost'
  /** An enrolment token with its name waits to be used, or the machine was enrolled and has not reported yet. */
  | 'never-seen'
  /** Its credential was revoked. */
  | 'revoked';

/** A row of the tables `agents` and `agents/<agent>`; the key is the agent's name. Texts come from machines: data, never markup. */
export interface AgentRow {
  readonly agent: string;
  /** A title for people: the machine's own name for itself. */
  readonly title: string;
  readonly platform: string;
  readonly cores: number;
  readonly version: string;
  /** Its version is older than the hub's by at least a minor one. */
  readonly isTooOld: boolean;
  readonly state: AgentState;
  /** Since when it is in this state, milliseconds since the epoch. */
  readonly since: number;
  /** What it said at its goodbye. */
  readonly reason: string | null;
  /** When it was last heard, by the hub's clock. */
  readonly lastSeenAt: number | null;
  /** Its clock minus the hub's, in milliseconds. */
  readonly clockOffsetMs: number | null;
  readonly roundTripMs: number | null;
  /** Age of the oldest thing it has not sent yet; 0: it sends as it reads. */
  readonly behindMs: number;
  readonly spooledBytes: number;
  /**
   * Another machine came with this agent's credential and was refused; undecided until an admin says. The decision is
   * about the machine that is shown: a third one is shown only after it, or where this one has not come for 10 minutes.
   */
  readonly conflict: {
    /** What its program calls itself, or its address. */
    readonly title: string;
    readonly address: string;
    /** When it came first; the decision says it again, so that it is about no other machine. */
    readonly since: number;
    /** When it came last, and how often. */
    readonly at: number;
    readonly count: number;
  } | null;
  /** Its log files: `logs/<agent>/<file>`, and the path as the title. */
  readonly files: readonly { readonly file: string; readonly title: string }[];
  /** Runs under way. */
  readonly runs: number;
  /** Until when an enrolment token with its name can be used; null: none waits. One may wait for an agent that lives. */
  readonly expiresAt: number | null;
}

/** A row of the table `vitals`: an agent's newest sample in brief, the key is the agent's name; at most one in 2 s. */
export interface VitalsRow {
  readonly agent: string;
  /** When the sample was taken, by the agent's clock, and when it came, by the hub's. */
  readonly at: number;
  readonly receivedAt: number;
  readonly intervalMs: number;
  /** Shares, 0 to 100; null: this machine does not say. `disk` is its fullest. */
  readonly cpu: number;
  readonly memory: number;
  readonly disk: number | null;
  /** CPU of the last 15 minutes in steps of 10 s, oldest first, the last one is of `at`; null: a hole. */
  readonly history: readonly (number | null)[];
}

/** A row of the table `control/<agent>`, which that agent reads; written by the hub. */
export type ControlRow =
  /** Key `interval`: how often samples are wanted. */
  | { readonly type: 'interval'; readonly intervalMs: number }
  /** Key `cancel:<run>`: end this run. Stays until the run says that it ended. */
  | {
      readonly type: 'cancel';
      readonly run: string;
      readonly by: string;
      readonly at: number;
      readonly graceMs: number;
    };

export type RunRowState = 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** A row of the table `runs`; the key is the run's id. Its output and steps are in `runs/<run>`. */
export interface RunRow {
  readonly run: string;
  readonly agent: string;
  readonly name: string;
  readonly command: string | null;
  /** Who started it. */
  readonly by: string | null;
  readonly state: RunRowState;
  /** By the clock of its machine. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** 0 to 1. */
  readonly progress: number | null;
  readonly note: string | null;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly error: string | null;
  readonly cancelledBy: string | null;
  readonly steps: { readonly ended: number; readonly failed: number; readonly running: number };
  readonly lines: number;
  /** Since when no session of this run is open, by the hub's clock; null: one is, or the run has ended. */
  readonly awaySince: number | null;
}

/** `GET /api/runs/<run>`: what all events up to `position` come to; events after it are folded on by `foldRun`. */
export interface RunSnapshot {
  readonly row: RunRow;
  readonly state: RunStateJson;
  readonly position: Position | null;
  /** How long the last five ended runs of this name on this agent took and how they ended, newest first. */
  readonly earlier: readonly { readonly run: string; readonly tookMs: number; readonly state: RunRowState }[];
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
 *
 *   POST /api/enrolments     {name?}          → Enrolment (admins): a token for one machine, shown once
 *   POST /api/enrolments/end {name}           → {ended} (admins)
 *   POST /api/enrol          EnrolRequest     → EnrolAnswer (anyone who has a token)
 *   POST /api/agents/revoke  {agent}          → {} (admins): its credential ends, and its sockets with it
 *   POST /api/agents/remove  {agent}          → {} (admins): a revoked agent and all it reported are forgotten
 *   POST /api/agents/machine {agent, decision: 'allow' | 'keep', since} → {} (admins): which machine the credential is for
 *   GET  /api/runs/<run>                      → RunSnapshot (whoever may read `runs/<run>`)
 *   POST /api/runs/cancel    {run}            → {} (operators)
 *   GET  /api/retention                       → Retention (admins)
 *   POST /api/retention      Retention        → Retention (admins)
 *   GET  /api/download                        → Download (anyone)
 *   GET  /download/telltale-<version>.tgz     the command for other machines, its dependencies inside (anyone)
 */

export interface Enrolment {
  readonly token: string;
  readonly name: string | null;
  readonly expiresAt: number;
  /** The line to paste on the machine. */
  readonly line: string;
  /** SHA-256 of the command that the line fetches, in hexadecimal; null: this hub has none to hand out. */
  readonly sha256: string | null;
}

export interface EnrolRequest {
  readonly token: string;
  /** Where the enrolment names none: `[a-z0-9][a-z0-9._-]{0,63}`, not `local`. Absent: made of `title`. */
  readonly name?: string;
  /** What tells this machine from others, 16 to 128 characters of `[A-Za-z0-9_-]`; pinned. */
  readonly machine: string;
  readonly title?: string;
}

export interface EnrolAnswer {
  readonly agent: string;
  /** A JWT to connect with, together with `?machine=`. */
  readonly credential: string;
}

/** How long ended runs and log lines are kept, and how many bytes of each; what is older, or over, goes first. */
export interface Retention {
  readonly runDays: number;
  readonly runBytes: number;
  readonly logDays: number;
  readonly logBytes: number;
}

export interface Download {
  readonly version: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

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
