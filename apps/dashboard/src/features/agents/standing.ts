// How an agent stands, and exactly what the screen says about it. Pure: the hub's rows and the moment at which they are
// judged in, words out. Late and silent are told by the age of the newest sample at the hub's clock.

import type { AgentRow, VitalsRow } from '@telltale/hub/api';
import type { ThreadState } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { ago, clock, clockMinute, dayOr, duration, exactDuration } from '../../words/time.ts';
import { counted } from '../../words/units.ts';

export type Standing =
  'refused' | 'lost' | 'silent' | 'closed' | 'late' | 'catching-up' | 'live' | 'runs-only' | 'never-seen' | 'revoked';

/** When, and by whom, rows are judged. */
export interface Moment {
  /** The hub's clock. */
  readonly now: number;
  /** Up to when news could reach this page, by the hub's clock; what is silent after it may be the hub. */
  readonly heardAt: number;
  /** Without a line nobody can say that anything still holds. */
  readonly isUp: boolean;
  /** Of the hub: what an agent that is too old should become. */
  readonly hubVersion: string;
}

export interface Said {
  readonly standing: Standing;
  readonly thread: ThreadState;
  /** State and why, in one line. */
  readonly says: string;
  /** The same where there is little room. */
  readonly short: string;
}

/** Late is past 2 × the interval, silent past 5 ×. */
const lateFactor = 2;
const silentFactor = 5;
/** What an agent promises that has not said anything yet: its slow pace. */
const slowMs = 10_000;
/** However often an agent reports, its row here comes once in two seconds, and a little later than that. */
const rowMs = 3_000;
/** Younger than this is no delay: an agent joins what it reads and sends it together. */
const behindShownMs = 5_000;
/** A clock that is further off than this makes times on the screen misleading. */
const clockShownMs = 2_000;

const threads: Readonly<Record<Standing, ThreadState>> = {
  refused: 'refused',
  lost: 'stale',
  silent: 'stale',
  closed: 'offline',
  late: 'late',
  'catching-up': 'catching',
  live: 'live',
  'runs-only': 'none',
  'never-seen': 'none',
  revoked: 'ended',
};

/** What is said of an agent. */
export function saidOf(row: AgentRow, vitals: VitalsRow | undefined, moment: Moment): Said {
  const found = stateOf(row, vitals, moment);
  const { standing, short, notes = [] } = found;
  if (!moment.isUp) {
    const says = `Unknown. ${found.unknown}`;
    return { standing, thread: 'offline', says, short: says };
  }
  return { standing, thread: threads[standing], says: [found.says, ...notes].join('. '), short: short ?? found.says };
}

/** What is said of the machine that came with this agent's credential and was refused. */
export function saidOfCopy({ isUp }: Moment): Said {
  const words = 'Refused: credential in use on another machine';
  const says = isUp ? words : `Unknown. ${words}`;
  return {
    standing: 'refused',
    thread: isUp ? 'refused' : 'offline',
    says,
    short: isUp ? 'Refused: another machine' : says,
  };
}

/** Which machine that is: `mia-laptop at 10.0.0.9, 3 tries, the last 14:03:02`. */
export function copyDetail({ title, address, at, count }: NonNullable<AgentRow['conflict']>, now: number): string {
  const who = title === '' || title === address ? address : `${shownName(title)} at ${address}`;
  return `${who}, ${counted(count, 'try', 'tries')}, the last ${dayOr(clock, at, now)}`;
}

interface Found {
  readonly standing: Standing;
  readonly says: string;
  readonly short?: string;
  /** Sentences behind it. */
  readonly notes?: readonly string[];
  /** What held when the line of this page was lost. */
  readonly unknown: string;
}

