import { expect, it } from 'vitest';
import { holesOf, pictureOf } from './chart-picture.ts';
import { chartDefinitions, columnsOf, summaryOf, type ChartDefinition } from './charts-model.ts';
import { pastWords, sharedPicture } from './past-words.ts';
import { sample } from './testing/sample.ts';

const definitionOf = (id: string): ChartDefinition =>
  chartDefinitions.find((definition) => definition.id === id) as ChartDefinition;
const quarter = { from: 0, to: 900_000 };
/** A quarter of an hour, second by second, with one peak and a dip. */
const busyQuarter = Array.from({ length: 900 }, (_, second) => {
  const total = second === 333 ? 97.123456 : second === 611 ? 1.5 : 40 + Math.sin(second / 60) * 9;
  const cpu = { total, cores: [total / 2, total], load: [total / 7, total / 11, total / 13] as const };
  return sample(second * 1_000, { cpu });
});

it.each(['cpu', 'load', 'memory'])('a picture of %s is small, and says what the chart says', (id) => {
  const definition = definitionOf(id);
  const columns = columnsOf(definition, busyQuarter, [], quarter);
  const picture = pictureOf(columns, []);
  if (picture === undefined) throw new Error('found no picture');
  expect(picture.times.length).toBeLessThanOrEqual(120);
  expect(JSON.stringify(picture).length).toBeLessThan(7_500);
  // No point is invented, and the newest, the lowest and the highest of each line are there.
  expect(picture.times.filter((at) => !columns.times.includes(at))).toEqual([]);
  const figures = (summary: string): string => summary.replaceAll(/, (rising|falling|steady)/g, '');
  expect(figures(summaryOf('x', picture, []))).toBe(figures(summaryOf('x', columns, [])));
});

it('a picture ends its lines where data is missing, and says why, of the longest first', () => {
  const missing = [
    ...Array.from({ length: 20 }, (_, n) => ({ from: n * 40_000, to: n * 40_000 + 5_000, reason: 'source stopped' })),
    { from: 850_000, to: 900_000, reason: 'agent web-1 offline, 50 s' },
  ].map((hole) => ({ ...hole, open: hole.to === quarter.to }));
  const isMissing = (at: number): boolean => missing.some(({ from, to }) => at > from && at < to);
  const columns = columnsOf(
    definitionOf('cpu'),
    busyQuarter.filter(({ at }) => !isMissing(at)),
    missing,
    quarter,
  );
  const picture = pictureOf(columns, missing);
  if (picture === undefined) throw new Error('found no picture');
  expect(picture.times.length).toBeLessThanOrEqual(120);
  const holes = holesOf(picture);
  expect(holes).toHaveLength(8);
  expect(holes.at(-1)).toMatchObject({ from: 850_000, reason: 'agent web-1 offline, 50 s' });
  for (const { from } of missing.slice(0, 20)) {
    const index = picture.times.indexOf(from + 1);
    expect(picture.lines[0]?.values[index]).toBeNull();
  }
  expect(pictureOf({ ...columns, times: [] }, missing)).toBeUndefined();
});

it('what is kept is shown where it tells as much, and the message’s picture where samples are gone', () => {
  const picture = pictureOf(columnsOf(definitionOf('cpu'), busyQuarter, [], quarter), []);
  if (picture === undefined) throw new Error('found no picture');
  const card = { type: 'chart', agent: 'web-1', chart: 'cpu', ...quarter, picture } as const;
  const shown = (firstAt: number | undefined, agent = 'web-1') =>
    sharedPicture(card, { agent, span: quarter, firstAt });
  expect(shown(0)).toBeUndefined();
  expect(pastWords(0, shown(0))).toBe('As it was then.');
  expect(shown(300_000)).toEqual({ chart: 'cpu', picture });
  expect(pastWords(300_000, shown(300_000))).toBe(
    'Not all samples of that time are kept any more: CPU is drawn as the message has it.',
  );
  expect(pastWords(undefined, shown(undefined))).toBe(
    'No samples of that time are kept any more: CPU is drawn as the message has it.',
  );
  // An address can name any message.
  expect(shown(undefined, 'db-2')).toBeUndefined();
  expect(sharedPicture(card, { agent: 'web-1', span: { from: 0, to: 1 }, firstAt: undefined })).toBeUndefined();
  expect(pastWords(undefined, undefined)).toBe('No samples of that time are kept any more.');
});
