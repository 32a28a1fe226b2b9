// A page of a channel's log for HTTP: what came before a position, with the position the page is true at. From memory,
// or, where a channel is stored, from the store, which has more.

import type { Position } from '@telltale/protocol';
import type { MessageStore } from '../broker/message-store.ts';
import type { ChannelLog } from '../log/channel-log.ts';
import type { ReadPage } from '../types.ts';

/** The newest messages before `before`, at most `limit`, oldest first. */
export function readPage(log: ChannelLog | undefined, before: Position | undefined, limit: number): ReadPage {
  if (log === undefined) return noLog(before);
  if (isOther(before, log)) return { epoch: log.epoch, position: log.position, messages: [], more: false, reset: true };
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

/** The same from a store; as many of the newest as fit into so many bytes, but at least one. */
export async function readStoredPage(
  store: MessageStore,
  channel: string,
  before: Position | undefined,
  limit: number,
): Promise<ReadPage> {
  const asked = before === undefined ? {} : { before: before.offset };
  const page = await store.page(channel, { ...asked, count: limit, bytes: mostPageBytes });
  if (page === undefined) return noLog(before);
  const { epoch, head, horizon } = page;
  const position = { epoch, offset: head };
  if (isOther(before, position)) return { epoch, position, messages: [], more: false, reset: true };
  const messages = page.messages
    .flatMap(({ first, time, bodies }) => bodies.map((body, index) => ({ offset: first + index, time, body })))
    .slice(-limit);
  const first = messages[0]?.offset ?? horizon + 1;
  return {
    epoch,
    position,
    messages: messages.map(({ offset, time, body }) => ({
      offset,
      time,
      ...(JSON.parse(`{${body}`) as { readonly key?: string; readonly data: unknown }),
    })),
    more: first > horizon + 1,
    reset: false,
  };
}

/** Bytes of a page of large messages: while it is read, commits wait. */
const mostPageBytes = 1024 * 1024;

function noLog(before: Position | undefined): ReadPage {
  return { epoch: null, position: null, messages: [], more: false, reset: before !== undefined };
}

function isOther(before: Position | undefined, { epoch }: { readonly epoch: string }): boolean {
  return before !== undefined && before.epoch !== epoch;
}
