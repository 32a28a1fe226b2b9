// The samples of a machine in a span of the past, found in the hub's store. History is read by offset: the offset of a
// moment is found by a few questions, since samples come at an even pace. Pure but for the questions, which are passed in.

import type { DroppedMessages } from '@telltale/agent/run-events';
import type { Sample } from '@telltale/agent/sample';
import type { HistoryPage } from '@telltale/hub/api';
import { isDrop, isSample } from './samples.ts';

/** The newest messages before a position, or of all; oldest first. */
export type FetchSamples = (
  before: { readonly epoch: string; readonly offset: number } | undefined,
  limit: number,
) => Promise<HistoryPage>;

export interface PastSamples {
  readonly samples: readonly Sample[];
  readonly drops: readonly DroppedMessages[];
}

interface Mark {
  readonly offset: number;
  readonly at: number;
}

const mostQuestions = 24;
/** So many messages too many are read rather than asked about. */
const closeEnough = 200;
const pageSize = 1_000;
const mostPages = 8;
/** Before the span, so that lines enter from outside. */
const leadMs = 30_000;

/** Empty: nothing of that time is kept, or nothing came then. */
export async function findSamples(fetchPage: FetchSamples, from: number, to: number): Promise<PastSamples> {
  const { epoch, messages: last } = await fetchPage(undefined, 1);
  const newest = last.at(-1);
  if (newest === undefined || epoch === null) return { samples: [], drops: [] };
  const end = await offsetOf(fetchPage, epoch, markOf(newest), to);
  const samples = new Map<number, Sample>();
  const drops: DroppedMessages[] = [];
  let before = end + 1;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const { messages, more } = await fetchPage({ epoch, offset: before }, pageSize);
    for (const { data } of messages) {
      if (isSample(data)) {
        if (data.at >= from - leadMs && data.at <= to) samples.set(data.at, data);
      } else if (isDrop(data) && data.to >= from && data.from <= to) drops.push(data);
    }
    const [first] = messages;
    if (first === undefined || !more || markOf(first).at < from - leadMs) break;
    before = first.offset;
  }
  return { samples: [...samples.values()].sort((one, other) => one.at - other.at), drops };
}

/** The offset of a message at or a little after a time. */
async function offsetOf(fetchPage: FetchSamples, epoch: string, newest: Mark, to: number): Promise<number> {
  let high = newest;
  let low: { readonly offset: number; readonly at: number | undefined } = { offset: 0, at: undefined };
  for (let asked = 0; asked < mostQuestions; asked += 1) {
    if (high.at <= to || high.offset - low.offset <= closeEnough) break;
    const guess = between(low, high, to);
    const found = (await fetchPage({ epoch, offset: guess + 1 }, 1)).messages.at(-1);
    if (found === undefined || found.offset <= low.offset) {
      // What is older is not kept any more.
      low = { offset: guess, at: low.at };
      continue;
    }
    const mark = markOf(found);
    if (mark.at > to) high = mark.offset < high.offset ? mark : { offset: guess, at: mark.at };
    else low = { offset: guess, at: mark.at };
  }
  return high.offset;
}

/** Where the time should be, at an even pace; never so near an edge that nothing is learned. */
function between(low: { readonly offset: number; readonly at: number | undefined }, high: Mark, to: number): number {
  const size = high.offset - low.offset;
  const share =
    low.at === undefined || high.at <= low.at
      ? 1 - Math.min(1, (high.at - to) / 1_000 / size)
      : (to - low.at) / (high.at - low.at);
  return low.offset + Math.min(size - 1, Math.max(1, Math.round(size * Math.min(0.98, Math.max(0.02, share)))));
}

function markOf({ offset, time, data }: HistoryPage['messages'][number]): Mark {
  return { offset, at: isSample(data) ? data.at : time };
}
