// What became of recent attempts, for the page that made one and could not read why it failed (REF8). Written by
// upgrade/ and when a session ends; bounded, so that strangers cost a fixed amount of memory, and fair, so that a flood
// from one address does not make the gateway forget what it told others.

import type { PublicRefusal } from '@telltale/protocol';
import type { AttemptOutcome } from '../types.ts';
import { addressKey } from './address.ts';

/** How an admitted attempt's session ended. */
export interface AttemptEnd {
  readonly code: number;
  readonly name: string;
  readonly reason: string;
}

export interface Attempts {
  /** Takes an id for an attempt that begins now; false if it is already somebody's (ADM12). */
  claim(id: string, address: string): boolean;
  refused(id: string, refusal: PublicRefusal): void;
  admitted(id: string): void;
  /** Says how an admitted attempt's session ended. */
  ended(id: string, end: AttemptEnd): void;
  outcome(id: string): AttemptOutcome;
  /** Calls back once an attempt that is being decided has been; false: it is not being decided. */
  whenDecided(id: string, callback: () => void): boolean;
}

export interface AttemptBounds {
  /** Attempts that are over. Default 10,000. */
  readonly limit?: number;
  /** Of these, from one address. Default 1,000. */
  readonly perAddress?: number;
  /** Milliseconds that only ever grow. */
  readonly monotonic?: () => number;
}

/** Being decided. */
interface Deciding {
  readonly from: string;
  /** Undefined: nobody waits, which is nearly always. */
  waiting: (() => void)[] | undefined;
}

interface Over {
  readonly from: string;
  /** Since when, by the monotonic clock. */
  readonly at: number;
  readonly outcome: AttemptOutcome;
}

const admitted: AttemptOutcome = { state: 'admitted' };

/** Remembers every attempt that is not over, and the newest that are. */
export function createAttempts({
  limit = 10_000,
  perAddress = 1_000,
  monotonic = () => performance.now(),
}: AttemptBounds = {}): Attempts {
  // What is not over is never forgotten: of that there is no more than sockets.
  const deciding = new Map<string, Deciding>();
  /** From where, of those whose session lives. */
  const living = new Map<string, string>();
  const over = new Map<string, Over>();
  /** Ids of those that are over, by address, the oldest first. */
  const ofAddress = new Map<string, Set<string>>();
  /** When the youngest was over that is forgotten; what came before this process began is as good as that. */
  let forgottenAt = monotonic();

  const forget = (id: string): void => {
    const { from = '', at = forgottenAt } = over.get(id) ?? {};
    forgottenAt = Math.max(forgottenAt, at);
    over.delete(id);
    const ids = ofAddress.get(from);
    ids?.delete(id);
    if (ids?.size === 0) ofAddress.delete(from);
  };
  const settle = (id: string, outcome: AttemptOutcome): void => {
    const attempt = deciding.get(id);
    const from = attempt?.from ?? living.get(id);
    if (from === undefined) return;
    deciding.delete(id);
    living.delete(id);
    const ids = ofAddress.get(from) ?? new Set();
    ofAddress.set(from, ids.add(id));
    over.set(id, { from, at: monotonic(), outcome });
    if (ids.size > perAddress) forget(ids.values().next().value as string);
    if (over.size > limit) forget(over.keys().next().value as string);
    for (const callback of attempt?.waiting ?? []) callback();
  };

  return {
    claim(id, address) {
      if (deciding.has(id) || living.has(id) || over.has(id)) return false;
      deciding.set(id, { from: addressKey(address), waiting: undefined });
      return true;
    },
    refused: (id, refusal) => settle(id, { state: 'refused', refusal }),
    admitted(id) {
      const attempt = deciding.get(id);
      if (attempt === undefined) return;
      deciding.delete(id);
      living.set(id, attempt.from);
      for (const callback of attempt.waiting ?? []) callback();
    },
    ended: (id, { code, name, reason }) => settle(id, { state: 'admitted', ended: { code, name, reason } }),
    outcome(id) {
      if (living.has(id)) return admitted;
      return over.get(id)?.outcome ?? { state: 'unseen', rememberedMs: Math.floor(monotonic() - forgottenAt) };
    },
    whenDecided(id, callback) {
      const attempt = deciding.get(id);
      if (attempt === undefined) return false;
      (attempt.waiting ??= []).push(callback);
      return true;
    },
  };
}
