import type { ChatEvent, ChatMessage, ChatPage } from '@telltale/hub/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changed, messageOf, reactionsOf } from './apply-event.ts';
import { createRoomFold, type RoomEvent } from './room-fold.ts';

const from = { subject: 'ada', kind: 'user' as const };
const event = (offset: number, data: ChatEvent): RoomEvent => ({ offset, time: 1_000 + offset, from, data });
const said = (offset: number, text = `text ${offset}`): RoomEvent => event(offset, { type: 'said', by: 'a', text });

/** What the hub's table says after so many events. */
function tableOf(events: readonly RoomEvent[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const { offset, time, data } of events) {
    const one = data as ChatEvent;
    if (one.type === 'said') messages.push(messageOf(one, { offset, time, from }));
    else {
      const index = messages.findIndex((message) => message.offset === one.message);
      const found = messages[index];
      if (found !== undefined) messages[index] = changed(found, one, time);
    }
  }
  return messages;
}
function pageOf(
  events: readonly RoomEvent[],
  at: number,
  { before = Infinity, limit = 3, epoch = 'k1' }: { before?: number; limit?: number; epoch?: string } = {},
): ChatPage {
  const older = tableOf(events.slice(0, at)).filter(({ offset }) => offset < before);
  return {
    position: at === 0 ? null : { epoch, offset: at },
    messages: older.slice(-limit),
    more: older.length > limit,
  };
}

const story: readonly RoomEvent[] = [
  said(1),
  said(2),
  event(3, { type: 'reacted', by: 'b', message: 1, emoji: '👍', on: true }),
  said(4),
  event(5, { type: 'edited', by: 'a', message: 2, text: 'changed' }),
  said(6),
  event(7, { type: 'reacted', by: 'b', message: 1, emoji: '👍', on: false }),
  event(8, { type: 'deleted', by: 'a', message: 4 }),
  said(9),
  event(10, { type: 'edited', by: 'a', message: 4, text: 'too late' }),
];

