import type { AttemptRates } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { axisTop, barSpan, barsOf, mostFirst, stormsOf, totalOf } from './rates-model.ts';

const barMs = 10_000;
const second = (at: number, more: Partial<AttemptRates> = {}): AttemptRates => ({
  at,
  usual: 0,
  admitted: 0,
  returned: 0,
  refused: {},
  left: 0,
  ended: {},
  ...more,
});

describe('the bars of attempts', () => {
  it('cover whole stretches of the clock, the last one still growing', () => {
    expect(barSpan(1_000_003, 900_000, barMs)).toEqual({ from: 110_000, to: 1_010_000 });
    expect(barSpan(1_000_000, 900_000, barMs)).toEqual({ from: 110_000, to: 1_010_000 });
  });

  it('add up the seconds of their time, and stand empty where nothing happened', () => {
    const bars = barsOf(
      [
        second(20_000, { admitted: 2, left: 1, refused: { 'token-missing': 1 }, ended: { 1006: 3 } }),
        second(29_000, {
          admitted: 1,
          returned: 1,
          ended: { 1006: 1, 4408: 2 },
          refused: { 'token-missing': 2, 'origin-not-allowed': 4 },
        }),
        second(40_000, { admitted: 5 }),
      ],
      { from: 20_000, to: 50_000 },
      barMs,
    );
    expect(bars).toEqual([
      {
        at: 20_000,
        admitted: 3,
        returned: 1,
        refused: 7,
        left: 1,
        byName: { 'token-missing': 3, 'origin-not-allowed': 4 },
        byCode: { 1006: 4, 4408: 2 },
      },
      { at: 30_000, admitted: 0, returned: 0, refused: 0, left: 0, byName: {}, byCode: {} },
      { at: 40_000, admitted: 5, returned: 0, refused: 0, left: 0, byName: {}, byCode: {} },
    ]);
    expect(mostFirst(totalOf(bars).byName)).toEqual([
      ['origin-not-allowed', 4],
      ['token-missing', 3],
    ]);
  });

  it('leave out seconds beside their span', () => {
    const bars = barsOf(
      [second(9_000, { admitted: 1 }), second(30_000, { admitted: 1 })],
      { from: 10_000, to: 30_000 },
      barMs,
    );
    expect(totalOf(bars).admitted).toBe(0);
  });

  it('take a name for what it is, also one that every object has', () => {
    const bars = barsOf([second(0, { refused: { constructor: 2 } })], { from: 0, to: barMs }, barMs);
    expect(mostFirst(bars[0]?.byName ?? {})).toEqual([['constructor', 2]]);
  });

  it('end at a round number of the axis', () => {
    const of = (admitted: number) =>
      axisTop([{ at: 0, admitted, returned: 0, refused: 0, left: 0, byName: {}, byCode: {} }]);
    expect([0, 3, 5, 13, 31, 99, 101, 1_240].map(of)).toEqual([4, 4, 10, 20, 40, 100, 200, 2_000]);
  });
});

describe('a storm', () => {
  const usual = Array.from({ length: 60 }, (_, index) => second(index * 10_000, { admitted: 2 }));

  it('is a stretch of far more attempts than usual, with its highest second', () => {
    const rates = [
      ...usual,
      second(300_000, { admitted: 3, returned: 2, ended: { 1012: 5, 1006: 1 }, refused: { 'origin-not-allowed': 9 } }),
      second(301_000, { admitted: 1, refused: { 'origin-not-allowed': 11 } }),
      second(322_000, { refused: { 'origin-not-allowed': 12, 'token-missing': 1 } }),
    ].sort((one, other) => one.at - other.at);
    const bars = barsOf(rates, { from: 0, to: 600_000 }, barMs);
    expect(stormsOf(bars, rates, barMs)).toEqual([
      {
        from: 300_000,
        to: 330_000,
        isOlder: false,
        peak: 26,
        perSecond: {
          admitted: 3,
          refused: 13,
          left: 0,
          returned: 2,
          ended: 6,
          byName: { 'origin-not-allowed': 12, 'token-missing': 1 },
          byCode: { 1012: 5, 1006: 1 },
        },
        total: {
          admitted: 10,
          returned: 2,
          refused: 33,
          left: 0,
          byName: { 'origin-not-allowed': 32, 'token-missing': 1 },
          byCode: { 1012: 5, 1006: 1 },
        },
      },
    ]);
  });

  it.each([
    ['10', '15', 10, 900_000],
    ['15', '60', 15, 3_600_000],
  ] as const)('of %s of %s min is one, from its first bar to its last', (_minutes, _of, minutes, to) => {
    const from = to - minutes * 60_000;
    const rates = Array.from({ length: to / 1_000 }, (_, index) =>
      index * 1_000 < from
        ? second(index * 1_000, index % 10 === 0 ? { admitted: 2 } : {})
        : second(index * 1_000, { refused: { 'origin-not-allowed': 3 } }),
    );
    const storms = stormsOf(barsOf(rates, { from: 0, to }, barMs), rates, barMs);
    expect(storms).toMatchObject([{ from, to, peak: 30, perSecond: { byName: { 'origin-not-allowed': 3 } } }]);
  });

  it('stays one where it fills all that is known, as long as the hub says that less is usual', () => {
    const rates = Array.from({ length: 3_600 }, (_, index) => second(index * 1_000, { usual: 0.2, admitted: 3 }));
    const bars = barsOf(rates, { from: 0, to: 3_600_000 }, barMs);
    expect(stormsOf(bars, rates, barMs)).toMatchObject([{ from: 0, to: 3_600_000, isOlder: true, peak: 30 }]);
    const usualNow = rates.map((rate) => ({ ...rate, usual: 3 }));
    expect(stormsOf(bars, usualNow, barMs)).toEqual([]);
  });

  it('is none where as many come all the time, nor where few come after nobody', () => {
    const busy = usual.map((rate) => ({ ...rate, usual: 4, admitted: 40 }));
    expect(stormsOf(barsOf(busy, { from: 0, to: 600_000 }, barMs), busy, barMs)).toEqual([]);
    const few = [second(300_000, { refused: { 'token-missing': 4 } })];
    expect(stormsOf(barsOf(few, { from: 0, to: 600_000 }, barMs), few, barMs)).toEqual([]);
  });
});
