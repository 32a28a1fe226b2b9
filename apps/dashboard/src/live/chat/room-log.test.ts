import type { Subscription, SubscriptionEvent } from '@telltale/client';
import type { ChatEvent, ChatMessage, ChatPage } from '@telltale/hub/api';
import { expect, it, vi } from 'vitest';
import { messageOf } from './apply-event.ts';
import { createRoomLog, type RoomLog } from './room-log.ts';
import { mostHeld } from './room-past.ts';

const from = { subject: 'ada', kind: 'user' as const };
const said = (offset: number): ChatMessage =>
  messageOf({ type: 'said', by: 'a', text: `text ${offset}` }, { offset, time: offset, from });
const pageOf = (...offsets: number[]): ChatPage => ({
  position: { epoch: 'k1', offset: offsets.at(-1) ?? 0 },
  messages: offsets.map(said),
  more: false,
});

/** A room whose line tells what it is made to tell, and whose pages are answered one by one. */
function roomOf(): {
  readonly log: RoomLog;
  readonly asked: ((page: ChatPage) => void)[];
  readonly texts: () => readonly string[];
  /** The line brings messages of these offsets. */
  readonly hear: (...offsets: number[]) => void;
  /** From now on pages are those of a room with this many messages. */
  readonly answer: (count: number) => void;
} {
  const asked: ((page: ChatPage) => void)[] = [];
  let count: number | undefined;
  let tell = (_event: SubscriptionEvent<ChatEvent>): void => {};
  const subscription: Pick<Subscription, 'close' | 'acknowledgeGap'> = { close() {}, acknowledgeGap() {} };
  const log = createRoomLog({
    connection: {
      subscribe: <Data>(_channel: string, listener: (event: SubscriptionEvent<Data>) => void) => {
        tell = listener as typeof tell;
        return { ...subscription } as Subscription<Data>;
      },
    },
    room: 'general',
    fetchPage(before = Infinity, limit) {
      if (count === undefined) return new Promise((resolve) => asked.push(resolve));
      const end = Math.min(before - 1, count);
      const messages = offsetsFrom(Math.max(1, end - limit + 1), end).map(said);
      return Promise.resolve({ position: { epoch: 'k1', offset: count }, messages, more: end > limit });
    },
    frame: (run) => void setTimeout(run, 0),
    onOwn() {},
    onSeen() {},
  });
  return {
    log,
    asked,
    texts: () => log.get().messages.map(({ text }) => text),
    hear(...offsets) {
      const messages = offsets.map((offset) => {
        const data: ChatEvent = { type: 'said', by: 'a', text: `text ${offset}` };
        return { epoch: 'k1', offset, time: offset, from, data };
      });
      tell({ type: 'messages', messages });
    },
    answer: (messages) => void (count = messages),
  };
}
const offsetsFrom = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

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

it('holds a few of however many come while somebody reads further up, who keeps what they read and goes on from there', async () => {
  const { log, hear, answer, texts } = roomOf();
  answer(100);
  log.subscribe(() => {});
  await vi.waitFor(() => expect(texts()).toHaveLength(100));
  log.follow(false);
  const [all, atOnce] = [6_100, 500];
  for (let offset = 101; offset <= all; offset += atOnce) {
    const last = offset + atOnce - 1;
    hear(...offsetsFrom(offset, last));
    answer(last);
    await vi.waitFor(() => expect(log.get().newest.at(-1)?.offset).toBe(last));
    const { messages, newest } = log.get();
    expect([messages.length, newest.length].filter((count) => count > 2 * mostHeld + atOnce)).toEqual([]);
    expect(texts().slice(0, 100)).toEqual(offsetsFrom(1, 100).map((one) => `text ${one}`));
  }
  expect(log.get().hasNewer).toBe(true);
  const seen = new Set(texts());
  while (log.get().hasNewer) {
    await log.openNewer();
    for (const text of texts()) seen.add(text);
    expect(texts().length).toBeLessThanOrEqual(4 * mostHeld);
  }
  expect([...seen]).toEqual(offsetsFrom(1, all).map((one) => `text ${one}`));
  // Back at the newest, and followed, it is as few as before.
  log.follow(true);
  hear(all + 1);
  await vi.waitFor(() => expect(texts().at(-1)).toBe(`text ${all + 1}`));
  expect(texts().length).toBeLessThanOrEqual(2 * mostHeld);
});
