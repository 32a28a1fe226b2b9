// One machine as its page shows it: its samples, what is missing and why, and the span of time that is drawn. Knows the
// page's line and pause; a machine whose clock is off is shown in its own time.

import type { Sample } from '@telltale/agent/sample';
import { useMemo } from 'react';
import { isSourceSilent } from '../../live/freshness.ts';
import { findHoles, type Hole, type HubState } from '../../live/holes.ts';
import type { History } from '../../live/history.ts';
import { useHistory, useHubNow, useLine } from '../../live/live.tsx';
import type { Outage } from '../../live/outages.ts';
import type { ChartSpan } from '../../ui/chart/chart-columns.ts';
import { useFrozen, usePause } from './pause.tsx';
import { rightEdge } from './right-edge.ts';

export interface MachineQuestion {
  readonly agent: string;
  /** How sentences call it: `this machine`, `web-1`. */
  readonly called: string;
  /** Its clock minus the hub's, where that is more than the way of a message. */
  readonly clockOffsetMs?: number;
  /** How much is shown, in milliseconds. */
  readonly rangeMs: number;
  /** Why nothing comes now, where more is known than that the source stopped. */
  readonly silence?: string | undefined;
}

/** What stands where data is missing, in words; as `Hole` otherwise. */
export type NamedHole = Omit<Hole, 'reason'> & { readonly reason: string };

export interface Machine {
  readonly agent: string;
  readonly called: string;
  readonly clockOffsetMs: number;
  readonly samples: readonly Sample[];
  readonly holes: readonly NamedHole[];
  /** The right edge of what is drawn, by the machine's clock. */
  readonly now: number;
  readonly span: ChartSpan;
  /** Whether this page has a line to its hub. */
  readonly isUp: boolean;
  /** Samples that came since the page was paused. */
  readonly missed: number;
  readonly denied: History['denied'];
  /** A span of the past is shown, and nothing live. */
  readonly isPast: boolean;
}

export function useMachine(question: MachineQuestion): Machine {
  const { agent, called, clockOffsetMs = 0, rangeMs, silence } = question;
  const live = useHistory(agent);
  const { samples, drops, outages, denied } = useFrozen(live);
  const line = useLine();
  const isUp = useFrozen(line.isUp);
  const tick = useHubNow(1_000) + clockOffsetMs;
  const { pausedAt } = usePause();
  const heardAt = line.heardAt === undefined ? undefined : line.heardAt + clockOffsetMs;
  const now = pausedAt === undefined ? rightEdge(samples.at(-1), tick, isUp) : pausedAt + clockOffsetMs;
  const hub: HubState = !isUp ? 'away' : isSourceSilent(samples.at(-1), heardAt) ? 'answers' : 'silent';
  const away = useMemo(() => shifted(outages, clockOffsetMs), [outages, clockOffsetMs]);
  const holes = useSame(named(findHoles(samples, away, now, hub, drops), silence));
  const span = useMemo(() => ({ from: now - rangeMs, to: now }), [now, rangeMs]);
  const missed = pausedAt === undefined ? 0 : live.samples.filter(({ at }) => at > pausedAt + clockOffsetMs).length;
  return { agent, called, clockOffsetMs, samples, holes, now, span, isUp, missed, denied, isPast: false };
}

/** Outages are known by the hub's clock. */
function shifted(outages: readonly Outage[], offsetMs: number): readonly Outage[] {
  if (offsetMs === 0) return outages;
  return outages.map((outage) => ({
    ...outage,
    from: outage.from + offsetMs,
    ...(outage.to === undefined ? {} : { to: outage.to + offsetMs }),
  }));
}

function named(holes: readonly Hole[], silence: string | undefined): readonly NamedHole[] {
  if (silence === undefined) return holes;
  return holes.map((hole) => (hole.open && hole.reason === 'source stopped' ? { ...hole, reason: silence } : hole));
}

/** The same array while nothing about the holes changed, so that charts need not be built anew. */
function useSame(holes: readonly NamedHole[]): readonly NamedHole[] {
  const said = JSON.stringify(holes);
  // The text stands for the array: equal holes are the same holes.
  return useMemo(() => JSON.parse(said) as readonly NamedHole[], [said]);
}