function stateOf(row: AgentRow, vitals: VitalsRow | undefined, moment: Moment): Found {
  const { now } = moment;
  switch (row.state) {
    case 'lost': {
      const since = `Line lost ${dayOr(clock, row.since, now)}`;
      const age = ago(now - row.since);
      return {
        standing: 'lost',
        says: `${since}, ${age}`,
        short: `Line lost ${age}`,
        notes: ['It did not say goodbye'],
        unknown: since,
      };
    }
    case 'closed': {
      const says = `Closed by its machine at ${dayOr(clockMinute, row.since, now)}`;
      const why = row.reason === null || row.reason === '' ? '' : `, ${shownName(row.reason)}`;
      return { standing: 'closed', says: `${says}${why}`, short: 'Closed by its machine', unknown: says };
    }
    case 'never-seen':
      return { standing: 'never-seen', says: 'Never seen', notes: tokenNotes(row, now), unknown: 'Never seen' };
    case 'runs-only': {
      const seen = row.lastSeenAt ?? row.since;
      const says = `Runs only, last seen ${dayOr(clock, seen, now)}`;
      return { standing: 'runs-only', says: `${says}, ${ago(now - seen)}`, short: 'Runs only', unknown: says };
    }
    case 'revoked': {
      const says = `Revoked at ${dayOr(clockMinute, row.since, now)}`;
      return { standing: 'revoked', says, short: 'Revoked', unknown: says };
    }
    case 'live':
      return reporting(row, vitals, moment);
  }
}

function reporting(row: AgentRow, vitals: VitalsRow | undefined, { now, heardAt, hubVersion }: Moment): Found {
  const intervalMs = Math.max(vitals?.intervalMs ?? slowMs, rowMs);
  // A line that has just been opened has not been silent since before.
  const last = Math.max(vitals?.receivedAt ?? 0, row.since);
  const age = Math.min(now, heardAt) - last;
  const notes = [...clockNotes(row), ...versionNotes(row, hubVersion)];
  const known = clock(heardAt);
  if (age > silentFactor * intervalMs) {
    const says =
      vitals === undefined
        ? 'No sample yet'
        : `No sample since ${dayOr(clock, vitals.receivedAt, now)}, ${ago(now - vitals.receivedAt)}`;
    const unknown = `Silent at ${known}`;
    return { standing: 'silent', says, notes: ['Its line is open', ...notes], unknown };
  }
  if (row.behindMs > behindShownMs) {
    const says = `Catching up, ${exactDuration(row.behindMs)} behind`;
    return { standing: 'catching-up', says, notes, unknown: `Catching up at ${known}` };
  }
  if (age > lateFactor * intervalMs) {
    return {
      standing: 'late',
      says: `Late ${duration(Math.max(age - intervalMs, 1_000))}`,
      notes,
      unknown: `Late at ${known}`,
    };
  }
  return { standing: 'live', says: 'Live', notes, unknown: `Live at ${known}` };
}

function tokenNotes({ expiresAt }: AgentRow, now: number): readonly string[] {
  if (expiresAt === null) return [];
  const left = expiresAt - now;
  return [left > 0 ? `Its enrolment token is valid ${duration(left)} more` : 'Its enrolment token has run out'];
}

/** Whether times of this agent need a word about its clock. */
export function isClockOff(offsetMs: number | null): offsetMs is number {
  return offsetMs !== null && Math.abs(offsetMs) > clockShownMs;
}

/** `4.1 s ahead`, `2 min 3 s behind`. */
export function clockWords(offsetMs: number): string {
  const size = Math.abs(offsetMs);
  const words = size < 60_000 ? `${(size / 1_000).toFixed(1)} s` : exactDuration(size);
  return `${words} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}

function clockNotes({ clockOffsetMs }: AgentRow): readonly string[] {
  return isClockOff(clockOffsetMs) ? [`Its clock is ${clockWords(clockOffsetMs)}`] : [];
}

function versionNotes({ isTooOld }: AgentRow, hubVersion: string): readonly string[] {
  const wanted = /^\d+\.\d+/.exec(hubVersion)?.[0] ?? hubVersion;
  return isTooOld ? [`Version too old for runs, update to ${wanted}`] : [];
}
