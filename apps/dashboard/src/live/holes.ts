// Where data is missing between samples, and why. Pure. A chart draws no line across a hole.

import type { DroppedMessages } from '@telltale/agent/run-events';
import type { Sample } from '@telltale/agent/sample';
import type { Outage, OutageReason } from './outages.ts';

export type HoleReason = OutageReason | 'source stopped' | DropReason;

type DropReason =
  | 'agent’s spool was full'
  | 'agent’s disk was full'
  | 'hub refused them'
  | 'too large to send'
  | 'agent’s spool was damaged'
  | 'agent did not read them';

export interface Hole {
  readonly from: number;
  readonly to: number;
  readonly reason: HoleReason;
  /** It lasts until now, and grows. */
  readonly open: boolean;
}

/** Whether the hub can be heard: by a line that brings frames, by one that brings none, or not at all. */
export type HubState = 'answers' | 'silent' | 'away';

/** A hole is past 2.5 × the interval that the sample before it promised. */
const holeFactor = 2.5;
/** Where the line is known to have been away, one sample that is missing is enough. */
const outageHoleFactor = 1.5;

/**
 * All holes, oldest first. `now` is the hub's clock; `hub` says whether news could reach this page: `away`
 * without a line, `silent` while nothing at all came since the last sample.
 *
 * A source that is told to slow down promises its new interval only with its next sample, so the longer one of the
 * two holds, unless the line was away at that time.
 */
export function findHoles(
  samples: readonly Sample[],
  outages: readonly Outage[],
  now: number,
  hub: HubState,
  drops: readonly DroppedMessages[] = [],
): readonly Hole[] {
  const holes: Hole[] = [];
  for (let index = 1; index < samples.length; index += 1) {
    const before = samples[index - 1] as Sample;
    const after = samples[index] as Sample;
    const step = after.at - before.at;
    if (step <= outageHoleFactor * before.intervalMs) continue;
    const drop = drops.findLast(({ from, to }) => from <= after.at && to >= before.at);
    if (drop !== undefined) {
      // The agent knows best: it says that there were samples, and what became of them.
      holes.push({ from: before.at, to: after.at, reason: dropReasons[drop.reason], open: false });
      continue;
    }
    const outage = overlapping(outages, before.at, after.at);
    if (outage === undefined && step <= holeFactor * Math.max(before.intervalMs, after.intervalMs)) continue;
    holes.push({ from: before.at, to: after.at, reason: outage?.reason ?? 'source stopped', open: false });
  }
  const last = samples.at(-1);
  if (last !== undefined && now - last.at > last.intervalMs * (hub === 'away' ? 1 : holeFactor)) {
    const outage = hub === 'away' ? overlapping(outages, last.at, now) : undefined;
    holes.push({
      from: last.at,
      to: now,
      reason: outage?.reason ?? (hub === 'answers' ? 'source stopped' : 'hub does not answer'),
      open: true,
    });
  }
  return holes;
}

const dropReasons: Readonly<Record<DroppedMessages['reason'], DropReason>> = {
  'spool-full': 'agent’s spool was full',
  'disk-full': 'agent’s disk was full',
  refused: 'hub refused them',
  'too-large': 'too large to send',
  'spool-damaged': 'agent’s spool was damaged',
  rotated: 'agent did not read them',
};

function overlapping(outages: readonly Outage[], from: number, to: number): Outage | undefined {
  return outages.findLast((outage) => outage.from <= to && (outage.to ?? Number.POSITIVE_INFINITY) >= from);
}
