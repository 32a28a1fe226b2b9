// The flight recorder on its own: what a record holds, what a page may be told, and that nothing makes it grow without end.

import type { Attempt, GatewayEvent, Refusal, SessionView } from '@telltale/gateway';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, EndingRow } from '../api.ts';
import { recordBounds } from './attempt-record.ts';
import { Recorder, type RecorderBounds } from './recorder.ts';
import { attemptFrom, decision, refusalOf, sessionOf } from './testing/attempts.ts';

function setUp(bounds?: RecorderBounds) {
  const clock = { now: 5_000 };
  const endings: EndingRow[] = [];
  const changed: string[] = [];
  const recorder = new Recorder(
    {
      onEnded: (ending) => endings.push(ending),
      onChanged: (id, saved) => changed.push(`${id} ${saved}`),
      onEvicted() {},
      onForgotten() {},
    },
    bounds,
    () => clock.now,
  );
  const admit = (attempt: Attempt, session: SessionView = sessionOf(attempt)): SessionView => {
    recorder.onEvent({ type: 'attempt', attempt });
    recorder.onEvent({ type: 'admitted', attempt, session, decision });
    return session;
  };
  const refuse = (attempt: Attempt, parts: Partial<Refusal> = {}): void => {
    recorder.onEvent({ type: 'attempt', attempt });
    const refusal = refusalOf(attempt, parts);
    recorder.onEvent({ type: 'refused', attempt, refusal, user: 'ada', decision, told: 'frame' });
  };
  const end = (session: SessionView, change: Partial<Extract<GatewayEvent, { type: 'ended' }>> = {}): void =>
    recorder.onEvent({
      type: 'ended',
      attempt: session.attempt,
      session,
      code: 4408,
      name: 'stalled',
      reason: 'read nothing for 30 s',
      by: 'gateway',
      wasClean: false,
      durationMs: 1,
      ...change,
    });
  const record = (attempt: Attempt): AttemptRecord => {
    const found = recorder.record(attempt.attempt);
    if (found === undefined) throw new Error(`nothing is known of ${attempt.attempt}`);
    return found;
  };
  return { clock, recorder, endings, changed, admit, refuse, end, record };
}

