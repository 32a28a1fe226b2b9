// What the beginning, the life and the end of a reporting session mean for its agent, by the clock of the test.

import type { GatewayEvent, SessionView } from '@telltale/gateway';
import { describe, expect, it } from 'vitest';
import type { Agent, AgentReportChange } from './agent-registry.ts';
import { createReportingSessions, type ReportingSessions } from './reporting-sessions.ts';

type Ended = Extract<GatewayEvent, { type: 'ended' }>;
/** A session whose figures the test sets, as the gateway's change while it lives. */
type Session = { -readonly [Key in keyof SessionView]: SessionView[Key] };

function sessionOf(id: string, path = '/ws/agents/web-1/', kind: 'agent' | 'user' = 'agent'): Session {
  return {
    id,
    sid: 'agent:1',
    attempt: { path },
    identity: { kind, subject: 'web-1' },
    receivedBytes: 0,
    roundTripMs: undefined,
  } as unknown as Session;
}

const ended = (session: SessionView, end: Partial<Ended>): GatewayEvent =>
  ({ type: 'ended', session, code: 1006, reason: '', by: 'network', wasClean: false, ...end }) as unknown as Ended;

const admitted = (session: SessionView): GatewayEvent => ({ type: 'admitted', session }) as unknown as GatewayEvent;

function start(): {
  sessions: ReportingSessions;
  reports: (AgentReportChange & { saved: string })[];
  changed: string[];
  clock: { now: number };
  change: (change: Partial<Agent>) => void;
} {
  const reports: (AgentReportChange & { saved: string })[] = [];
  const changed: string[] = [];
  const clock = { now: 1000 };
  let agent = { name: 'web-1', credentialId: 'agent:1', state: 'never-seen', lastSeenAt: null } as unknown as Agent;
  const sessions = createReportingSessions({
    registry: {
      agent: (name) => (name === 'web-1' ? agent : undefined),
      report(_name, change, saved) {
        agent = { ...agent, ...change };
        reports.push({ ...change, saved });
      },
    },
    onChanged: (name) => changed.push(name),
    now: () => clock.now,
  });
  const change = (other: Partial<Agent>): void => void (agent = { ...agent, ...other });
  return { sessions, reports, changed, clock, change };
}

