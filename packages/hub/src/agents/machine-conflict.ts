// Another machine that came with an agent's credential: what is remembered of it until an administrator decides, and
// whom the decision is then about. Pure; the registry keeps it.

import { plainText } from '../plain-text.ts';

/** How a refused machine showed itself. */
export interface OtherMachine {
  readonly machine: string;
  readonly address: string;
  readonly userAgent: string | undefined;
}

export interface Conflict {
  /** Its fingerprint: what the credential will be for if it is allowed. */
  readonly machine: string;
  readonly title: string;
  readonly address: string;
  /** When it came first: what tells this conflict from a later one, without telling the fingerprint. */
  readonly since: number;
  /** When it came last. */
  readonly at: number;
  readonly count: number;
  /** An administrator has said that the agent stays where it is. Asked anew only about a third machine. */
  readonly isDismissed: boolean;
}

/** For so long what an administrator reads, and is about to decide, stays about the same machine. */
const heldMs = 600_000;

/** What is remembered once this machine has come as well; the same object where that changes nothing. */
export function withOtherMachine(before: Conflict | null, other: OtherMachine, now: number): Conflict | null {
  const { machine, address, userAgent } = other;
  if (before?.machine === machine) {
    return before.isDismissed ? before : { ...before, address, at: now, count: before.count + 1 };
  }
  if (before !== null && !before.isDismissed && now - before.at < heldMs) return before;
  const title = plainText(userAgent ?? '', 120);
  return { machine, title: title === '' ? address : title, address, since: now, at: now, count: 1, isDismissed: false };
}
