import { describe, expect, it } from 'vitest';
import { handContext, handSession, HandSocket } from '../testing/hand-socket.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { SessionRoster } from './session-roster.ts';

function setUp(identity = {}) {
  const clock = new ManualClock();
  const context = handContext(clock);
  const roster = new SessionRoster(clock, context.limits, { onTick() {}, onRoundTrip() {}, onBehind() {} });
  const socket = new HandSocket();
  const session = handSession(context, socket, (ended) => roster.remove(ended), identity);
  roster.add(session);
  const heartbeats = (): number => socket.frames.filter(({ type }) => type === 'ping').length;
  return { clock, roster, socket, session, heartbeats };
}

describe('looking after sessions', () => {
  it('[SES8] asks after 25 s of silence and ends 10 s after the question has left the process', () => {
    const { clock, socket, session, roster } = setUp();
    clock.advance(24_000);
    expect(socket.pings).toHaveLength(0);
    clock.advance(2000);
    expect(socket.pings).toHaveLength(1);
    // A question that is still in the process is not held against the peer.
    clock.advance(60_000);
    expect(session.end).toBeUndefined();
    socket.pings[0]?.();
    clock.advance(9000);
    expect(session.end).toBeUndefined();
    clock.advance(2000);
    expect(session.end).toMatchObject({ name: 'no-answer' });
    expect(roster.size).toBe(0);
  });

  it('[SES8] takes any byte for a sign of life, and asks anew after the next silence', () => {
    const { clock, socket, session } = setUp();
    clock.advance(26_000);
    socket.pings[0]?.();
    clock.advance(5000);
    socket.receivedBytes++;
    clock.advance(20_000);
    expect(session.end).toBeUndefined();
    clock.advance(7000);
    expect(socket.pings).toHaveLength(2);
    socket.pings[1]?.();
    clock.advance(11_000);
    expect(session.end).toMatchObject({ name: 'no-answer' });
  });

  it('[SES8] judges nobody right after the process itself stood still', () => {
    for (const stalls of [false, true]) {
      const { clock, socket, session } = setUp();
      clock.advance(26_000);
      socket.pings[0]?.();
      if (stalls) socket.stalledSince = clock.monotonic();
      clock.freeze(60_000);
      clock.advance(1000);
      expect(session.end).toBeUndefined();
      // Then the answers that waited are read.
      socket.receivedBytes++;
      socket.stalledSince = undefined;
      clock.advance(20_000);
      expect(session.end).toBeUndefined();
    }
  });

  it('[DLV4] ends who has a full window for 30 s, without a word it would not read', () => {
    const { clock, socket, session } = setUp();
    socket.stalledSince = 0;
    clock.advance(29_000);
    expect(session.end).toBeUndefined();
    clock.advance(2000);
    expect(session.end).toMatchObject({ name: 'stalled', code: 4408, wasClean: false });
    expect(socket).toMatchObject({ isGone: true, closedWith: undefined });
  });

  it('[SES8] [DLV2] sends a heartbeat every 10 s, none to who is congested', () => {
    const { clock, socket, heartbeats } = setUp();
    clock.advance(60_000);
    expect(heartbeats()).toBe(6);
    socket.isCongested = true;
    clock.advance(20_000);
    expect(heartbeats()).toBe(6);
  });

  it('[SES9] ends an expired session within 5 s, and says so', () => {
    const { clock, socket, session } = setUp({ expiresAt: new ManualClock().now() + 20_000 });
    clock.advance(19_000);
    expect(session.end).toBeUndefined();
    clock.advance(5000);
    expect(session.end).toMatchObject({ name: 'token-expired', code: 4419 });
    expect(socket.frames.at(-1)).toMatchObject({ type: 'goodbye', code: 4419, retry: true });
    expect(socket.closedWith?.code).toBe(4419);
  });

  it('[SES14] keeps an exclusive place for the newest, whatever the order of ends', () => {
    const { clock, roster, session: first } = setUp();
    const context = first.context;
    const add = () => {
      const session = handSession(context, new HandSocket(), (ended) => roster.remove(ended));
      roster.add(session);
      roster.claim(session, 'place');
      return session;
    };
    roster.claim(first, 'place');
    const second = add();
    expect(first.end).toMatchObject({ name: 'replaced', code: 4409 });
    // An end that is told twice frees nobody else's place.
    roster.remove(first);
    const third = add();
    expect(second.end).toMatchObject({ name: 'replaced' });
    expect(third.end).toBeUndefined();
    roster.stop();
    expect(clock.pending).toBe(0);
  });
});
