// Who is connected now, as the table shows it: what each row says, and in which order. Pure. A row that says the same as
// before is the same object, so that a list of hundreds draws only what changed.

import type { SessionRow } from '@telltale/hub/api';
import { shownName } from '../../words/name.ts';
import { duration } from '../../words/time.ts';
import { bytes, grouped, milliseconds, missing, together } from '../../words/units.ts';

export interface SessionView {
  readonly row: SessionRow;
  readonly who: string;
  /** Fainter beside it: `agent`, `this page`; empty for a person. */
  readonly kind: string;
  readonly isOwn: boolean;
  /** Without scheme where that is https, as people say it; undefined: none was sent. */
  readonly origin: string | undefined;
  readonly since: string;
  readonly roundTrip: string;
  readonly channels: string;
  /** How long the worst of its channels has been behind, or how many are; undefined: none is. */
  readonly behind: string | undefined;
  readonly bytes: string;
  readonly messages: string;
}

export interface SessionMoment {
  readonly now: number;
  /** This page's own session. */
  readonly own: string | undefined;
}

export function sessionView(row: SessionRow, { now, own }: SessionMoment): SessionView {
  const isOwn = row.session === own;
  const who = shownName(row.user);
  return {
    row,
    who,
    kind: isOwn ? 'this page' : row.kind === 'user' || row.kind === row.user ? '' : row.kind,
    isOwn,
    origin: row.origin === null ? undefined : shownName(row.origin.replace(/^https:\/\//, '')),
    since: duration(Math.max(now - row.since, 1_000)),
    roundTrip: row.roundTripMs === null ? missing : milliseconds(row.roundTripMs),
    channels: grouped(row.subscriptions),
    behind: behindWords(row, now),
    bytes: together(bytes(row.sentBytes)),
    messages: grouped(row.sentMessages),
  };
}

function behindWords({ behind, behindSince }: SessionRow, now: number): string | undefined {
  if (behind === 0) return undefined;
  return behindSince === null ? `${grouped(behind)} of its channels` : duration(Math.max(now - behindSince, 1_000));
}

/** Views of rows; those that say what they said before are what they were before. */
export function sessionViews(
  rows: readonly SessionRow[],
  moment: SessionMoment,
  before: ReadonlyMap<string, SessionView>,
): readonly SessionView[] {
  return rows.map((row) => {
    const view = sessionView(row, moment);
    const known = before.get(row.session);
    return known !== undefined && isSame(known, view) ? known : view;
  });
}

function isSame(one: SessionView, other: SessionView): boolean {
  return one.row === other.row && one.since === other.since && one.behind === other.behind && one.isOwn === other.isOwn;
}

export type SessionColumn = 'who' | 'from' | 'origin' | 'since' | 'trip' | 'channels' | 'behind' | 'bytes' | 'messages';

export interface SessionOrder {
  readonly column: SessionColumn;
  readonly direction: 'ascending' | 'descending';
}

/** Who is behind first, then who has been here longest: what needs a person stands at the top. */
export const usualOrder: SessionOrder = { column: 'behind', direction: 'descending' };

const keys: Readonly<Record<SessionColumn, (row: SessionRow) => number | string | null>> = {
  who: ({ user }) => user,
  from: ({ address }) => address,
  origin: ({ origin }) => origin,
  // How long, so the smaller time is the larger value.
  since: ({ since }) => -since,
  trip: ({ roundTripMs }) => roundTripMs,
  channels: ({ subscriptions }) => subscriptions,
  behind: ({ behind, behindSince }) => (behind === 0 ? 0 : Number.MAX_SAFE_INTEGER - (behindSince ?? 0)),
  bytes: ({ sentBytes }) => sentBytes,
  messages: ({ sentMessages }) => sentMessages,
};

/** The order an address asks for. */
export function orderFrom(column: string | null, direction: string | null): SessionOrder {
  if (column === null || !Object.hasOwn(keys, column)) return usualOrder;
  return { column: column as SessionColumn, direction: direction === 'ascending' ? 'ascending' : 'descending' };
}

const natural = new Intl.Collator('en', { numeric: true });

/** Sorts a copy; equal ones by how long they have been here, what has no value last whichever way. */
export function ordered(views: readonly SessionView[], { column, direction }: SessionOrder): readonly SessionView[] {
  const key = keys[column];
  const sign = direction === 'ascending' ? 1 : -1;
  return [...views].sort(({ row: one }, { row: other }) => {
    const [left, right] = [key(one), key(other)];
    const rest = one.since - other.since || natural.compare(one.session, other.session);
    if (left === null || right === null) return Number(left === null) - Number(right === null) || rest;
    const by =
      typeof left === 'number' && typeof right === 'number' ? left - right : natural.compare(`${left}`, `${right}`);
    return by * sign || rest;
  });
}
