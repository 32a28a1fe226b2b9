// Makes local logs of what a store has: the same offsets, the same bytes, and for retention the age that their wall-clock
// time says. Only the stored broker uses it.

import type { Clock } from '../clock.ts';
import { ChannelLog, type LogBounds, messageBytes } from '../log/channel-log.ts';
import type { Entry } from '../log/segment.ts';
import type { StoredPage } from './message-store.ts';

/** A log that begins with a page of the store; what is before it is reported as a gap to who asks for it (STO3). */
export function logOfPage(channel: string, bounds: LogBounds, page: StoredPage, clock: Clock): ChannelLog {
  const log = new ChannelLog(channel, page.epoch, bounds, beginningOf(page) - 1);
  log.adopt(entriesOf(page, 0, clock), page.head, clock.monotonic());
  return log;
}

/**
 * Adds to a log what a page has beyond its head, and takes over what messages say now that both have. Answers false where
 * the page does not join on to it.
 */
export function joinPage(log: ChannelLog, page: StoredPage, clock: Clock): boolean {
  if (page.epoch !== log.epoch || page.head < log.head || beginningOf(page) > log.head + 1) return false;
  for (const { first, time, bodies } of page.messages) {
    for (const [index, body] of bodies.entries()) {
      if (first + index <= log.head) log.replace(first + index, time, body);
    }
  }
  log.adopt(entriesOf(page, log.head, clock), page.head, clock.monotonic());
  return true;
}

function beginningOf({ messages, head }: StoredPage): number {
  return messages[0]?.first ?? head + 1;
}

function* entriesOf({ messages }: StoredPage, after: number, clock: Clock): Generator<Entry> {
  const now = clock.now();
  const monotonic = clock.monotonic();
  let latest = -Infinity;
  for (const { first, time, bodies } of messages) {
    // Ages never fall along a log, also where the wall clock was set back while it was written.
    const at = Math.max(latest, monotonic - Math.max(0, now - time));
    latest = at;
    for (const [index, body] of bodies.entries()) {
      const offset = first + index;
      if (offset <= after) continue;
      yield { offset, at, bytes: messageBytes(offset, time, body), key: undefined, isTombstone: false };
    }
  }
}
