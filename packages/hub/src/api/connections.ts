// What the hub says of attempts to connect, and of the sessions that some of them become: types only. Texts that a
// stranger chose (origin, path, program, names) are data, never markup.

import type { IdentityKind, Scope, Stage } from '@telltale/protocol';

/** Where an attempt came from and what it asked for. */
export interface AttemptFacts {
  /** The id it chose, or was given. */
  readonly attempt: string;
  /** Behind trusted proxies the address they tell. */
  readonly address: string;
  readonly origin: string | null;
  /** Without query. */
  readonly path: string;
  /** What its browser or program calls itself (`User-Agent`), at most 200 characters; null: it did not say. */
  readonly program: string | null;
}

/** A row of the table `sessions` (operators); the key is the session's id. Figures are fresh while somebody reads it. */
export interface SessionRow extends AttemptFacts {
  readonly session: string;
  readonly user: string;
  readonly kind: IdentityKind;
  readonly scope: Scope;
  readonly since: number;
  readonly roundTripMs: number | null;
  /** Channels it is subscribed to. */
  readonly subscriptions: number;
  /** How many of them are behind, and since when the worst is; null: none. */
  readonly behind: number;
  readonly behindSince: number | null;
  readonly sentBytes: number;
  readonly sentMessages: number;
  readonly receivedBytes: number;
}

/** A row of the table `refusals` (operators): the same refusal of the same attempt, folded. The key is `id`. */
export interface RefusalRow extends AttemptFacts {
  readonly id: string;
  readonly code: number;
  /** A `RefusalName`. */
  readonly name: string;
  readonly stage: Stage;
  readonly reason: string;
  readonly hint: string;
  /** The line to add to the hub's settings, complete: `TELLTALE_ALLOWED_ORIGINS=https://a.example,https://b.example`. */
  readonly setting: string | null;
  /** What only operators may know. */
  readonly detail: string | null;
  /** Who the credential said it was, where one was read. */
  readonly user: string | null;
  /** When it came first and last, how often; `attempt` is the newest. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/**
 * A row of the table `endings` (operators): a session that has ended, or an attempt whose peer had left before it was
 * admitted; the newest 500. The key is the id of the session, or else of the attempt.
 */
export interface EndingRow extends AttemptFacts {
  /** Null: it left before there was one. */
  readonly session: string | null;
  readonly code: number;
  readonly name: string;
  readonly reason: string;
  readonly by: 'client' | 'gateway' | 'network';
  readonly wasClean: boolean;
  readonly user: string;
  readonly kind: IdentityKind;
  /** When the session began; without one, when the attempt arrived. */
  readonly since: number;
  readonly endedAt: number;
}

/** An item of the stream `attempts` (operators): what happened in one second; seconds without anything are left out. */
export interface AttemptRates {
  /** Begin of the second, milliseconds since the epoch. */
  readonly at: number;
  /** How many attempts a second were usual then: a storm is measured by it, and changes it only where it lasts a day. */
  readonly usual: number;
  readonly admitted: number;
  /** Of those admitted, how many came back: for each a session of the same name, address and program had ended in the last minute, also before a restart. */
  readonly returned: number;
  /** By `RefusalName`: its code and stage are in the table of codes, and two reasons of one code stay two. */
  readonly refused: Readonly<Record<string, number>>;
  /** They would have been admitted, and had left before. */
  readonly left: number;
  /** Sessions that ended, by close code. */
  readonly ended: Readonly<Record<string, number>>;
}

/** One check of admission, in order. */
export interface AttemptStep {
  readonly stage: Stage;
  readonly outcome: 'passed' | 'refused' | 'not-reached';
  /** What was found there, in words for an operator; null: nothing to say. */
  readonly found: string | null;
}

/** What happened to a session, in order. */
export type AttemptEvent = { readonly at: number } & (
  | { readonly type: 'subscribed' | 'catching-up' | 'caught-up'; readonly channel: string }
  /** `reason`: why the gateway ended it; null: its own page asked for it. */
  | { readonly type: 'unsubscribed'; readonly channel: string; readonly reason: string | null }
  | { readonly type: 'gap'; readonly channel: string; readonly from: number; readonly to: number }
  /** The newest of its kind replaces the one before unless it differs much. */
  | { readonly type: 'round-trip'; readonly roundTripMs: number }
  | { readonly type: 'renewed'; readonly expiresAt: number | null }
  /** A new credential was not taken. The same again takes the place of the one before. */
  | { readonly type: 'renewal-refused'; readonly code: number; readonly reason: string }
  /** The page asked what had become of the attempt. */
  | { readonly type: 'asked' }
  /** It would have been admitted, and its peer had left before it could be told. */
  | { readonly type: 'left'; readonly user: string }
  /** So many events before are gone: more came than are kept. */
  | { readonly type: 'dropped'; readonly count: number }
);

/** `GET /api/attempts/<id>` (operators): everything the hub remembers of one attempt. */
export interface AttemptRecord extends AttemptFacts {
  readonly at: number;
  /** The proxies it came through, nearest last; empty: none that are trusted. */
  readonly proxies: readonly string[];
  /** `Dashboard`, `Chat`, …; null: no such endpoint. */
  readonly title: string | null;
  readonly steps: readonly AttemptStep[];
  /** From its arrival to the decision. */
  readonly decidedMs: number | null;
  readonly refusal: Omit<RefusalRow, keyof AttemptFacts> | null;
  /** How the refusal was told: a `refused` frame and a close, or an HTTP status. */
  readonly told: 'frame' | 'http' | null;
  readonly session: Omit<SessionRow, keyof AttemptFacts> | null;
  readonly ending: Omit<EndingRow, keyof AttemptFacts> | null;
  readonly events: readonly AttemptEvent[];
  /** The lines of the hub's log about it. */
  readonly log: readonly string[];
}
