import type { ChatEvent, ChatMessage, ChatPage } from '@telltale/hub/api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changed, messageOf } from './apply-event.ts';
import { createRoomFold, type RoomEvent } from './room-fold.ts';
import { createRoomPages } from './room-pages.ts';
import { createRoomPast, mostHeld, type RoomPast } from './room-past.ts';

const from = { subject: 'ada', kind: 'user' as const };

/** A hub's room, in memory, and somebody who reads in it. */
function roomOf(): {
  readonly past: RoomPast;
  readonly table: readonly ChatMessage[];
  /** Offset of the last event. */
  readonly head: () => number;
  readonly asked: { pages: number };
  /** The hub stores it, and the reader hears of it unless it is lost. */
  readonly happen: (data: ChatEvent, isLost?: boolean) => void;
  readonly bring: () => Promise<void>;
} {
  const table: ChatMessage[] = [];
  let head = 0;
  const asked = { pages: 0 };
  const pages = createRoomPages((before = Infinity, limit): Promise<ChatPage> => {
    asked.pages += 1;
    const older = table.filter(({ offset }) => offset < before);
    const position = head === 0 ? null : { epoch: 'k1', offset: head };
    return Promise.resolve({ position, messages: older.slice(-limit), more: older.length > limit });
  });
  const fold = createRoomFold();
  const past = createRoomPast(pages, () => fold);
  return {
    past,
    table,
    head: () => head,
    asked,
    happen(data, isLost = false) {
      head += 1;
      const event: RoomEvent = { offset: head, time: 1_000 + head, from, data };
      if (data.type === 'said') table.push(messageOf(data, { ...event, from }));
      else {
        const index = table.findIndex(({ offset }) => offset === data.message);
        const found = table[index];
        if (found !== undefined) table[index] = changed(found, data, event.time);
      }
      if (!isLost) for (const one of [fold, ...past.parts]) one.takeEvents('k1', [event]);
    },
    async bring() {
      if (!fold.isKnown || fold.isBehind) {
        await pages.anew(fold, { end: undefined, first: past.isOpen ? (fold.messages[0]?.offset ?? 0) : Infinity });
      }
      await past.bring();
    },
  };
}
const said = (text: string): ChatEvent => ({ type: 'said', by: 'a', text });

it('goes to a message however far back by a page or two, and from there on to the newest', async () => {
  const { past, table, happen, bring, asked } = roomOf();
  for (let index = 0; index < 12_000; index += 1) happen(said(`text ${index}`), true);
  await bring();
  asked.pages = 0;
  expect(await past.goTo(7)).toBe(true);
  expect(asked.pages).toBe(1);
  expect(past.shown.messages.map(({ offset }) => offset)).toEqual(Array.from({ length: 57 }, (_, index) => index + 1));
  expect([past.isOpen, past.shown.hasOlder]).toEqual([true, false]);
  // What is said meanwhile is the newest, and not behind what is read.
  happen(said('one more'));
  expect(past.shown.messages.at(-1)?.offset).toBe(57);
  const seen = new Set<number>();
  while (past.isOpen) {
    for (const { offset } of past.shown.messages) seen.add(offset);
    await past.goOn();
    expect(past.shown.messages.length).toBeLessThanOrEqual(2 * mostHeld);
  }
  for (const { offset } of past.shown.messages) seen.add(offset);
  expect([...seen]).toEqual(table.map(({ offset }) => offset));
  expect(await past.goTo(99_999)).toBe(false);
});

it('stays at the newest where somebody goes back there while a message is on its way', async () => {
  const { past, happen, bring } = roomOf();
  for (let index = 0; index < 3_000; index += 1) happen(said(`text ${index}`), true);
  await bring();
  for (const far of [7, 2_500]) {
    const going = past.goTo(far);
    past.leave();
    expect([await going, past.isOpen, past.parts]).toEqual([false, false, []]);
  }
  // One that was left does not end the one after it.
  const [first, second] = [past.goTo(7), (past.leave(), past.goTo(1_000))];
  expect([await first, await second, past.isOpen]).toEqual([false, true, true]);
  expect(past.shown.messages.some(({ offset }) => offset === 1_000)).toBe(true);
});

it('loses nothing between where one went back to and where one goes on from', async () => {
  const { past, table, happen, bring } = roomOf();
  for (let index = 0; index < 6_000; index += 1) happen(said(`text ${index}`), true);
  await bring();
  expect(await past.goTo(4_000)).toBe(true);
  // So far that what was behind it is let go.
  for (let pages = 0; pages < 25; pages += 1) await past.goBack();
  expect(past.shown.messages.at(-1)?.offset).toBeLessThan(4_000);
  const seen = new Set(past.shown.messages.map(({ offset }) => offset));
  const first = past.shown.messages[0]?.offset ?? 0;
  while (past.isOpen) {
    await past.goOn();
    for (const { offset } of past.shown.messages) seen.add(offset);
  }
  expect([...seen]).toEqual(table.slice(first - 1).map(({ offset }) => offset));
});

it('holds a few of however many, each once and as it is now, wherever one goes', async () => {
  const place = fc.nat(100);
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('back', 'on'), place, times: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constantFrom('to', 'leave'), place, times: fc.constant(1) }),
    fc.record({ kind: fc.constantFrom('say', 'edit', 'react', 'lose'), place, times: fc.integer({ min: 1, max: 60 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      const { past, table, happen, bring, head } = roomOf();
      for (let index = 0; index < 4_000; index += 1) {
        const isFree = index % 700 > 250;
        happen(
          isFree ? said(`text ${index}`) : { type: 'reacted', by: 'b', message: 300, emoji: '👍', on: true },
          true,
        );
      }
      await bring();
      const at = (share: number): number => table[Math.floor((share / 100) * (table.length - 1))]?.offset ?? 0;
      for (const one of steps) {
        const isLost = one.kind === 'lose';
        if (one.kind === 'to') expect(await past.goTo(at(one.place))).toBe(true);
        else if (one.kind === 'leave') past.leave();
        else {
          for (let times = 0; times < one.times; times += 1) {
            if (one.kind === 'back') await past.goBack();
            else if (one.kind === 'on') await past.goOn();
            else if (one.kind === 'edit' || isLost) {
              happen({ type: 'edited', by: 'a', message: at(one.place), text: `changed ${head()}` }, isLost);
            } else if (one.kind === 'say') happen(said('more'));
            else happen({ type: 'reacted', by: 'b', message: at(one.place), emoji: '👀', on: times % 2 === 0 });
          }
        }
        // What comes next tells that something was lost.
        happen(said('heard'));
        await bring();
        const { messages, hasOlder } = past.shown;
        const first = table.findIndex(({ offset }) => offset === messages[0]?.offset);
        expect(messages).toEqual(table.slice(first, past.isOpen ? first + messages.length : undefined));
        expect([hasOlder, past.isOpen && messages.length > 2 * mostHeld]).toEqual([first > 0, false]);
      }
    }),
    { numRuns: 25 },
  );
});