describe('a record', () => {
  it('of an attempt that was refused says where, why and how it was told', () => {
    const { refuse, record, recorder } = setUp();
    const attempt = attemptFrom({ proxies: ['10.0.0.9'], userAgent: 'curl/8\u202e' });
    recorder.onEvent({ type: 'attempt', attempt });
    recorder.onLine(attempt.attempt, 'a line of the log');
    refuse(attempt);
    refuse(attemptFrom({ attempt: 'b', proxies: ['10.0.0.9'], userAgent: 'curl/8\u202e' }));
    expect(record(attempt)).toMatchObject({
      attempt: attempt.attempt,
      at: 1_000,
      address: '10.0.0.1',
      proxies: ['10.0.0.9'],
      program: 'curl/8\ufffd',
      title: 'Live',
      decidedMs: 0.4,
      steps: [
        { stage: 'route', outcome: 'passed', found: '/ws/' },
        { stage: 'form', outcome: 'refused', found: null },
      ],
      told: 'frame',
      refusal: { code: 4401, name: 'token-missing', user: 'ada', count: 2 },
      session: null,
      ending: null,
      events: [],
    });
    expect(record(attempt).refusal).not.toHaveProperty('address');
  });

  it('[REC3] of one that was folded has its own words, and how often the like of it came', () => {
    const { refuse, record } = setUp();
    const first = attemptFrom({ attempt: 'a' });
    const second = attemptFrom({ attempt: 'b' });
    const other = attemptFrom({ attempt: 'c' });
    refuse(first, { reason: 'it expired 1 s ago', detail: 'by the clock of the hub' });
    refuse(second, { reason: 'it expired 31 s ago', detail: 'by the clock of the hub' });
    refuse(other, { reason: 'it expired 9 s ago', detail: 'by the clock of the page' });
    const words = [first, second, other].map((attempt) => {
      const { reason, detail, count } = record(attempt).refusal ?? {};
      return [reason, detail, count];
    });
    expect(words).toEqual([
      ['it expired 1 s ago', 'by the clock of the hub', 2],
      ['it expired 31 s ago', 'by the clock of the hub', 2],
      ['it expired 9 s ago', 'by the clock of the page', 1],
    ]);
  });

  it('of one that was admitted has its session as it is, each event, and how it ended', () => {
    const { clock, recorder, admit, end, record, endings } = setUp();
    const attempt = attemptFrom();
    const figures = { sentBytes: 100, behind: 1, behindSince: 4_000 };
    const session = admit(attempt, Object.assign(sessionOf(attempt), figures));
    const met = (event: GatewayEvent): void => {
      clock.now += 1_000;
      recorder.onEvent(event);
    };
    met({ type: 'subscribed', session, channel: 'runs' });
    met({ type: 'catching-up', session, channel: 'runs' });
    met({ type: 'gap', session, channel: 'runs', from: 3, to: 9 });
    met({ type: 'caught-up', session, channel: 'runs' });
    met({ type: 'renewed', session });
    met({ type: 'unsubscribed', session, channel: 'runs', reason: undefined });
    met({ type: 'unsubscribed', session, channel: 'agents', reason: 'the right to read it was withdrawn' });
    for (const reason of ['it expired', 'it expired\u202e', 'it expired']) {
      met({ type: 'renewal-refused', session, code: 4419, reason });
      met({ type: 'renewal-refused', session, code: 4419, reason });
    }
    Object.assign(session, { sentBytes: 4_000 });
    expect(record(attempt)).toMatchObject({
      session: { user: 'ada', sentBytes: 4_000, roundTripMs: 12.3, subscriptions: 2, behind: 1, behindSince: 4_000 },
      ending: null,
      refusal: null,
    });
    clock.now = 20_000;
    Object.assign(session, { sentBytes: 5_000, channels: [] });
    end(session);
    const whole = record(attempt);
    expect(whole.session).toMatchObject({ sentBytes: 5_000, subscriptions: 2, behind: 0 });
    expect(whole.ending).toMatchObject({ code: 4408, by: 'gateway', since: 2_000, endedAt: 20_000 });
    expect(endings).toEqual([
      {
        ...whole.ending,
        attempt: attempt.attempt,
        address: '10.0.0.1',
        origin: attempt.origin,
        path: '/ws/',
        program: 'Mozilla/5.0',
      },
    ]);
    expect(whole.events).toEqual([
      { at: 6_000, type: 'subscribed', channel: 'runs' },
      { at: 7_000, type: 'catching-up', channel: 'runs' },
      { at: 8_000, type: 'gap', channel: 'runs', from: 3, to: 9 },
      { at: 9_000, type: 'caught-up', channel: 'runs' },
      { at: 10_000, type: 'renewed', expiresAt: null },
      { at: 11_000, type: 'unsubscribed', channel: 'runs', reason: null },
      { at: 12_000, type: 'unsubscribed', channel: 'agents', reason: 'the right to read it was withdrawn' },
      { at: 14_000, type: 'renewal-refused', code: 4419, reason: 'it expired' },
      { at: 16_000, type: 'renewal-refused', code: 4419, reason: 'it expired\ufffd' },
      { at: 18_000, type: 'renewal-refused', code: 4419, reason: 'it expired' },
    ]);
  });

  it('keeps one round-trip time until it is quite another, and one question of a page in ten seconds', () => {
    const { clock, recorder, admit, record } = setUp();
    const attempt = attemptFrom();
    const session = admit(attempt);
    for (const roundTripMs of [20, 22, 30, 300, 310]) recorder.onEvent({ type: 'round-trip', session, roundTripMs });
    for (const later of [0, 9_000, 9_000]) {
      clock.now += later;
      recorder.onEvent({ type: 'asked', attempt: attempt.attempt });
    }
    const told = record(attempt).events.map((event) => (event.type === 'round-trip' ? event.roundTripMs : event.type));
    expect(told).toEqual([30, 310, 'asked', 'asked']);
  });

  it('[REC1] of a peer that left before it was admitted says so, who it was and how long it took', () => {
    const { recorder, record, endings, changed } = setUp();
    const attempt = attemptFrom();
    const reason = 'its peer left before it was admitted, which took 4000 ms';
    recorder.onEvent({ type: 'attempt', attempt });
    recorder.onEvent({ type: 'left', attempt, user: 'ada\u202e', kind: 'user', reason, decision });
    const events = [{ type: 'left', user: 'ada\ufffd' }];
    const ending = { session: null, code: 1006, by: 'client', user: 'ada\ufffd', reason, since: 1_000, endedAt: 5_000 };
    expect(record(attempt)).toMatchObject({ refusal: null, session: null, events, ending });
    expect(endings).toMatchObject([{ ...ending, attempt: attempt.attempt, address: '10.0.0.1' }]);
    expect(changed).toEqual([`${attempt.attempt} soon`]);
    expect(recorder.outcome(attempt.attempt)).toEqual({
      state: 'admitted',
      ended: { code: 1006, name: 'closed', reason },
    });
    expect(recorder.rates.take(10_000)).toMatchObject([{ admitted: 0, left: 1, refused: {}, ended: {} }]);
    const next = setUp();
    expect(next.recorder.restore(record(attempt), 9_000), 'after a restart').toEqual(endings[0]);
  });

  it('survives as JSON, and one whose session was open then has ended with the hub', () => {
    const first = setUp();
    const over = attemptFrom({ attempt: 'over' });
    const open = attemptFrom({ attempt: 'open' });
    first.refuse(over);
    const session = first.admit(open);
    for (let index = 0; index < recordBounds.events + 5; index++) {
      first.recorder.onEvent({ type: 'subscribed', session, channel: `runs/${index}` });
    }
    const next = setUp();
    const stored = [over, open].map((attempt) => JSON.parse(JSON.stringify(first.record(attempt))) as AttemptRecord);
    const endings = stored.map((json) => next.recorder.restore(json, 9_000));
    expect(next.record(over)).toEqual(stored[0]);
    expect(endings).toEqual([undefined, expect.objectContaining({ code: 1006, by: 'gateway', endedAt: 9_000 })]);
    const { ending, events } = next.record(open);
    expect(ending).toMatchObject({ wasClean: false, reason: expect.stringContaining('without a goodbye') as string });
    expect(events[0]).toMatchObject({ type: 'dropped', count: 5 });
    expect(next.changed).toEqual(['open soon']);
  });
});

