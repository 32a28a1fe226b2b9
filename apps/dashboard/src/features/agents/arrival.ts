// What has become of an enrolment: nothing yet, its agent is here, it was refused, or its token has run out. Pure.

import type { AgentRow } from '@telltale/hub/api';

/** An enrolment that this page made. */
export interface Asked {
  /** Undefined: the machine chooses. */
  readonly name: string | undefined;
  /** By the hub's clock. */
  readonly madeAt: number;
  readonly expiresAt: number;
  /** Agents that were there before it. */
  readonly before: ReadonlySet<string>;
}

export type Arrival =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'arrived'; readonly agent: string }
  | { readonly kind: 'refused'; readonly agent: string }
  | { readonly kind: 'expired' };

export function arrivalOf(asked: Asked, rows: readonly AgentRow[], now: number): Arrival {
  const { name, madeAt, expiresAt, before } = asked;
  const row = rows.find(({ agent, state }) =>
    name === undefined ? !before.has(agent) && hasCome(state) : agent === name,
  );
  if (row?.conflict !== undefined && row.conflict !== null && row.conflict.at >= madeAt) {
    return { kind: 'refused', agent: row.agent };
  }
  if (row !== undefined && hasCome(row.state) && (row.since >= madeAt || !before.has(row.agent))) {
    return { kind: 'arrived', agent: row.agent };
  }
  return now >= expiresAt ? { kind: 'expired' } : { kind: 'waiting' };
}

const hasCome = (state: AgentRow['state']): boolean => state === 'live' || state === 'lost' || state === 'closed';
