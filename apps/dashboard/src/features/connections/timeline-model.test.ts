import type { AttemptRecord } from '@telltale/hub/api';
import { stages } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { clock, clockThousandth } from '../../words/time.ts';
import { factsOf, isAlive, verdictOf } from './attempt-facts.ts';
import { endingRow, refusalRow, sessionRow } from './testing/rows.ts';
import { pinsOf } from './timeline-model.ts';

const at = new Date(2026, 9, 4, 14, 6, 51, 204).getTime();

function record(more: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    attempt: 'AAAAAAAAAAAAAAAAAAAAAA',
    address: '203.0.113.77',
    origin: 'https://ops.example.com',
    path: '/ws/dashboard/',
    program: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    at,
    proxies: ['10.0.0.5'],
    title: 'Dashboard',
    steps: stages.map((stage) => ({ stage, outcome: 'passed', found: null })),
    decidedMs: 0.24,
    refusal: null,
    told: null,
    session: null,
    ending: null,
    events: [],
    log: [],
    ...more,
  };
}

const refused = record({
  steps: stages.map((stage, index) => ({
    stage,
    outcome: index < 2 ? 'passed' : index === 2 ? 'refused' : 'not-reached',
    found: stage === 'origin' ? 'https://ops.example.com' : null,
  })),
  refusal: refusalRow({ count: 128, first: at - 60_000, last: at }),
  told: 'frame',
  events: [{ type: 'asked', at: at + 300 }],
});

describe('a refused attempt', () => {
  it('is a thread that ends at a wall, with what was never reached below it', () => {
    expect(pinsOf(refused).map(({ what, kind, at: when, more, end }) => [what, kind, when, more, end])).toEqual([
      ['Arrived', 'passed', clockThousandth(at), '203.0.113.77 by proxy 10.0.0.5', ''],
      ['Route', 'passed', '', undefined, 'passed'],
      ['Method and headers', 'passed', '', undefined, 'passed'],
      ['Origin', 'refused', '+0.2 ms', 'https://ops.example.com', 'refused'],
      ['Rate and capacity', 'never', '', undefined, 'not reached'],
      ['Credential', 'never', '', undefined, 'not reached'],
      ['Permission', 'never', '', undefined, 'not reached'],
      ['Session', 'never', '', undefined, 'never began'],
    ]);
    expect(isAlive(refused)).toBe(false);
  });

  it('says where it was refused, what it was told, whether it asked, and how often it came before', () => {
    expect(verdictOf(refused, at)).toEqual({
      thread: 'refused',
      tone: 'refused',
      title: 'Refused at origin: 4403',
      text: 'Pages of origin "https://ops.example.com" may not connect to this gateway.',
    });
    expect(factsOf(refused, at)).toEqual([
      { title: 'Told', text: 'refused frame, then close 4403' },
      { title: 'Program', text: 'Firefox 145, Linux' },
      { title: 'Origin', text: 'https://ops.example.com' },
      { title: 'Endpoint', text: 'Dashboard' },
      { title: 'Asked later', text: 'yes, 0.2 s after it was refused' },
      { title: 'Same before', text: `127 times since ${clock(at - 60_000)}, folded` },
    ]);
  });
});

it('that ended before anybody had read it says what is not known, in place of what was not sent', () => {
  const name = 'tls-to-plain';
  const reason = 'TLS arrived at a port that speaks plain HTTP';
  const unread = record({
    origin: null,
    path: 'unknown',
    program: null,
    title: null,
    steps: stages.map((stage, index) => ({
      stage,
      outcome: index === 1 ? 'refused' : 'not-reached',
      found: index === 0 ? 'unknown' : index === 1 ? reason : null,
    })),
    refusal: refusalRow({ code: 4400, name, stage: 'form', reason }),
    told: 'http',
  });
  const pins = pinsOf(unread).map(({ what, kind, more }) => [what, kind, more]);
  expect(pins.slice(1, 4)).toEqual([
    ['Route', 'never', 'unknown'],
    ['Method and headers', 'refused', reason],
    ['Origin', 'never', undefined],
  ]);
  expect(factsOf(unread, at).slice(0, 4)).toEqual([
    { title: 'Told', text: 'an HTTP answer with the reason, as JSON' },
    { title: 'Program', text: 'not read' },
    { title: 'Origin', text: 'not read' },
    { title: 'Endpoint', text: 'none that is known' },
  ]);
  expect(factsOf(record({ ...refused, origin: null, program: null }), at).slice(1, 3)).toEqual([
    { title: 'Program', text: 'did not say' },
    { title: 'Origin', text: 'none sent' },
  ]);
});

