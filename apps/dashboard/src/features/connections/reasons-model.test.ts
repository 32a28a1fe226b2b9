import { describe, expect, it } from 'vitest';
import { cureOf } from './cure.ts';
import { happeningsOf, isAttemptId, isFound } from './happenings.ts';
import { curveOf, marksOf } from './marks.ts';
import { reasonsOf } from './reasons-model.ts';
import { endingRow, refusalRow, sessionRow } from './testing/rows.ts';

const textOf = (pieces: ReturnType<typeof cureOf>['found']): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : piece.strong)).join('');

describe('what was refused and has ended', () => {
  it('is grouped by its reason, decisions first, then what comes back by itself, then what is usual', () => {
    const reasons = reasonsOf(
      happeningsOf(
        [
          refusalRow({ count: 100, first: 1_000, last: 9_000 }),
          refusalRow({ id: 'r2', address: '203.0.113.78', count: 28, first: 500, last: 8_000 }),
          refusalRow({ id: 'r3', code: 4401, name: 'token-missing', stage: 'credential', count: 200, setting: null }),
        ],
        [endingRow(), endingRow({ session: 's3', code: 1001, name: 'closed', by: 'client' })],
        [],
      ),
    );
    expect(reasons.map(({ title, code, tone, count, first, last }) => [title, code, tone, count, first, last])).toEqual(
      [
        ['No credential', 4401, 'refused', 200, 1_000, 2_000],
        ['Origin not allowed', 4403, 'refused', 128, 500, 9_000],
        ['Token expired', 4419, 'late', 1, 2_000, 2_000],
        ['Closed by the page or program', 1001, 'quiet', 1, 2_000, 2_000],
      ],
    );
  });

  it('keeps pages of two origins apart, since each has a line of its own, and of many the most frequent', () => {
    const rows = Array.from({ length: 9 }, (_, index) =>
      refusalRow({ id: `r${index}`, origin: `https://p${index}.example`, count: index + 1 }),
    );
    expect(reasonsOf(happeningsOf(rows.slice(0, 2), [], [])).map(({ aside }) => aside)).toEqual([
      'https://p1.example',
      'https://p0.example',
    ]);
    expect(reasonsOf(happeningsOf(rows, [], [])).map(({ aside, count }) => [aside, count])).toEqual([
      ['5 other origins', 15],
      ['https://p8.example', 9],
      ['https://p7.example', 8],
      ['https://p6.example', 7],
      ['https://p5.example', 6],
    ]);
  });

  it('has whoever left before it was admitted as one of its own, that came back from nowhere', () => {
    const reason = 'its peer left before it was admitted, which took 4000 ms';
    const left = { session: null, code: 1006, name: 'closed', by: 'client', reason, since: 3_000 } as const;
    const lost = endingRow({ session: 'a', code: 1006, name: 'closed', by: 'network', endedAt: 2_000 });
    const rows = [endingRow({ ...left, attempt: 'x', endedAt: 4_000 }), endingRow({ ...left, attempt: 'y' }), lost];
    const reasons = reasonsOf(happeningsOf([], rows, []));
    expect(reasons.map(({ title, count, aside }) => [title, count, aside])).toEqual([
      ['Left before it was admitted', 2, '0 of 2 came back by themselves'],
      ['Line lost without a goodbye', 1, 'has not come back'],
    ]);
    const [first] = reasons;
    const cure = first && cureOf(first);
    expect(textOf(cure?.found ?? [])).toMatch(/^Its peer left .* 4000 ms\. This is the newest of 2\.$/);
    expect(cure?.advice).toMatch(/what admission waits for/);
  });

  it('takes another program of the same person for nobody who came back', () => {
    const lost = endingRow({ session: 'a', code: 1006, name: 'closed', by: 'network', endedAt: 2_000 });
    const doctor = endingRow({
      session: 'b',
      code: 1000,
      since: 3_000,
      endedAt: 3_500,
      program: 'telltale-doctor/0.1.0',
    });
    const aside = (rows: readonly (typeof lost)[]): string | undefined =>
      reasonsOf(happeningsOf([], rows, [])).find(({ code }) => code === 1006)?.aside;
    expect(aside([lost, doctor])).toBe('has not come back');
    expect(aside([lost, { ...doctor, program: lost.program }])).toBe('came back by itself');
  });

  it('says how many came back by themselves', () => {
    const endings = [
      endingRow({ session: 'a', user: 'ada', since: 1_000, endedAt: 2_000 }),
      endingRow({ session: 'b', user: 'ada', since: 3_000, endedAt: 4_000 }),
      endingRow({ session: 'c', user: 'bob', since: 1_000, endedAt: 4_000 }),
    ];
    const sessions = [sessionRow({ user: 'ada', since: 5_000 })];
    expect(reasonsOf(happeningsOf([], endings, sessions))[0]?.aside).toBe('2 of 3 came back by themselves');
    expect(reasonsOf(happeningsOf([], endings.slice(2), sessions))[0]?.aside).toBe('has not come back');
    expect(reasonsOf(happeningsOf([], endings.slice(1, 2), sessions))[0]?.aside).toBe('came back by itself');
  });

  it('names whom it concerns: the user, else the program, else from where', () => {
    const of = (...rows: readonly ReturnType<typeof refusalRow>[]): string | undefined =>
      reasonsOf(happeningsOf(rows, [], []))[0]?.aside;
    const missing = { code: 4401, name: 'token-missing', stage: 'credential', origin: null } as const;
    expect(of(refusalRow({ ...missing, user: 'ci' }))).toBe('ci');
    expect(of(refusalRow({ ...missing, program: 'python-websockets/15' }))).toBe(
      'python-websockets/15, /ws/dashboard/',
    );
    expect(of(refusalRow(missing), refusalRow({ ...missing, id: 'r2', program: 'curl/8', address: '10.0.0.1' }))).toBe(
      'from 2 addresses',
    );
  });

  it('shows a name that only a newer hub has', () => {
    const row = refusalRow({ name: 'moon-phase', code: 4455 });
    expect(reasonsOf(happeningsOf([row], [], []))[0]).toMatchObject({ title: 'Moon phase', tone: 'late' });
  });
});

