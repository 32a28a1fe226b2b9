// What has become of an enrolment: nothing yet, its token was used, its agent has come, it was refused, it was ended, or the
// token has run out. Told by the credential that came of it, not by the name: under that another machine may report all the
// while. Pure.

import type { AgentRow, Enrolment } from '@telltale/hub/api';

/** An enrolment that this page made. */
export type Asked = Pick<Enrolment, 'id' | 'name' | 'expiresAt'>;

export type Arrival =
  | { readonly kind: 'waiting' }
  /** A machine has used it, and has not come with its credential yet. */
  | { readonly kind: 'enrolled'; readonly agent: string }
  | { readonly kind: 'arrived'; readonly agent: string }
  | { readonly kind: 'refused'; readonly agent: string }
  /** It is over before its time: somebody ended it, or made another for the same name, or what it became is gone. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'expired' };

/** How much the page's clock and the hub's may differ, and how seldom both are looked at, in milliseconds. */
const clockMs = 3_000;

/** @param wasListed whether `isListed` was true before: what is not listed yet is not ended. */
export function arrivalOf(asked: Asked, rows: readonly AgentRow[], now: number, wasListed: boolean): Arrival {
  const { id, expiresAt } = asked;
  for (const { agent, credential, conflict, lastSeenAt } of rows) {
    if (credential?.enrolment !== id) continue;
    if (conflict !== null) return { kind: 'refused', agent };
    const hasCome = lastSeenAt !== null && lastSeenAt >= credential.since;
    return { kind: hasCome ? 'arrived' : 'enrolled', agent };
  }
  const isGone = wasListed && !isListed(asked, rows);
  // The hub takes it off the list when it runs out, which may be before this page's clock has got there.
  if (now >= expiresAt - (isGone ? clockMs : 0)) return { kind: 'expired' };
  return { kind: isGone ? 'ended' : 'waiting' };
}

/** Whether the row of its name says that it waits. One without a name is in no row, and nobody can end it. */
export function isListed({ name, expiresAt }: Asked, rows: readonly AgentRow[]): boolean {
  return rows.some((row) => row.agent === name && row.expiresAt === expiresAt);
}