it('whose page was gone before it was told says so, and nothing more will come', () => {
  const left = record({
    events: [{ type: 'left', user: 'ada', at: at + 4_000 }],
    ending: endingRow({ session: null, code: 1006, name: 'closed', by: 'client', since: at, endedAt: at + 4_000 }),
  });
  expect(
    pinsOf(left)
      .slice(7)
      .map(({ what, more, end }) => [what, more, end]),
  ).toEqual([
    ['Left before it could be told that it was admitted', 'ada', ''],
    ['Session', undefined, 'never began'],
  ]);
  expect(isAlive(left)).toBe(false);
  expect(verdictOf(left, at).title).toBe('Left before it was decided');
  expect(verdictOf(left, at).text).toMatch(/It had been there for 4 s\.$/);
});

describe('an attempt that was admitted', () => {
  const session = sessionRow({ since: at + 1_000, behind: 1 });
  const live = record({
    session,
    events: [
      { type: 'subscribed', at: at + 1_100, channel: 'agents' },
      { type: 'subscribed', at: at + 1_200, channel: 'runs' },
      { type: 'gap', at: at + 9_000, channel: 'runs', from: 4, to: 9 },
      { type: 'subscribed', at: at + 9_500, channel: 'vitals' },
      { type: 'renewed', at: at + 60_000, expiresAt: at + 120_000 },
    ],
  });

  it('goes on with its session and what happened to it, and is alive at its end', () => {
    expect(
      pinsOf(live)
        .slice(7)
        .map(({ what, kind, more, end }) => [what, kind, more, end]),
    ).toEqual([
      ['Session', 'passed', 'ada', 'began'],
      ['Subscribed', 'passed', 'agents, runs', ''],
      ['6 messages missed', 'gap', 'runs', 'gap'],
      ['Subscribed', 'passed', 'vitals', ''],
      ['Credential renewed', 'passed', `good until ${clock(at + 120_000)}`, ''],
      ['Connected', 'live', '14 channels, 1 behind', 'live'],
    ]);
    expect(isAlive(live)).toBe(true);
    expect(verdictOf(live, at + 61_000)).toMatchObject({ thread: 'catching', title: 'Connected for 1 min' });
  });

  it('says why the hub ended a subscription, and that it refused a new credential', () => {
    const why = 'the right to read it was withdrawn';
    const events = [
      { type: 'unsubscribed', at: at + 2_000, channel: 'vitals', reason: null },
      { type: 'unsubscribed', at: at + 2_001, channel: 'agents', reason: why },
      { type: 'unsubscribed', at: at + 2_002, channel: 'runs', reason: why },
      { type: 'renewal-refused', at: at + 3_000, code: 4419, reason: 'the token expired\u202E 61 s ago' },
    ] as const;
    expect(
      pinsOf(record({ session, events }))
        .slice(8, -1)
        .map(({ what, kind, more, end }) => [what, kind, more, end]),
    ).toEqual([
      ['Unsubscribed', 'passed', 'vitals', ''],
      ['Subscription ended by the hub', 'gap', 'agents, runs. The right to read it was withdrawn.', ''],
      ['New credential refused', 'refused', 'The token expired\uFFFD 61 s ago.', '4419'],
    ]);
  });

  it('ends with who ended it, why, and after how long', () => {
    const ended = record({
      ending: endingRow({
        code: 4410,
        name: 'ended-by-operator',
        reason: 'An operator ended this session: moving\u202E house.',
        since: at,
        endedAt: at + 90_000,
      }),
    });
    expect(pinsOf(ended).at(-1)).toMatchObject({
      kind: 'ended',
      what: 'Ended by an operator',
      more: 'after 1 min 30 s, by the gateway. An operator ended this session: moving\uFFFD house.',
      end: '4410',
    });
    expect(verdictOf(ended, at + 100_000)).toMatchObject({ tone: 'refused', title: 'Ended by an operator: 4410' });
    expect(isAlive(ended)).toBe(false);
  });

  it('tells the newest of many events, and counts the rest', () => {
    const events = Array.from({ length: 150 }, (_, index) => ({
      type: 'asked' as const,
      at: at + index * 5_000,
    }));
    const pins = pinsOf(record({ session, events }));
    expect(pins).toHaveLength(7 + 1 + 1 + 100 + 1);
    expect(pins[8]).toMatchObject({ kind: 'gap', what: '50 earlier events' });
  });

  it('tells round trips between two other events as one', () => {
    const trip = (after: number, roundTripMs: number) => ({ type: 'round-trip' as const, at: at + after, roundTripMs });
    const asked = { type: 'asked' as const, at: at + 50_000 };
    const pins = pinsOf(record({ session, events: [trip(0, 126), trip(20_000, 16), asked, trip(60_000, 38)] }));
    expect(pins.slice(8, 11).map(({ what, more }) => [what, more])).toEqual([
      ['Round trip', '16 to 126 ms'],
      ['The page asked what had become of it', undefined],
      ['Round trip', '38 ms'],
    ]);
  });

  it('names four channels and counts the others', () => {
    const events = Array.from({ length: 9 }, (_, index) => ({
      type: 'subscribed' as const,
      at: at + index,
      channel: `metrics/${index}`,
    }));
    expect(pinsOf(record({ session, events }))[8]?.more).toBe('metrics/0, metrics/1, metrics/2, metrics/3 and 5 more');
  });
});
