import { expect, it } from 'vitest';
import { curveOf } from './history-curve.ts';

it('ends at the newest value, with a hole where more than one step is missing', () => {
  const { points, holes } = curveOf([1, null, 3, null, null, 6], 10_000);
  expect(points).toEqual([
    { at: -50_000, value: 1 },
    { at: -30_000, value: 3 },
    { at: 0, value: 6 },
  ]);
  expect(holes).toEqual([{ from: -30_000, to: 0 }]);
});

it('is the same curve for the same history', () => {
  const history = [1, 2];
  expect(curveOf(history, 10_000)).toBe(curveOf(history, 10_000));
  expect(curveOf([], 10_000).points).toEqual([]);
});
