// What the connection pill says, in exactly the words of the reference: the line, the cause, the age of the newest
// data. Pure: state and clock in, words out.

import type { Cause, ConnectionState } from '../../live/connection.ts';
import { milliseconds } from '../../words/units.ts';
import { clock, clockMinute, duration } from '../../words/time.ts';

/** Names the thread's shape and the pill's ground. */
export type PillState =
  'live' | 'late' | 'stale' | 'catching' | 'paused' | 'reconnecting' | 'offline' | 'refused' | 'ended' | 'none';

export type PillAction = 'retry' | 'sign-in' | 'go-live' | 'explain';

export interface Pill {
  readonly state: PillState;
  /** The state in words. */
  readonly says: string;
  /** Beside it: round trip, try, code. */
  readonly detail?: string;
  /** After the divider: age of the newest data. */
  readonly aside?: string;
  readonly action?: PillAction;
  /** The hop that is known to be broken. */
  readonly cut?: 'page-hub' | 'hub-source';
  /** What a screen reader announces when the state changes; without figures that change by themselves. */
  readonly announce: string;
}

export interface PillQuestion {
  readonly state: ConnectionState;
  readonly roundTripMs: number | undefined;
  /** The hub's clock. */
  readonly now: number;
  /** The page's clock, in which the connection's own times are. */
  readonly localNow: number;
  /** When the newest sample was taken, its interval, and whether the read has reached the head. */
  readonly newest: { readonly at: number; readonly intervalMs: number } | undefined;
  /** Whether the hub was heard after its source fell silent. */
  readonly sourceSilent: boolean;
  readonly catchingUp: boolean;
  readonly pausedAt: number | undefined;
}

export function pillOf(question: PillQuestion): Pill {
  const { state, localNow } = question;
  switch (state.kind) {
    case 'idle':
      return { state: 'none', says: 'Not connected', announce: 'Not connected' };
    case 'connecting': {
      const says = state.tries > 1 ? `Connecting, try ${state.tries}` : 'Connecting';
      return { state: state.cause === undefined ? 'none' : 'reconnecting', says, announce: 'Connecting' };
    }
    case 'waiting': {
      const seconds = Math.max(1, Math.ceil((state.retryAt - localNow) / 1_000));
      return {
        state: 'reconnecting',
        says: `Reconnecting in ${seconds} s`,
        detail: `try ${state.tries + 1}`,
        action: 'retry',
        announce: 'Line lost. Reconnecting',
      };
    }
    case 'offline': {
      const says = `Offline since ${clockMinute(state.since)}`;
      return { state: 'offline', says, detail: 'this browser has no network', announce: `${says}: no network` };
    }
    case 'closed':
      return closed(state.cause);
    case 'open':
      return open(question);
  }
}

function open({ roundTripMs, now, newest, sourceSilent, catchingUp, pausedAt }: PillQuestion): Pill {
  const trip = roundTripMs === undefined ? {} : { detail: milliseconds(roundTripMs) };
  if (pausedAt !== undefined) {
    return {
      state: 'paused',
      says: 'Paused',
      detail: `at ${clock(pausedAt)}`,
      action: 'go-live',
      announce: 'Paused',
    };
  }
  const age = newest === undefined ? undefined : Math.max(0, now - newest.at);
  if (catchingUp) {
    const behind = age === undefined || age < 1_000 ? {} : { detail: `${duration(age)} behind` };
    return { state: 'catching', says: 'Catching up', ...behind, announce: 'Catching up' };
  }
  if (newest === undefined || age === undefined) return { state: 'live', says: 'Live', ...trip, announce: 'Live' };
  if (age > 5 * newest.intervalMs) {
    const says = `No data since ${clock(newest.at)}`;
    return sourceSilent
      ? { state: 'stale', says, ...trip, cut: 'hub-source', announce: 'The hub answers, but its source has stopped' }
      : { state: 'stale', says, announce: 'Nothing comes from the hub' };
  }
  if (age > 2 * newest.intervalMs) {
    return { state: 'late', says: `Late ${duration(age)}`, ...trip, announce: 'Data is late' };
  }
  return { state: 'live', says: 'Live', ...trip, aside: `newest ${duration(age)}`, announce: 'Live' };
}

function closed(cause: Cause): Pill {
  const says = causeWords(cause);
  const ended = cause.code === 4409 || cause.code === 4410;
  if (cause.code === 1000 || cause.code === 1001) return { state: 'none', says: 'Closed', announce: 'Closed' };
  const signIn = cause.next === 'sign-in' || ended;
  return {
    state: ended ? 'ended' : 'refused',
    says,
    detail: String(cause.code),
    action: signIn ? 'sign-in' : 'explain',
    announce: says,
  };
}

const endings: Readonly<Record<string, string>> = {
  'ended-by-operator': 'Session ended by an operator',
  'ended-by-user': 'Session ended from another login of yours',
  'account-disabled': 'Account disabled',
  'password-changed': 'Session ended: the password was changed',
  'signed-out': 'Signed out',
  'token-revoked': 'Session ended: the token was revoked',
  replaced: 'Session replaced by a newer one',
  ended: 'Session ended',
  'token-session-ended': 'Login ended',
};

/** The state in words for a line that is closed: `Session ended by an operator`, `Refused: origin not allowed`. */
export function causeWords({ code, name }: Pick<Cause, 'code' | 'name'>): string {
  const ending = endings[name];
  if (ending !== undefined) return ending;
  return code === 4409 || code === 4410 ? 'Session ended' : `Refused: ${name.replaceAll('-', ' ')}`;
}

/** How far this page can be sure to reach: each hop reached, cut, or unknown. */
export function hopsOf({ state, cut }: Pill): readonly ['reached' | 'cut' | 'unknown', 'reached' | 'cut' | 'unknown'] {
  switch (state) {
    case 'reconnecting':
    case 'offline':
    case 'refused':
    case 'ended':
      return ['cut', 'unknown'];
    case 'none':
      return ['unknown', 'unknown'];
    case 'stale':
      return cut === 'hub-source' ? ['reached', 'cut'] : ['unknown', 'unknown'];
    case 'live':
    case 'late':
    case 'catching':
    case 'paused':
      return ['reached', 'reached'];
  }
}

/** A line of a hint that a person copies: a setting or a command, where the hint has one. */
export function copyableLine(hint: string): string | undefined {
  return /\bTELLTALE_[A-Z_]+=\S*[^\s.,;]|\b(?:npx )?telltale (?:start|user|token|doctor)[^.;\n"”’]*|\bnpm start\b/
    .exec(hint)?.[0]
    ?.trim();
}

/** Closed on purpose; a restart that was announced. */
const told: ReadonlySet<number> = new Set([1_000, 1_012]);

/** Whether there is no line and nobody who decides has said why: then it is looked into. */
export function isUnexplained(state: ConnectionState): boolean {
  if (state.kind === 'idle' || state.kind === 'open') return false;
  // Codes of the gateway come with its own words; the others are a browser's, which tells no page what happened.
  return 'cause' in state && state.cause !== undefined && state.cause.code < 4_000 && !told.has(state.cause.code);
}
