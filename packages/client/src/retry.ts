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
  /** What to wait where the server named no time (CLI2). */
  readonly delayMs: number;
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

const firstMs = 6_000;
const longestMs = 15_000;

/**
 * How long until the next try (CLI2). The time since the line was lost is cut into spans, [0, 6 s], [6, 12 s], [12, 24 s],
 * then each of 15 s, and one tries once in each, at a random moment of it. So of thousands that lose a server at once no
 * more than a sixth comes in any second, whenever it is back, and none waits past the end of the next span.
 *
 * @param awayMs since the first end without a stable session between; below 0 where the clock was set back, which makes no
 *   wait shorter
 */
export function backoffMs(awayMs: number, random: () => number): number {
  const away = Math.abs(awayMs);
  let from = 0;
  let length = firstMs;
  while (from < away) {
    from += length;
    length = Math.min(longestMs, from);
  }
  return from - away + length * random();
}

const then = (next: Cause['next'], delayMs = 0, isSlot = false): Decision => ({ next, delayMs, isSlot });

export function decide(end: End, { delayMs, canRenew, hasRenewed, override }: RetryFacts): Decision {
  const { retry: rule } = codeRule(end.code);
  const { retry, retryAfterMs } = end;
  const isToken = rule === 'token';
  if (override === false) return then('stop');
  if (isToken || (rule === 'renew' && retry !== false)) {
    if (!canRenew || (isToken && hasRenewed)) return then('sign-in');
    return then('retry-with-new-token', hasRenewed ? delayMs : 0);
  }
  if (!(override ?? retry ?? rule !== 'stop')) return then('stop');
  return then('retry', retryAfterMs ?? (end.isReplaced ? 0 : delayMs), retryAfterMs !== undefined);
}
