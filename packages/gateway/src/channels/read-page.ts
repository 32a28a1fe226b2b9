// A page of a channel's log for HTTP: what came before a position, with the position the page is true at.

import type { Position } from '@telltale/protocol';
import type { ChannelLog } from '../log/channel-log.ts';
import type { ReadPage } from '../types.ts';

/** The newest messages before `before`, at most `limit`, oldest first. */
export function readPage(log: ChannelLog | undefined, before: Position | undefined, limit: number): ReadPage {
  if (log === undefined) return { epoch: null, position: null, messages: [], more: false, reset: before !== undefined };
  if (before !== undefined && before.epoch !== log.epoch) {
    return { epoch: log.epoch, position: log.position, messages: [], more: false, reset: true };
  }
  const entries = log.before(before?.offset ?? log.head + 1, limit + 1);
  const page = entries.slice(-limit);
  return {
    epoch: log.epoch,
    position: log.position,
    messages: page.map(({ bytes }) => JSON.parse(bytes.toString()) as ReadPage['messages'][number]),
    more: entries.length > page.length,
    reset: false,
  };
}
