// What became of recent attempts, for the page that made one and could not read why it failed (REF8). Written by
// upgrade/ and when a session ends; bounded, so that strangers cost a fixed amount of memory.

import type { PublicRefusal } from '@telltale/protocol';
import type { AttemptOutcome } from '../types.ts';

export interface Attempts {
  /** Takes an id for an attempt that begins now; false if it is already somebody's (ADM12). */
  claim(id: string): boolean;
  refused(id: string, refusal: PublicRefusal): void;
  admitted(id: string): void;
  /** Says how an admitted attempt's session ended. */
  ended(id: string, end: { readonly code: number; readonly name: string; readonly reason: string }): void;
  outcome(id: string): AttemptOutcome;
}

/** Remembers the newest attempts; the oldest are forgotten first. */
export function createAttempts(limit = 10_000): Attempts {
  const outcomes = new Map<string, AttemptOutcome>();
  const unseen: AttemptOutcome = { state: 'unseen' };
  // Only a known id is written: what was forgotten while its session lived stays forgotten.
  const write = (id: string, outcome: AttemptOutcome): void => {
    if (outcomes.has(id)) outcomes.set(id, outcome);
  };
  return {
    claim(id) {
      if (outcomes.has(id)) return false;
      outcomes.set(id, unseen);
      if (outcomes.size > limit) outcomes.delete(outcomes.keys().next().value as string);
      return true;
    },
    refused: (id, refusal) => write(id, { state: 'refused', refusal }),
    admitted: (id) => write(id, { state: 'admitted' }),
    ended: (id, { code, name, reason }) => write(id, { state: 'admitted', ended: { code, name, reason } }),
    outcome: (id) => outcomes.get(id) ?? unseen,
  };
}