describe('a reporting session', () => {
  it.each([
    ['with a goodbye', { by: 'client', code: 1000, reason: 'stopped', wasClean: true }, 'closed', 'stopped'],
    ['without a word, as a proxy closes', { by: 'client', code: 1000, wasClean: true }, 'lost', null],
    ['as a page that is left', { by: 'client', code: 1001, reason: 'bye', wasClean: true }, 'lost', null],
    ['by the hub', { by: 'gateway', code: 1012, reason: 'restart', wasClean: true }, 'lost', null],
    ['with its line', {}, 'lost', null],
  ] as const)('that ends %s leaves its agent so', (_case, end, state, reason) => {
    const { sessions, reports, clock } = start();
    const session = sessionOf('s1');
    sessions.onEvent(admitted(session));
    expect(reports).toEqual([{ state: 'live', since: 1000, reason: null, lastSeenAt: 1000, saved: 'soon' }]);
    clock.now = 9000;
    sessions.onEvent(ended(session, end));
    const lastSeenAt = 'by' in end && end.by === 'client' ? 9000 : 1000;
    expect(reports[1]).toEqual({ state, since: 9000, reason, lastSeenAt, saved: 'soon' });
    expect(sessions.of('web-1')).toBeUndefined();
  });

  it('is none of a person who looks', () => {
    const { sessions, reports } = start();
    const viewer = sessionOf('viewer', '/ws/agents/web-1/', 'user');
    sessions.onEvent(admitted(viewer));
    sessions.onEvent(ended(viewer, {}));
    expect(reports).toEqual([]);
  });

  it('that has been replaced ends without a word', () => {
    const { sessions, reports } = start();
    const [older, newer] = [sessionOf('older', '/ws/agents/web-1'), sessionOf('newer')];
    sessions.onEvent(admitted(older));
    sessions.onEvent(admitted(newer));
    sessions.onEvent(ended(older, { by: 'gateway', code: 4409 }));
    expect(reports.map(({ state }) => state)).toEqual(['live', 'live']);
    expect(sessions.of('web-1')?.session.id).toBe('newer');
  });

  it('notes when its agent was heard, once a minute, and knows it better when the line is lost', () => {
    const { sessions, reports, clock } = start();
    const session = sessionOf('s1');
    sessions.onEvent(admitted(session));
    for (clock.now = 11_000; clock.now <= 131_000; clock.now += 10_000) {
      session.receivedBytes += 100;
      sessions.look();
    }
    const lazily = { saved: 'lazily' } as const;
    expect(reports.slice(1)).toEqual([
      { lastSeenAt: 61_000, ...lazily },
      { lastSeenAt: 121_000, ...lazily },
    ]);
    // Silent since.
    for (clock.now = 141_000; clock.now <= 301_000; clock.now += 10_000) sessions.look();
    sessions.onEvent(ended(session, { by: 'gateway', code: 1006 }));
    expect(reports.at(-1)).toMatchObject({ state: 'lost', since: 311_000, lastSeenAt: 131_000 });
    expect(reports).toHaveLength(5);
  });

  it('of a credential that was replaced has not seen the machine of the new one', () => {
    const { sessions, reports, clock, change } = start();
    const session = sessionOf('s1');
    const run = sessionOf('run', '/ws/');
    for (const one of [session, run]) sessions.onEvent(admitted(one));
    for (const one of [session, run]) one.receivedBytes += 100;
    clock.now = 9000;
    change({ credentialId: 'another' });
    for (const one of [session, run]) sessions.onEvent(ended(one, { by: 'gateway', code: 4410 }));
    expect(reports.slice(2)).toEqual([{ state: 'lost', since: 9000, reason: null, saved: 'soon' }]);
  });

  it('shows a round trip that has changed, not one that trembles', () => {
    const { sessions, changed, clock } = start();
    const session = sessionOf('s1');
    sessions.onEvent(admitted(session));
    for (const roundTripMs of [undefined, 10, 11, 9, 40, 45, 47, 49]) {
      clock.now += 10;
      session.roundTripMs = roundTripMs;
      sessions.look();
    }
    expect(changed).toHaveLength(3);
  });
});

describe('a session beside it', () => {
  const lazily = { saved: 'lazily' } as const;

  it.each(['/ws/', '/ws/agents/web-1/x'])('at %s says that its machine was there, and reports nothing else', (path) => {
    const { sessions, reports, clock } = start();
    const [first, second] = [sessionOf('first', path), sessionOf('second', path)];
    sessions.onEvent(admitted(first));
    expect(reports).toEqual([{ state: 'runs-only', since: 1000, lastSeenAt: 1000, saved: 'soon' }]);
    clock.now = 2000;
    sessions.onEvent(ended(first, { by: 'client', code: 1000, reason: 'run ended', wasClean: true }));
    clock.now = 3000;
    sessions.onEvent(admitted(second));
    sessions.onEvent(ended(second, {}));
    expect(reports.slice(1)).toEqual([
      { lastSeenAt: 2000, ...lazily },
      { lastSeenAt: 3000, ...lazily },
    ]);
    expect(sessions.of('web-1')).toBeUndefined();
  });

  it('that is open for hours notes when it was heard, once a minute', () => {
    const { sessions, reports, clock } = start();
    const [run, silent] = [sessionOf('run', '/ws/'), sessionOf('silent', '/ws/')];
    for (const session of [run, silent]) sessions.onEvent(admitted(session));
    for (clock.now = 11_000; clock.now <= 131_000; clock.now += 10_000) {
      run.receivedBytes += 100;
      sessions.look();
    }
    expect(reports.slice(2)).toEqual([
      { lastSeenAt: 61_000, ...lazily },
      { lastSeenAt: 121_000, ...lazily },
    ]);
  });

  it('does not change how an agent stands that has reported', () => {
    const { sessions, reports, clock } = start();
    const [session, run] = [sessionOf('s1'), sessionOf('run', '/ws/')];
    sessions.onEvent(admitted(session));
    sessions.onEvent(ended(session, {}));
    clock.now = 5000;
    sessions.onEvent(admitted(run));
    sessions.onEvent(ended(run, {}));
    expect(reports.slice(2)).toEqual([{ lastSeenAt: 5000, ...lazily }]);
  });
});