describe('the cure', () => {
  const cure = (row: ReturnType<typeof refusalRow>): ReturnType<typeof cureOf> => {
    const [reason] = reasonsOf(happeningsOf([row], [], []));
    if (reason === undefined) throw new Error('no group');
    return cureOf(reason);
  };

  it('of an origin names the page, and has the line to add', () => {
    const { found, advice, setting } = cure(refusalRow({ count: 128 }));
    expect(textOf(found)).toBe(
      'The page at https://ops.example.com is not on the list of origins that may connect. It tried 128 times from 1 address and was told to stop each time; its token was never looked at.',
    );
    expect(found[1]).toEqual({ strong: 'https://ops.example.com' });
    expect(advice).toBe('If this page is yours, add its origin and restart the hub:');
    expect(setting).toBe('TELLTALE_ALLOWED_ORIGINS=https://dash.example.com,https://ops.example.com');
  });

  it('of an origin that nobody can let in offers no line', () => {
    const { advice, setting } = cure(
      refusalRow({ origin: 'null', hint: 'serve the page from an address', setting: null }),
    );
    expect([advice, setting]).toEqual(['Serve the page from an address.', undefined]);
  });

  it('of a credential says what was found and what whoever tries has to do', () => {
    const { found, advice, setting } = cure(
      refusalRow({
        code: 4401,
        name: 'token-signature',
        stage: 'credential',
        reason: 'the signature of the token does not fit the key of this gateway',
        hint: 'compare the secrets',
        setting: null,
        count: 2,
      }),
    );
    expect(textOf(found)).toBe(
      'The signature of the token does not fit the key of this gateway. It happened 2 times from 1 address.',
    );
    expect(advice).toBe('Compare the secrets.');
    expect(setting).toBeUndefined();
  });

  it('shows what would reorder its sentence as a mark of its own', () => {
    expect(textOf(cure(refusalRow({ origin: 'https://a\u202Eb.example' })).found)).toContain(
      'https://a\uFFFDb.example',
    );
  });

  it('of an end says why and what to do, and that a goodbye needs nothing', () => {
    const of = (row: ReturnType<typeof endingRow>): ReturnType<typeof cureOf> => {
      const [reason] = reasonsOf(happeningsOf([], [row], []));
      if (reason === undefined) throw new Error('no group');
      return cureOf(reason);
    };
    expect(textOf(of(endingRow()).found)).toBe('The token expired and was not renewed in time.');
    expect(of(endingRow()).advice).toMatch(/^Get a new token/);
    expect(of(endingRow({ code: 1001, name: 'closed', by: 'client' })).advice).toBe('Nothing needs doing.');
    expect(of(endingRow({ code: 1006, name: 'closed', by: 'network' })).advice).toMatch(/proxy/);
  });
});

describe('what a text finds', () => {
  it('is in user, address, origin, path, program or id, word by word', () => {
    const row = sessionRow();
    expect(isFound(row, '')).toBe(true);
    expect(isFound(row, 'ADA 203.0')).toBe(true);
    expect(isFound(row, 'aaaaaaaaaaaaaaaaaaaaaa')).toBe(true);
    expect(isFound(row, 'ada 10.0')).toBe(false);
  });

  it('may be an attempt as a whole', () => {
    expect(isAttemptId('AAAAAAAAAAAAAAAAAAAAAA')).toBe(true);
    expect(isAttemptId('ada')).toBe(false);
    expect(isAttemptId('AAAAAAAAAAAAAAAAAAAAA/../..')).toBe(false);
  });
});

describe('the small drawing of a group', () => {
  it('has a stroke from first to last of each row, and one for those that touch', () => {
    const rows = happeningsOf(
      [
        refusalRow({ first: -50, last: 100 }),
        refusalRow({ id: 'r2', first: 100, last: 300 }),
        refusalRow({ id: 'r3', first: 900, last: 900 }),
      ],
      [],
      [],
    );
    expect(marksOf(rows, { from: 0, to: 1_000 })).toEqual([
      { from: 0, to: 0.3 },
      { from: 0.9, to: 0.9 },
    ]);
  });

  it('counts a name in each step where counts of seconds are known', () => {
    const rate = { usual: 0, admitted: 0, returned: 0, left: 0, ended: {} };
    const rates = [
      { ...rate, at: 0, refused: { 'token-missing': 2 } },
      { ...rate, at: 31_000, refused: { 'token-missing': 1, 'origin-not-allowed': 5 } },
    ];
    expect(curveOf(rates, 'token-missing', { from: 0, to: 60_000 }, 30_000)).toEqual([
      { at: 30_000, value: 2 },
      { at: 60_000, value: 1 },
    ]);
    expect(curveOf(rates, 'constructor', { from: 0, to: 30_000 }, 30_000)).toEqual([{ at: 30_000, value: 0 }]);
  });
});
