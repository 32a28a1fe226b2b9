import { describe, expect, it } from 'vitest';
import { clock } from '../../words/time.ts';
import type { Storm } from './rates-model.ts';
import { barWords, stormSentence, stormWords, summaryOf } from './storm-words.ts';
import { refusalRow } from './testing/rows.ts';

const storm: Storm = {
  from: 300_000,
  to: 330_000,
  isOlder: false,
  peak: 26,
  perSecond: {
    admitted: 3,
    refused: 13,
    left: 0,
    returned: 1,
    ended: 8,
    byName: { 'token-missing': 1, 'origin-not-allowed': 13 },
    byCode: { 1012: 2, 1006: 6, other: 1 },
  },
  total: {
    admitted: 10,
    returned: 2,
    refused: 33,
    left: 0,
    byName: { 'token-missing': 1, 'origin-not-allowed': 32 },
    byCode: { 1012: 2, 1006: 9, other: 1 },
  },
};

describe('a storm in words', () => {
  it('says what most of it is and whence', () => {
    const page = refusalRow({ first: 290_000, last: 325_000, count: 32 });
    const other = refusalRow({ id: 'r2', origin: 'https://b.example', first: 1, last: 325_000, count: 20 });
    const elsewhere = refusalRow({
      id: 'r3',
      origin: 'https://c.example',
      address: '10.0.0.9',
      last: 326_000,
      count: 30,
    });
    expect(stormWords(storm, [page], 10_000)).toBe('storm: 4403 from one page, up to 26 in 10 s');
    expect(stormWords(storm, [page, other], 10_000)).toBe('storm: 4403 from one address, up to 26 in 10 s');
    expect(stormWords(storm, [page, other, elsewhere], 10_000)).toBe('storm: 4403, up to 26 in 10 s');
  });

  it('gives the figure of all to none of several kinds', () => {
    const mixed: Storm = {
      ...storm,
      peak: 17,
      total: { ...storm.total, refused: 17, byName: { 'origin-not-allowed': 9, 'token-missing': 8 } },
    };
    const here = refusalRow({ last: 325_000, count: 9 });
    const token = refusalRow({ id: 'r2', name: 'token-missing', origin: null, last: 325_000, count: 8 });
    expect(stormWords(mixed, [here, token], 10_000)).toBe('storm: refusals from one address, up to 17 in 10 s');
  });

  it('may be one of those that were let in, and come back', () => {
    const back: Storm = {
      ...storm,
      total: { ...storm.total, admitted: 40, returned: 30, refused: 2, byName: { 'token-missing': 2 } },
    };
    expect(stormWords(back, [], 10_000)).toBe('storm: reconnects, up to 26 in 10 s');
    expect(stormWords({ ...back, total: { ...back.total, returned: 3 } }, [], 10_000)).toMatch(/^storm: connects,/);
  });

  it('may be one of those that admission took too long for', () => {
    const left: Storm = {
      ...storm,
      total: { ...storm.total, left: 60 },
      perSecond: { ...storm.perSecond, left: 7 },
    };
    expect(stormWords(left, [], 10_000)).toBe('storm: left before they were admitted, up to 26 in 10 s');
    expect(stormSentence(left)).toContain('13 refusals, 7 that left before, 1 reconnect');
  });

  it('says so where it may have begun earlier', () => {
    expect(stormSentence({ ...storm, isOlder: true })).toMatch(`before ${clock(300_000)} to ${clock(330_000)}, up to`);
  });

  it('leaves out what did not happen', () => {
    expect(
      stormSentence({ ...storm, perSecond: { ...storm.perSecond, admitted: 0, returned: 0, ended: 0 } }),
    ).toContain('up to 13 refusals a second.');
  });

  it('has its highest seconds, its refusals by name and its ends by code', () => {
    expect(stormSentence(storm)).toBe(
      `${clock(300_000)} to ${clock(330_000)}, up to 3 connects, 13 refusals, 1 reconnect and 8 ends a second. Refused: 32 × 4403 origin not allowed (up to 13 a second), 1 × 4401 no credential. Ended: 9 × 1006 connection lost (up to 6 a second), 2 × 1012 restarting (up to 2 a second), 1 × other.`,
    );
  });
});

describe('the chart in words', () => {
  const bar = { at: 300_000, ...storm.total };

  it('tells one bar', () => {
    expect(barWords(bar)).toBe(
      `${clock(300_000)}, 10 admitted, 2 of them reconnected, 33 refused. Refused: 32 × 4403 origin not allowed, 1 × 4401 no credential. Ended: 9 × 1006 connection lost, 2 × 1012 restarting, 1 × other.`,
    );
    expect(barWords({ at: 0, admitted: 1, returned: 0, refused: 0, left: 2, byName: {}, byCode: {} })).toBe(
      `${clock(0)}, 1 admitted, 0 refused, 2 left before.`,
    );
  });

  it('tells all of them, the names that are many by their number', () => {
    const byName = { a: 5, b: 4, c: 3, d: 2, e: 1 };
    expect(summaryOf([{ ...bar, byName, byCode: {}, refused: 15 }], [storm], 900_000)).toBe(
      'Attempts in 15 min: 10 admitted, 15 refused, 1 storm. Refused: 5 × a, 4 × b, 3 × c, 3 others.',
    );
  });
});
