// Who is in a room, told by hand: what sessions do, and a clock that is set.

import type { GatewayEvent, SessionView } from '@telltale/gateway';
import { describe, expect, it } from 'vitest';
import type { PresenceRow } from '../api.ts';
import { rowThat } from '../testing/line.ts';
import { personAt } from '../testing/test-chat.ts';
import { startTestHub } from '../testing/test-hub.ts';
import { Presence } from './presence.ts';

const general = 'presence/general';

/** A presence whose rows are collected, of sessions that are made up: what matters is the order and the time. */
function byHand() {
  let now = 1_000_000;
  const rows = new Map<string, PresenceRow>();
  let published = 0;
  const presence = new Presence({
    gateway: () => ({
      async publishBatch(_channel: string, items: readonly { readonly key?: string; readonly data: unknown }[]) {
        published += items.length;
        for (const { key = '', data } of items) {
          if (data === null) rows.delete(key);
          else rows.set(key, data as PresenceRow);
        }
        return { kind: 'appended' as const, position: { epoch: 'e', offset: published }, duplicate: false };
      },
      read: () => Promise.reject(new Error('nothing is read here')),
    }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    now: () => now,
    monotonic: () => now - 999_000,
  });
  const session = (id: string, subject: string): SessionView =>
    ({
      id,
      channels: [],
      identity: { id: `id-${subject}`, subject, kind: 'user', issuer: 'i', scope: 'viewer' },
    }) as unknown as SessionView;
  const tell = (type: GatewayEvent['type'], of: SessionView, more: object = { channel: 'chat/general' }): void =>
    presence.onEvent({ type, session: of, ...more } as GatewayEvent);
  return {
    presence,
    session,
    published: () => published,
    enter: (of: SessionView) => tell('subscribed', of),
    leave: (of: SessionView) => tell('unsubscribed', of),
    end: (of: SessionView, name = 'closed') => tell('ended', of, { name }),
    row: (subject: string) => rows.get(`id-${subject}`),
    pass(ms: number) {
      now += ms;
      presence.tick();
    },
  };
}

describe('somebody in a room', () => {
  it('[CHT6] is one person in five tabs, until the last is closed', () => {
    const hand = byHand();
    const tabs = ['a', 'b', 'c', 'd', 'e'].map((id) => hand.session(id, 'ada'));
    for (const tab of tabs) hand.enter(tab);
    expect(hand.published()).toBe(1);
    for (const tab of tabs.slice(1)) hand.end(tab);
    hand.pass(60_000);
    expect(hand.row('ada')).toMatchObject({ state: 'here' });
    hand.end(tabs[0] as SessionView);
    hand.pass(7999);
    expect(hand.row('ada')).toBeDefined();
    hand.pass(1);
    expect(hand.row('ada')).toBeUndefined();
  });

  it('[CHT6] does not flicker over a short break, and stays since when they came', () => {
    const hand = byHand();
    hand.enter(hand.session('a', 'ada'));
    const { since } = hand.row('ada') as PresenceRow;
    for (let time = 0; time < 3; time++) {
      hand.end(hand.session(time === 0 ? 'a' : `b${time}`, 'ada'));
      hand.pass(7900);
      hand.enter(hand.session(`b${time + 1}`, 'ada'));
    }
    expect(hand.published()).toBe(1);
    hand.pass(60_000);
    expect(hand.row('ada')).toMatchObject({ since });
  });

  it('[CHT6] goes at once where their line had been silent for as long as it may', () => {
    const hand = byHand();
    hand.enter(hand.session('a', 'ada'));
    hand.end(hand.session('a', 'ada'), 'no-answer');
    expect(hand.row('ada')).toBeUndefined();
  });

  it('[CHT6] is away where all of their tabs are', () => {
    const hand = byHand();
    const [one, two] = [hand.session('a', 'ada'), hand.session('b', 'ada')];
    hand.enter(one);
    hand.enter(two);
    const shown = (): unknown => {
      hand.pass(250);
      return hand.row('ada')?.state;
    };
    hand.presence.stand(one, 'general', 'away');
    expect(shown()).toBe('here');
    hand.presence.stand(two, 'general', 'away');
    expect(shown()).toBe('away');
    hand.presence.stand(one, 'general', 'here');
    expect(shown()).toBe('here');
    hand.end(one);
    expect(shown()).toBe('away');
  });

  it('[CHT6] types for six seconds, or until they have said it, or are away', () => {
    const hand = byHand();
    const ada = hand.session('a', 'ada');
    hand.enter(ada);
    const isTyping = (ms = 250): boolean => {
      hand.pass(ms);
      return hand.row('ada')?.typingUntil !== null;
    };
    const type = (): unknown => hand.presence.type(ada, 'general', true);
    type();
    expect([isTyping(), isTyping(5500), isTyping(300)]).toEqual([true, true, false]);
    type();
    expect(isTyping()).toBe(true);
    hand.presence.said('general', 'id-ada');
    expect(isTyping()).toBe(false);
    type();
    hand.presence.stand(ada, 'general', 'away');
    expect(isTyping()).toBe(false);
    type();
    hand.presence.type(ada, 'general', false);
    expect(isTyping()).toBe(false);
  });

  it('does not type where they are not', () => {
    const hand = byHand();
    const ada = hand.session('a', 'ada');
    expect(hand.presence.type(ada, 'general', true)).toMatchObject({ options: { code: 4404 } });
    hand.enter(ada);
    hand.leave(ada);
    expect(hand.presence.stand(ada, 'general', 'away')).toMatchObject({ options: { code: 4404 } });
  });

  it('leaves nothing behind', () => {
    const hand = byHand();
    for (let count = 0; count < 100; count++) {
      const one = hand.session(`s${count}`, `u${count}`);
      hand.enter(one);
      if (count % 2 === 0) hand.leave(one);
      hand.end(one);
    }
    hand.pass(8000);
    const before = hand.published();
    hand.pass(60_000);
    expect([hand.published(), hand.row('u1')]).toEqual([before, undefined]);
  });
});

describe('a room over real sockets', () => {
  it('[CHT6] shows who came, types and is away', async () => {
    const hub = await startTestHub();
    const [ada, bob] = [await personAt(hub, 'ada'), await personAt(hub, 'bob')];
    const row = (fits: (row: PresenceRow) => boolean) => rowThat<PresenceRow>(ada.line, [general, bob.id], fits);
    expect(await row(() => true)).toEqual({
      id: bob.id,
      subject: 'bob',
      name: null,
      kind: 'user',
      state: 'here',
      typingUntil: null,
      since: expect.any(Number),
    });
    const call = (method: string, params: object) => bob.line.request({ type: 'call', method, params });
    expect(await call('chat.typing', { room: 'general', typing: true })).toMatchObject({ type: 'result', data: null });
    expect((await row(({ typingUntil }) => typingUntil !== null)).typingUntil).toBeGreaterThan(Date.now());
    await bob.say('said');
    await row(({ typingUntil }) => typingUntil === null);
    await call('chat.presence', { room: 'general', state: 'away' });
    await row(({ state }) => state === 'away');
    expect(await call('chat.typing', { room: 'elsewhere', typing: true })).toMatchObject({ code: 4404 });
    expect(await call('chat.presence', { room: 'general', state: 'invisible' })).toMatchObject({ code: 4400 });
    expect(await call('chat.read', { room: 'general', offset: -1 })).toMatchObject({ code: 4400 });
  });
});
