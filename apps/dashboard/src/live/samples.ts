// The last quarter of an hour of one machine's samples, oldest first, each once, and what its agent had to drop. Pure;
// `history.ts` feeds it from the channel. It knows nothing of lines or reasons: that is `holes.ts`.

import { type DroppedMessages, type GapReason, gapReasons } from '@telltale/agent/run-events';
import type { Sample } from '@telltale/agent/sample';

/** How much is kept: the longest range of the charts, and one slow interval so that its left edge is not bare. */
export const keptMs: number = 15 * 60_000 + 25_000;

/**
 * Adds what arrived. A hub that restarted sends its whole new log, a resume may touch what is held: samples are
 * told apart by their time, and the later arrival wins.
 */
export function addSamples(held: readonly Sample[], arrived: readonly Sample[]): readonly Sample[] {
  if (arrived.length === 0) return held;
  const sorted = [...arrived].sort((one, other) => one.at - other.at);
  const first = sorted[0] as Sample;
  const newest = held.at(-1);
  const merged = newest === undefined || first.at > newest.at ? [...held, ...sorted] : merge(held, sorted);
  const oldest = (merged.at(-1) as Sample).at - keptMs;
  const start = merged.findIndex(({ at }) => at >= oldest);
  return start > 0 ? merged.slice(start) : merged;
}

function merge(held: readonly Sample[], arrived: readonly Sample[]): Sample[] {
  const byTime = new Map<number, Sample>();
  for (const sample of held) byTime.set(sample.at, sample);
  for (const sample of arrived) byTime.set(sample.at, sample);
  return [...byTime.values()].sort((one, other) => one.at - other.at);
}

/** Adds what an agent says it dropped; those of before the oldest sample that is kept are forgotten. */
export function addDrops(
  held: readonly DroppedMessages[],
  arrived: readonly DroppedMessages[],
  oldest: number,
): readonly DroppedMessages[] {
  if (arrived.length === 0) return held;
  const byTime = new Map([...held, ...arrived].map((drop) => [`${drop.from} ${drop.to}`, drop]));
  return [...byTime.values()].filter(({ to }) => to >= oldest);
}

/** Whether a message stands in the place of samples that were dropped. */
export function isDrop(data: unknown): data is DroppedMessages {
  if (!isObject(data) || data['type'] !== 'gap') return false;
  const { count, from, to, reason } = data;
  return isCount(count) && isCount(from) && isCount(to) && gapReasons.includes(reason as GapReason);
}

/** Whether a message has the shape of a sample: machines are not trusted to send what they should. */
export function isSample(data: unknown): data is Sample {
  if (typeof data !== 'object' || data === null) return false;
  const { at, intervalMs, cpu, memory, disks, disksLeftOut = 0 } = data as Partial<Record<keyof Sample, unknown>>;
  return (
    isCount(at) &&
    isCount(intervalMs) &&
    intervalMs > 0 &&
    isObject(cpu) &&
    isCount(cpu['total']) &&
    Array.isArray(cpu['cores']) &&
    Array.isArray(cpu['load']) &&
    isObject(memory) &&
    isCount(memory['used']) &&
    isCount(memory['total']) &&
    Array.isArray(disks) &&
    isCount(disksLeftOut)
  );
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
