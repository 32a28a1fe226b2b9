// What the application hears of a session while it lives: what it reads, that it fell behind and caught up, what is gone,
// and how long its line takes. Events come at changes, never per message.

import { describe, expect, it } from 'vitest';
import { stream, table } from '../channels/definition.ts';
import { handContext, handSession, HandSocket } from '../testing/hand-socket.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { eventually } from '../testing/plain-client.ts';
import { type StartedGateway, startGateway } from '../testing/start-gateway.ts';
import type { GatewayEvent } from '../types.ts';
import { SessionRoster } from './session-roster.ts';

const everybody = (): boolean => true;
const channels = {
  news: stream('news', { read: everybody, write: everybody, retention: { count: 100 } }),
  rows: table('rows', { read: everybody, write: everybody }),
};

/** Events of one session, beside those of its attempt. */
function told({ events }: StartedGateway): readonly string[] {
  return events.flatMap((event) => {
    if (!('session' in event) || event.type === 'admitted' || event.type === 'ended') return [];
    if (event.type === 'gap') return [`gap ${event.channel} ${event.from}-${event.to}`];
    return [`${event.type}${'channel' in event ? ` ${event.channel}` : ''}`];
  });
}

describe('a session', () => {
  it('is heard of what its endpoint gives, what it subscribes to, and nothing per message', async () => {
    const endpoints = [{ path: 'all', title: 'All', channels: () => ['news', 'rows'] }];
    await using started = await startGateway({ channels, endpoints });
    const viewer = started.connect('/ws/all/');
    await viewer.welcome();
    await viewer.request({ type: 'unsubscribe', channel: 'rows' });
    for (let index = 0; index < 50; index++) await started.gateway.publish('news', index);
    await viewer.ofType('messages', ({ messages }) => messages.some(({ data }) => data === 49));
    expect(told(started).filter((event) => event !== 'round-trip')).toEqual([
      'subscribed news',
      'subscribed rows',
      'unsubscribed rows',
    ]);
  });

  it('may be ended by whoever hears of it, and then reads nothing more', async () => {
    const endpoints = [{ path: 'all', title: 'All', channels: () => ['news', 'rows'] }];
    const heard: string[] = [];
    await using started = await startGateway({
      channels,
      endpoints,
      onEvent(event) {
        heard.push(event.type);
        if (event.type !== 'subscribed') return;
        started.gateway.endSessions(({ id }) => id === event.session.id, 'ended-by-operator', 'heard enough');
      },
    });
    const viewer = started.connect('/ws/all/');
    await eventually('its end', () => heard.includes('ended'));
    await viewer.closed;
    expect(heard.filter((type) => type === 'subscribed')).toHaveLength(1);
    expect(started.gateway.hasReaders('rows')).toBe(false);
  });

  it('is told to have lost what its channel has let go of, exactly', async () => {
    await using started = await startGateway({ channels });
    await started.gateway.publish('news', 0);
    const viewer = started.connect();
    await viewer.welcome();
    const { position } = await viewer.subscribe('news');
    await viewer.request({ type: 'unsubscribe', channel: 'news' });
    for (let index = 0; index < 150; index++) await started.gateway.publish('news', index);
    await viewer.subscribe('news', { epoch: position?.epoch, offset: 1 });
    await eventually('a gap', () => told(started).some((event) => event.startsWith('gap')));
    expect(told(started)).toContain('gap news 2-51');
  });

  it('that falls behind for a while is told to, and when it has caught up; a moment is not worth a word', async () => {
    await using started = await startGateway({
      channels: { news: stream('news', { read: everybody, write: everybody }) },
    });
    const viewer = started.connect();
    await viewer.welcome();
    await viewer.subscribe('news');
    const text = 'x'.repeat(30_000);
    for (let index = 0; index < 20; index++) await started.gateway.publish('news', text);
    await viewer.ofType('messages', ({ to }) => to === 20);
    expect(told(started).filter((event) => /behind|catching|caught/.test(event))).toEqual([]);

    viewer.socket.pause();
    for (let index = 0; index < 100; index++) {
      await started.gateway.publish('news', text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('being behind', () => told(started).includes('catching-up news'), 8_000);
    const [session] = started.gateway.sessions();
    expect(session?.behind).toBe(1);
    expect(session?.behindSince).toBeLessThanOrEqual(Date.now() - 1_000);
    viewer.socket.resume();
    await eventually('having caught up', () => told(started).includes('caught-up news'), 8_000);
    expect(session?.behindSince).toBeUndefined();
    expect(told(started).filter((event) => event === 'catching-up news')).toHaveLength(1);
  });
});

describe('a round-trip time', () => {
  it('is told once a minute, and sooner where it is quite another, though not all the time', () => {
    const clock = new ManualClock();
    const context = handContext(clock);
    const heard: [number, number][] = [];
    const roster = new SessionRoster(clock, context.limits, {
      onTick() {},
      onBehind() {},
      onRoundTrip: (_session, roundTripMs) => heard.push([clock.monotonic(), roundTripMs]),
    });
    const socket = new HandSocket();
    roster.add(handSession(context, socket, () => {}));
    const begun = clock.monotonic();
    const during = (seconds: number, roundTripMs: () => number): void => {
      for (let second = 0; second < seconds; second++) {
        socket.roundTripMs = roundTripMs();
        socket.receivedBytes++;
        clock.advance(1_000);
      }
    };
    during(59, () => 20 + Math.random() * 20);
    expect(heard).toHaveLength(1);
    during(3, () => 25);
    expect(heard).toHaveLength(2);
    expect((heard[1]?.[0] ?? 0) - begun).toBeGreaterThanOrEqual(60_000);
    during(10, () => 400);
    expect(heard.map(([, roundTripMs]) => Math.round(roundTripMs)).slice(2)).toEqual([400]);
    // One that jumps about is told every five seconds at the most.
    let second = 0;
    during(30, () => (second++ % 2 === 0 ? 900 : 20));
    expect(heard.length - 3).toBeLessThanOrEqual(6);
    expect(heard.length - 3).toBeGreaterThan(0);
  });

  it('of a live line comes with its session', async () => {
    await using started = await startGateway();
    const viewer = started.connect();
    await viewer.welcome();
    await eventually('a round trip', () => started.events.some(({ type }) => type === 'round-trip'));
    type RoundTrip = Extract<GatewayEvent, { type: 'round-trip' }>;
    const event = started.events.find((one): one is RoundTrip => one.type === 'round-trip');
    expect(event?.roundTripMs).toBeGreaterThanOrEqual(0);
    expect(event?.session.attempt.path).toBe('/ws/');
  });
});
