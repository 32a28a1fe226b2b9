// What has become of an enrolment: nothing yet, its token was used, its agent has come, it was refused, or the token has run
// out. Told by the credential that came of it, not by the name: under that another machine may report all the while. Pure.

import type { AgentRow, Enrolment } from '@telltale/hub/api';

/** An enrolment that this page made. */
export type Asked = Pick<Enrolment, 'id' | 'expiresAt'>;

export type Arrival =
  | { readonly kind: 'waiting' }
  /** A machine has used it, and has not come with its credential yet. */
  | { readonly kind: 'enrolled'; readonly agent: string }
  | { readonly kind: 'arrived'; readonly agent: string }
  | { readonly kind: 'refused'; readonly agent: string }
  | { readonly kind: 'expired' };

export function arrivalOf({ id, expiresAt }: Asked, rows: readonly AgentRow[], now: number): Arrival {
  for (const { agent, credential, conflict, lastSeenAt } of rows) {
    if (credential?.enrolment !== id) continue;
    if (conflict !== null) return { kind: 'refused', agent };
    const hasCome = lastSeenAt !== null && lastSeenAt >= credential.since;
    return { kind: hasCome ? 'arrived' : 'enrolled', agent };
  }
  return now >= expiresAt ? { kind: 'expired' } : { kind: 'waiting' };
}