describe('[REF8] the page that made an attempt', () => {
  it('is told what the gateway would have told it', () => {
    const { recorder, admit, refuse, end } = setUp();
    expect(recorder.outcome('nobody')).toBeUndefined();
    refuse(attemptFrom({ attempt: 'refused' }));
    expect(recorder.outcome('refused')).toEqual({
      state: 'refused',
      refusal: {
        code: 4401,
        name: 'token-missing',
        stage: 'credential',
        reason: 'no token was sent',
        hint: 'Send one.',
        retry: false,
        attempt: 'refused',
      },
    });
    const session = admit(attemptFrom({ attempt: 'admitted' }));
    expect(recorder.outcome('admitted')).toEqual({ state: 'admitted' });
    end(session);
    expect(recorder.outcome('admitted')).toEqual({
      state: 'admitted',
      ended: { code: 4408, name: 'stalled', reason: 'read nothing for 30 s' },
    });
  });
});

describe('the recorder', () => {
  it('[REC4] drops the oldest events of a session, and says how many', () => {
    const { recorder, admit, record } = setUp();
    const attempt = attemptFrom();
    const session = admit(attempt);
    const total = 10 * recordBounds.events;
    for (let index = 0; index < total; index++)
      recorder.onEvent({ type: 'subscribed', session, channel: `runs/${index}` });
    const [first, second, ...rest] = record(attempt).events;
    expect(first).toMatchObject({ type: 'dropped', count: total - recordBounds.events });
    expect(second).toMatchObject({ channel: `runs/${total - recordBounds.events}` });
    expect(rest).toHaveLength(recordBounds.events - 1);
  });

  it('keeps to its count: what is over goes first, what lives stays', () => {
    const { recorder, admit, refuse } = setUp({ records: 10, bytes: 1e9 });
    const live = Array.from({ length: 8 }, (_, index) => admit(attemptFrom({ attempt: `live-${index}` })));
    for (let index = 0; index < 100; index++) refuse(attemptFrom({ attempt: `over-${index}`, path: `/ws/${index}` }));
    expect(recorder.size.records).toBe(10);
    for (const { attempt } of live) expect(recorder.record(attempt.attempt)).toBeDefined();
    expect(recorder.record('over-97')).toBeUndefined();
    expect(recorder.record('over-99')).toBeDefined();
  });

  it('has room for some that are over, however many live', () => {
    const { recorder, admit, refuse } = setUp({ records: 20, bytes: 1e9 });
    for (let index = 0; index < 30; index++) admit(attemptFrom({ attempt: `live-${index}` }));
    for (let index = 0; index < 3; index++) refuse(attemptFrom({ attempt: `over-${index}`, path: `/ws/${index}` }));
    expect(['over-0', 'over-1', 'over-2'].map((id) => recorder.record(id) !== undefined)).toEqual([false, true, true]);
  });

  it('[REC4] keeps to its bytes, also where everything in it lives', () => {
    const bounds = { records: 1_000, bytes: 300_000 };
    const { recorder, admit, refuse } = setUp(bounds);
    const sessions = Array.from({ length: 100 }, (_, index) => admit(attemptFrom({ attempt: `live-${index}` })));
    for (let round = 0; round < 150; round++) {
      for (const session of sessions) recorder.onEvent({ type: 'subscribed', session, channel: `runs/${round}` });
      expect(recorder.size.bytes).toBeLessThanOrEqual(bounds.bytes);
    }
    const [first] = recorder.record('live-0')?.events ?? [];
    expect(first).toMatchObject({ type: 'dropped' });
    refuse(attemptFrom({ attempt: 'late' }));
    expect(recorder.size.bytes).toBeLessThanOrEqual(bounds.bytes);
  });

  it('forgets by age what is over, and rows with it, and never a session that lives', () => {
    const { clock, recorder, admit, end, refuse } = setUp();
    admit(attemptFrom({ attempt: 'live' }));
    clock.now = 10_000;
    refuse(attemptFrom({ attempt: 'old', time: 10_000 }));
    const session = admit(attemptFrom({ attempt: 'ended', time: 10_000 }));
    clock.now = 20_000;
    end(session);
    refuse(attemptFrom({ attempt: 'young', time: 20_000, path: '/ws/dashboard/' }));
    recorder.expire(15_000);
    const known = ['live', 'old', 'ended', 'young'].filter((id) => recorder.record(id) !== undefined);
    expect(known).toEqual(['live', 'ended', 'young']);
    expect([...recorder.rows.all()].map(({ attempt }) => attempt)).toEqual(['young']);
  });

  it('weighs right: when all is forgotten nothing is left', () => {
    const { recorder, admit, end, refuse } = setUp({ records: 1, bytes: 1e9 });
    for (let index = 0; index < 50; index++) {
      const attempt = attemptFrom({ attempt: `a-${index}` });
      const session = admit(attempt);
      recorder.onLine(attempt.attempt, 'a line');
      recorder.onEvent({ type: 'subscribed', session, channel: 'runs' });
      end(session);
      recorder.onEvent({ type: 'asked', attempt: attempt.attempt });
      refuse(attemptFrom({ attempt: `b-${index}` }));
    }
    // An id may come again once the gateway has forgotten it.
    refuse(attemptFrom({ attempt: 'b-49' }));
    end(admit(attemptFrom({ attempt: 'b-49' })));
    refuse(attemptFrom({ attempt: 'b-49' }));
    const fresh = setUp();
    fresh.refuse(attemptFrom({ attempt: 'b-49' }));
    expect(recorder.size).toEqual(fresh.recorder.size);
  });
});

