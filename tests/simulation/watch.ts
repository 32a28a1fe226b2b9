// Looks at everybody between two steps: what was published longer ago than the promise is there, what says that it is
// live is, and who has lost a right knows.

import { probeMs } from '../../packages/client/src/liveness.ts';
import { type ChannelName, isTable, written } from './channels.ts';
import { limits } from './process.ts';
import type { Listening, Viewer } from './viewer.ts';
import type { World } from './world.ts';

/**
 * How old what somebody holds may be, in milliseconds: over a good line, over a slow one, and whatever the line does. A slow
 * one here is behind on all of nine channels at once, which take turns, a frame of up to 64 KiB each. A line may stand
 * still for nearly two heartbeats, bring the first of what it held, and die: two more pass before silence tells (CLI4).
 */
const promises = { fastMs: 1500, slowMs: 30_000, liveMs: 4 * limits.heartbeatMs + 1000 } as const;
/** How long everything must have been well before the first of them holds. */
const wellMs = 4000;
/** A right that is lost is told within this, and time under way. */
const toldMs = 2500;
/** Who has slept says that it is live until it has found out: where something was under way to it, that takes a second probe. */
const awakeMs = limits.heartbeatMs + probeMs + 1000;

export function watch(world: World): void {
  for (const viewer of world.viewers) {
    for (const [channel, listening] of viewer.listening) {
      listening.view.look();
      watchRight(world, viewer, channel, listening);
      watchAge(world, viewer, channel, listening);
    }
  }
}

function watchRight({ now, faults }: World, viewer: Viewer, channel: ChannelName, listening: Listening): void {
  const { subscription, since } = listening;
  const lackedSince = viewer.rights.lackedSince(channel);
  if (lackedSince === undefined || isSlow(viewer)) return;
  if (Math.min(now - lackedSince, now - since, viewer.wellForMs(now)) < toldMs) return;
  if (subscription.denied === undefined)
    faults.add('rights-told', viewer.who, `found ${channel} as if it were allowed`);
}

function watchAge(world: World, viewer: Viewer, channel: ChannelName, listening: Listening): void {
  const { now, faults, truth } = world;
  const { subscription, since, view } = listening;
  // A slow line owes the messages of a stream to nobody's clock.
  if (subscription.denied !== undefined || (isSlow(viewer) && !isTable(channel))) return;
  const { fastMs, slowMs, liveMs } = promises;
  const promiseMs = isSlow(viewer) || (written as readonly string[]).includes(channel) ? slowMs : fastMs;
  const wellForMs = Math.min(viewer.wellForMs(now), now - since);
  const isWell = wellForMs >= Math.max(wellMs, promiseMs);
  const saysLive = view.liveSince !== undefined && viewer.movingForMs(now) >= awakeMs;
  const { position } = subscription;
  for (const [property, olderMs, applies] of [
    ['freshness', promiseMs, isWell],
    // Behind what a slow line has under way, a network that stood still does not show as silence.
    ['honest-live', isSlow(viewer) ? liveMs + slowMs : liveMs, saysLive],
  ] as const) {
    const newest = truth.life(channel)?.messages.findLast(({ at }) => at <= now - olderMs);
    if (!applies || newest === undefined) continue;
    const isThere = position?.epoch === truth.life(channel)?.epoch && (position?.offset ?? 0) >= newest.offset;
    if (isThere) continue;
    const found = `found ${channel} at ${position?.offset ?? 'nothing'}, expected ${newest.offset} of ${now - newest.at} ms ago`;
    faults.add(property, viewer.who, `${found}, where at most ${olderMs} ms are promised`);
  }
}

export function isSlow({ conditions }: Viewer): boolean {
  return conditions.bytesPerMs < 100;
}
