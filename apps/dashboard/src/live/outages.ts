// When this page had no line to its hub, and why, so that a hole in the data can name its reason. Pure; `history.ts`
// keeps one list per connection. Times are by the hub's clock.

import type { ConnectionState } from '@telltale/client';

export type OutageReason =
  | 'hub does not answer'
  | 'hub restarted'
  | 'this browser is offline'
  | 'this browser was offline'
  | 'session ended'
  | 'hub did not answer';

/** One stretch without a line; without `to` it still lasts. */
export interface Outage {
  readonly from: number;
  readonly to?: number;
  readonly reason: OutageReason;
}

/** What the state of the line says about why no data comes; undefined while it is open or was never opened. */
export function outageReason(state: ConnectionState): OutageReason | undefined {
  switch (state.kind) {
    case 'idle':
    case 'open':
      return undefined;
    case 'offline':
      return 'this browser is offline';
    case 'closed':
      return 'session ended';
    case 'connecting':
      return state.cause === undefined ? undefined : 'hub does not answer';
    case 'waiting':
      return 'hub does not answer';
  }
}

/** Adds a change of the line's state. `at` is when it was noticed, `lastHeardAt` when data last came. */
export function lineChanged(
  outages: readonly Outage[],
  state: ConnectionState,
  at: number,
  lastHeardAt: number | undefined,
): readonly Outage[] {
  const last = outages.at(-1);
  const open = last !== undefined && last.to === undefined;
  const reason = outageReason(state);
  if (state.kind === 'open') {
    // Back: what the log kept meanwhile closes the hole; what stays open is time in which the hub stood still, unless
    // it says that its log began anew.
    return open ? [...outages.slice(0, -1), { ...last, to: at, reason: afterwards(last.reason) }] : outages;
  }
  if (reason === undefined) return outages;
  if (!open) return [...outages.slice(-50), { from: Math.min(at, lastHeardAt ?? at), reason }];
  return last.reason === reason || last.reason === 'this browser is offline'
    ? outages
    : [...outages.slice(0, -1), { ...last, reason }];
}

/** The channel's log began a new life: the last outage was a restart of the hub. */
export function logBeganAnew(outages: readonly Outage[], at: number): readonly Outage[] {
  const last = outages.at(-1);
  if (last === undefined) return [{ from: at, to: at, reason: 'hub restarted' }];
  return [...outages.slice(0, -1), { ...last, to: last.to ?? at, reason: 'hub restarted' }];
}

/** How long after a line is back the hub's tables have come too, in milliseconds. */
const tablesMs = 30_000;

/**
 * The hub's own tables, which it keeps in memory, began anew: an outage that has just passed was its restart. Samples are
 * stored and go on over one, so their log does not say.
 */
export function hubBeganAnew(outages: readonly Outage[], at: number): readonly Outage[] {
  const last = outages.at(-1);
  if (last === undefined || at - (last.to ?? at) > tablesMs) return outages;
  return logBeganAnew(outages, at);
}

function afterwards(reason: OutageReason): OutageReason {
  if (reason === 'this browser is offline') return 'this browser was offline';
  return reason === 'hub does not answer' ? 'hub did not answer' : reason;
}