describe('the rates of attempts', () => {
  it('count each second by name and code, and who came back', () => {
    const { clock, recorder, admit, refuse, end } = setUp();
    const { rates } = recorder;
    clock.now = 10_100;
    const session = admit(attemptFrom({ attempt: '1' }));
    refuse(attemptFrom({ attempt: '2' }));
    end(session, { code: 1012 });
    clock.now = 10_900;
    admit(attemptFrom({ attempt: '3' }));
    expect(rates.take(10_950)).toEqual([]);
    clock.now = 80_000;
    admit(attemptFrom({ attempt: '4', address: '10.0.0.2' }));
    expect(rates.take(80_500)).toEqual([
      { at: 10_000, usual: 0, admitted: 2, returned: 1, left: 0, refused: { 'token-missing': 1 }, ended: { 1012: 1 } },
    ]);
    expect(rates.take(81_000)).toEqual([
      { at: 80_000, usual: 0, admitted: 1, returned: 0, left: 0, refused: {}, ended: {} },
    ]);
    expect(rates.take(90_000)).toEqual([]);
  });

  it('count nobody as coming back for whom another program came', () => {
    const { clock, recorder, admit, end } = setUp();
    clock.now = 10_000;
    const page = admit(attemptFrom({ attempt: '1' }));
    end(page, { code: 1006 });
    admit(attemptFrom({ attempt: '2', userAgent: 'telltale-doctor/0.1.0' }));
    expect(recorder.rates.take(12_000)).toMatchObject([{ admitted: 2, returned: 0 }]);
  });

  it('count as many of one as coming back as had left, and no more', () => {
    const { clock, recorder, admit, end } = setUp();
    const tabs = ['1', '2', '3'].map((attempt) => admit(attemptFrom({ attempt })));
    clock.now = 80_000;
    for (const session of tabs.slice(1)) end(session);
    for (const attempt of ['4', '5', '6']) admit(attemptFrom({ attempt }));
    expect(recorder.rates.take(90_000).at(-1)).toMatchObject({ admitted: 3, returned: 2 });
  });

  it('forget who left more than a minute ago, and count a flood of made-up codes as others', () => {
    const { clock, recorder, admit, end } = setUp();
    clock.now = 10_000;
    const session = admit(attemptFrom({ attempt: '1' }));
    for (let code = 3_000; code < 3_100; code++)
      recorder.rates.ended({ user: 'x', kind: 'user', address: '10.0.0.3', program: null }, code, 10_500);
    end(session);
    clock.now = 70_001;
    admit(attemptFrom({ attempt: '2' }));
    const [first, second] = recorder.rates.take(72_000);
    expect(Object.keys(first?.ended ?? {})).toHaveLength(21);
    expect(first?.ended).toMatchObject({ other: 81 });
    expect(second).toMatchObject({ admitted: 1, returned: 0 });
  });
});
