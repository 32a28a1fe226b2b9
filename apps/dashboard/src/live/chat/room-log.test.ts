import type { Subscription, SubscriptionEvent } from '@telltale/client';
import type { ChatMessage, ChatPage } from '@telltale/hub/api';
import { expect, it, vi } from 'vitest';
import { messageOf } from './apply-event.ts';
import { createRoomLog, type RoomLog } from './room-log.ts';

const said = (offset: number): ChatMessage =>
  messageOf(
    { type: 'said', by: 'a', text: `text ${offset}` },
    { offset, time: offset, from: { subject: 'ada', kind: 'user' } },
  );
const pageOf = (...offsets: number[]): ChatPage => ({
  position: { epoch: 'k1', offset: offsets.at(-1) ?? 0 },
  messages: offsets.map(said),
  more: false,
});

/** A room whose line tells nothing by itself, and whose pages are answered one by one. */
function roomOf(): {
  readonly log: RoomLog;
  readonly asked: ((page: ChatPage) => void)[];
  readonly texts: () => readonly string[];
} {
  const asked: ((page: ChatPage) => void)[] = [];
  const subscription: Pick<Subscription, 'close' | 'acknowledgeGap'> = { close() {}, acknowledgeGap() {} };
  const log = createRoomLog({
    connection: {
      subscribe: <Data>(_channel: string, _hear: (event: SubscriptionEvent<Data>) => void) =>
        ({ ...subscription }) as Subscription<Data>,
    },
    room: 'general',
    fetchPage: () => new Promise((resolve) => asked.push(resolve)),
    frame: (run) => void setTimeout(run, 0),
    onOwn() {},
    onSeen() {},
  });
  return { log, asked, texts: () => log.get().messages.map(({ text }) => text) };
}

it('a room that is opened again asks for what was said while it was shut', async () => {
  const { log, asked, texts } = roomOf();
  const shut = log.subscribe(() => {});
  expect(log.isOpen()).toBe(true);
  asked[0]?.(pageOf(1, 2));
  await vi.waitFor(() => expect(texts()).toEqual(['text 1', 'text 2']));
  shut();
  expect(log.isOpen()).toBe(false);
  log.subscribe(() => {});
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.(pageOf(1, 2, 3));
  await vi.waitFor(() => expect(texts()).toEqual(['text 1', 'text 2', 'text 3']));
});

it('a page that was asked for before the room was shut is not the newest when it is opened again', async () => {
  const { log, asked, texts } = roomOf();
  log.subscribe(() => {})();
  log.subscribe(() => {});
  asked[0]?.(pageOf(1));
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.(pageOf(1, 2));
  await vi.waitFor(() => expect(texts()).toEqual(['text 1', 'text 2']));
});