describe('a room', () => {
  it('joins its newest page and the live events by position, whichever comes first', () => {
    const early = createRoomFold();
    early.takeEvents('k1', story.slice(3));
    expect([early.isKnown, early.messages]).toEqual([false, []]);
    early.takeNewest(pageOf(story, 6, { limit: 10 }));
    const late = createRoomFold();
    late.takeNewest(pageOf(story, 6, { limit: 10 }));
    late.takeEvents('k1', story.slice(2));
    for (const fold of [early, late]) {
      expect(fold.messages).toEqual(tableOf(story));
      expect([fold.offset, fold.isBehind, fold.hasOlder]).toEqual([10, false, false]);
    }
  });

  it('that is empty begins with the first event', () => {
    const fold = createRoomFold();
    fold.takeNewest({ position: null, messages: [], more: false });
    expect([fold.isKnown, fold.hasOlder]).toEqual([true, false]);
    fold.takeEvents('k1', story);
    expect(fold.messages).toEqual(tableOf(story));
  });

  it('knows that events are missing, and is whole again with the next page', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 4));
    fold.takeEvents('k1', story.slice(6, 8));
    expect([fold.isBehind, fold.offset]).toEqual([true, 4]);
    fold.takeEvents('k1', story.slice(8));
    fold.takeNewest(pageOf(story, 7));
    expect([fold.isBehind, fold.offset]).toEqual([false, 10]);
    expect(fold.messages).toEqual(tableOf(story).slice(1));
  });

  it('begins anew with a new life of its log', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 10));
    fold.takeEvents('k2', [said(1, 'anew')]);
    expect(fold.isBehind).toBe(true);
    fold.takeNewest(pageOf([said(1, 'anew')], 1, { epoch: 'k2' }));
    expect(fold.messages.map(({ text }) => text)).toEqual(['anew']);
  });

  it('puts older pages in front, with the changes that came while they were on their way', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 4, { limit: 1 }));
    expect(fold.hasOlder).toBe(true);
    const onItsWay = pageOf(story, 4, { before: 4, limit: 5 });
    fold.takeEvents('k1', story.slice(4));
    expect(fold.takeOlder(onItsWay)).toBe(true);
    expect(fold.messages).toEqual(tableOf(story));
    expect(fold.hasOlder).toBe(false);
  });

  it('lets go of what is old and can fetch it again', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 10, { limit: 10 }));
    fold.trim(2);
    expect([fold.hasOlder, fold.messages.map(({ offset }) => offset)]).toEqual([true, [6, 9]]);
    fold.takeOlder(pageOf(story, 10, { before: 6, limit: 10 }));
    expect(fold.messages).toEqual(tableOf(story));
  });

  it('refuses an older page that knows less than is still known here', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 9, { limit: 1 }));
    expect(fold.takeOlder(pageOf(story, 4, { before: 9 }))).toBe(false);
    expect(fold.takeOlder(pageOf(story, 9, { before: 9, epoch: 'k7' }))).toBe(false);
    expect(fold.takeOlder(pageOf(story, 9, { before: 9 }))).toBe(true);
  });

  it('leaves a message as it is where the text of an earlier edit was taken back', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 6, { limit: 10 }));
    fold.takeEvents('k1', [event(7, { type: 'edited', by: 'a', message: 2, text: null })]);
    expect(fold.messages[1]?.text).toBe('changed');
  });

  it('passes over what a newer hub says, and keeps its place', () => {
    const fold = createRoomFold();
    fold.takeNewest(pageOf(story, 2));
    const strange = [null, 'text', { type: 'sang', by: 'a' }, { type: 'said', by: 'a', text: 7 }];
    fold.takeEvents(
      'k1',
      strange.map((data, index) => ({ offset: 3 + index, time: 1, data })),
    );
    expect([fold.offset, fold.isBehind, fold.messages.length]).toEqual([6, false, 2]);
  });

  it('is not led astray by reactions that are called as things of every object are', () => {
    let [message] = tableOf([said(1)]) as [ChatMessage];
    for (const emoji of ['__proto__', 'constructor', 'toString']) {
      expect(reactionsOf(message, emoji)).toEqual([]);
      message = changed(message, { type: 'reacted', by: 'b', message: 1, emoji, on: true }, 1);
      expect(reactionsOf(message, emoji)).toEqual(['b']);
    }
    expect(Object.keys(message.reactions)).toEqual(['__proto__', 'constructor', 'toString']);
  });

  it('comes to the same however pages and events are mixed', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('newest' as const), lag: fc.nat(4) }),
      fc.record({ kind: fc.constant('older' as const), lag: fc.nat(2) }),
      fc.record({ kind: fc.constant('events' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('lost' as const), count: fc.integer({ min: 1, max: 2 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const fold = createRoomFold();
        let sent = 0;
        for (const one of steps) {
          if (one.kind === 'events') {
            fold.takeEvents('k1', story.slice(sent, (sent += one.count)));
          } else if (one.kind === 'lost') {
            sent = Math.min(story.length, sent + one.count);
          } else if (one.kind === 'newest') {
            fold.takeNewest(pageOf(story, Math.max(0, Math.min(sent, story.length) - one.lag)));
          } else if (fold.isKnown && fold.hasOlder) {
            const at = Math.max(0, Math.min(sent, story.length) - one.lag);
            fold.takeOlder(pageOf(story, at, { before: fold.messages[0]?.offset ?? Infinity }));
          }
        }
        fold.takeEvents('k1', story.slice(sent));
        if (!fold.isKnown || fold.isBehind || fold.offset < story.length) fold.takeNewest(pageOf(story, story.length));
        expect([fold.isBehind, fold.offset]).toEqual([false, story.length]);
        while (fold.hasOlder) {
          const page = pageOf(story, story.length, { before: fold.messages[0]?.offset ?? Infinity });
          expect(fold.takeOlder(page)).toBe(true);
        }
        expect(fold.messages).toEqual(tableOf(story));
      }),
    );
  });
});
