import { expect, it } from 'vitest';
import { attemptsPicture } from './attempts-picture.ts';

const everyMs = 10_000;
const names = { low: 'admitted', high: 'not admitted' };
const bars = [
  { at: 10_000, low: 1, high: 0 },
  { at: 20_000, low: 0, high: 0 },
  { at: 30_000, low: 3, high: 2 },
  { at: 40_000, low: 0, high: 1 },
];
const hole = (from: number, to: number): { from: number; to: number; reason: string; open: boolean } => ({
  from,
  to,
  reason: 'hub did not answer',
  open: false,
});

it('is of the bars that are full, and says of how long each is', () => {
  expect(attemptsPicture({ bars, everyMs, names, top: 10, holes: [] })).toEqual({
    from: 10_000,
    to: 40_000,
    picture: {
      times: [10_000, 20_000, 30_000],
      lines: [
        { name: 'admitted per 10 s', values: [1, 0, 3] },
        { name: 'not admitted', values: [0, 0, 2] },
      ],
      unit: '',
      top: 10,
      holes: [],
    },
  });
  for (const few of [[], bars.slice(0, 1)])
    expect(attemptsPicture({ bars: few, everyMs, names, top: 4, holes: [] })).toBeUndefined();
});

it('says nothing of a time that nobody knows, and nothing of another time', () => {
  const holes = [hole(1_000, 9_000), hole(15_000, 21_000), hole(40_000, 41_000)];
  const { picture } = attemptsPicture({ bars, everyMs, names, top: 10, holes }) ?? {};
  expect(picture?.lines.map(({ values }) => values)).toEqual([
    [null, null, 3],
    [null, null, 2],
  ]);
  expect(picture?.holes).toEqual([{ from: 15_000, to: 21_000, reason: 'hub did not answer' }]);
});
