// What to do after an end: the one table of codes, applied. Pure; the connection carries it out.

import { codeRule, type Stage } from '@telltale/protocol';
import type { Cause } from './types.ts';

/** An end as it was found, before anything is decided. Fields a frame said win over what the code alone would mean. */
export interface End {
  readonly attempt: string;
  readonly code: number;
  readonly name?: string;
  readonly stage?: Stage | undefined;
  readonly reason: string;
  readonly hint?: string | undefined;
  readonly wasClean: boolean;
  readonly retry?: boolean | undefined;
  readonly retryAfterMs?: number | undefined;
  /** A session that had been stable fell silent: its replacement need not wait. */
  readonly isReplaced?: boolean;
}

export interface RetryFacts {
  /** Tries since a session was last stable, the one that ended included. */
  readonly tries: number;
  readonly random: () => number;
  /** Whether a new token can be asked for, and whether that was done already without success. */
  readonly canRenew: boolean;
  readonly hasRenewed: boolean;
  /** The application's own word; undefined: none was asked. */
  readonly override: boolean | undefined;
}

export interface Decision {
  readonly next: Cause['next'];
  readonly delayMs: number;
  /** The server named the time: waking up does not cut it short. */
  readonly isSlot: boolean;
}

const baseMs = 2_000;
const highestMs = 30_000;

/** A random time in [0, min(30 s, 2 s · 2ⁿ)], n from 0 (CLI2). */
export function backoffMs(n: number, random: () => number): number {
  return random() * Math.min(highestMs, baseMs * 2 ** n);
}

const then = (next: Cause['next'], delayMs = 0, isSlot = false): Decision => ({ next, delayMs, isSlot });

export function decide(end: End, { tries, random, canRenew, hasRenewed, override }: RetryFacts): Decision {
  const { retry: rule } = codeRule(end.code);
  const { retry, retryAfterMs } = end;
  const isToken = rule === 'token';
  const wait = backoffMs(tries - 1, random);
  if (override === false) return then('stop');
  if (isToken || (rule === 'renew' && retry !== false)) {
    if (!canRenew || (isToken && hasRenewed)) return then('sign-in');
    return then('retry-with-new-token', hasRenewed ? wait : 0);
  }
  if (!(override ?? retry ?? rule !== 'stop')) return then('stop');
  return then('retry', retryAfterMs ?? (end.isReplaced ? 0 : wait), retryAfterMs !== undefined);
}
