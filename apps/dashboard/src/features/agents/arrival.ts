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
  /** Somebody ended it, or made another for the same name, or that one was used. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'expired' };

/** @param wasListed whether `isListed` was true before: what is not listed yet is not ended. */
export function arrivalOf(asked: Asked, rows: readonly AgentRow[], now: number, wasListed: boolean): Arrival {
  const { id, expiresAt } = asked;
  for (const { agent, credential, conflict, lastSeenAt } of rows) {
    if (credential?.enrolment !== id) continue;
    if (conflict !== null) return { kind: 'refused', agent };
    const hasCome = lastSeenAt !== null && lastSeenAt >= credential.since;
    return { kind: hasCome ? 'arrived' : 'enrolled', agent };
  }
  if (now >= expiresAt) return { kind: 'expired' };
  return wasListed && !isListed(asked, rows) ? { kind: 'ended' } : { kind: 'waiting' };
}

/** Whether the row of its name says that it waits. One without a name is in no row, and nobody can end it. */
export function isListed({ name, expiresAt }: Asked, rows: readonly AgentRow[]): boolean {
  return rows.some((row) => row.agent === name && row.expiresAt === expiresAt);
}
