// The rows of the list of agents: one view per agent, and one per machine that was refused in an agent's name. Pure.
// A view that says the same as before is the same object, and so is the list, so that only what changed is drawn.

import type { AgentRow, VitalsRow } from '@telltale/hub/api';
import { shownName } from '../../words/name.ts';
import { copyDetail, isClockOff, saidOf, saidOfCopy, type Moment, type Said, type Standing } from './standing.ts';

export type Level = 'warn' | 'crit';

export interface AgentView extends Said {
  /** Names the row: an agent, and the machine that was refused in its name, are two. */
  readonly key: string;
  readonly agent: string;
  /** What its machine calls itself, where that is another name. */
  readonly title: string;
  /** Another machine with this agent's credential: which one; undefined: the agent itself. */
  readonly copy: string | undefined;
  /** When the other machine first came; 0 where `copy` is absent. */
  readonly copySince: number;
  /** What stands there was true some time ago. */
  readonly isStale: boolean;
  /** Shares, 0 to 100; null: not known. */
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly disk: number | null;
  readonly diskLevel: Level | undefined;
  readonly history: VitalsRow['history'] | undefined;
  /** How long ago the newest value of `history` was, in whole steps of it. */
  readonly historyAgeMs: number;
  readonly roundTripMs: number | null;
  readonly runs: number | null;
  readonly version: string;
  /** 0 is what a person should look at first. */
  readonly rank: number;
}

/** The steps of `VitalsRow.history`. */
export const historyStepMs = 10_000;

const standings: readonly Standing[] = [
  'refused',
  'lost',
  'silent',
  'closed',
  'late',
  'catching-up',
  'live',
  'runs-only',
  'never-seen',
  'revoked',
];

export function viewsOf(
  rows: readonly AgentRow[],
  vitals: readonly VitalsRow[],
  moment: Moment,
  before: readonly AgentView[] = [],
): readonly AgentView[] {
  const byAgent = new Map(vitals.map((row) => [row.agent, row]));
  const held = new Map(before.map((view) => [view.key, view]));
  const next = rows.flatMap((row) => {
    const views = [viewOf(row, byAgent.get(row.agent), moment)];
    if (row.conflict !== null) views.push(copyOf(row, row.conflict, moment));
    return views.map((view) => {
      const old = held.get(view.key);
      return old !== undefined && isSame(old, view) ? old : view;
    });
  });
  return next.length === before.length && next.every((view, index) => view === before[index]) ? before : next;
}

function viewOf(row: AgentRow, vitals: VitalsRow | undefined, moment: Moment): AgentView {
  const said = saidOf(row, vitals, moment);
  const isStale = !moment.isUp || !['live', 'late', 'catching-up'].includes(said.standing);
  const disk = vitals?.disk ?? null;
  const diskLevel = disk === null || isStale || disk < 85 ? undefined : disk < 95 ? 'warn' : 'crit';
  const ageMs = vitals === undefined ? 0 : Math.max(0, moment.now - vitals.receivedAt);
  return {
    ...said,
    key: row.agent,
    agent: row.agent,
    title: row.title === row.agent ? '' : shownName(row.title),
    copy: undefined,
    copySince: 0,
    isStale,
    cpu: vitals?.cpu ?? null,
    memory: vitals?.memory ?? null,
    disk,
    diskLevel,
    history: vitals?.history,
    historyAgeMs: Math.floor(ageMs / historyStepMs) * historyStepMs,
    roundTripMs: isStale ? null : row.roundTripMs,
    runs: row.state === 'never-seen' || row.isTooOld ? null : row.runs,
    version: shownName(row.version),
    rank: rankOf(said.standing, { needsCare: row.isTooOld || isClockOff(row.clockOffsetMs), diskLevel }),
  };
}

function copyOf(row: AgentRow, conflict: NonNullable<AgentRow['conflict']>, moment: Moment): AgentView {
  return {
    ...saidOfCopy(moment),
    key: `${row.agent} copy`,
    agent: row.agent,
    title: '',
    copy: copyDetail(conflict, moment.now),
    copySince: conflict.since,
    isStale: !moment.isUp,
    cpu: null,
    memory: null,
    disk: null,
    diskLevel: undefined,
    history: undefined,
    historyAgeMs: 0,
    roundTripMs: null,
    runs: null,
    version: '',
    rank: 0,
  };
}

/** Worst first: what stands wrong, then what is live but needs care, then what is well. */
function rankOf(
  standing: Standing,
  { needsCare, diskLevel }: { readonly needsCare: boolean; readonly diskLevel: Level | undefined },
): number {
  const base = standings.indexOf(standing);
  if (standing !== 'live') return base;
  if (diskLevel === 'crit') return base - 0.75;
  if (diskLevel === 'warn') return base - 0.5;
  return needsCare ? base - 0.25 : base;
}

function isSame(one: AgentView, other: AgentView): boolean {
  return (Object.keys(one) as (keyof AgentView)[]).every((name) => one[name] === other[name]);
}
