import type { HistoryPage } from '@telltale/hub/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sample } from '../features/machine/testing/sample.ts';
import { findSamples, type FetchSamples } from './past-samples.ts';

/** A store that keeps the messages from an offset on. */
function store(times: readonly number[], keptFrom = 1) {
  let asked = 0;
  const fetchPage: FetchSamples = (before, limit) => {
    asked += 1;
    const end = Math.max(keptFrom - 1, Math.min(times.length, (before?.offset ?? Infinity) - 1));
    const start = Math.max(keptFrom - 1, end - limit);
    const page: HistoryPage = {
      channel: 'metrics/web-1',
      epoch: times.length === 0 ? null : 'k1',
      position: null,
      messages: times
        .slice(start, end)
        .map((at, index) => ({ offset: start + index + 1, time: at + 5, data: sample(at) })),
      more: start > keptFrom - 1,
    };
    return Promise.resolve(page);
  };
  return { fetchPage, asked: () => asked };
}
const second = 1_000;

describe('samples of the past', () => {
  it('are found with a few questions among a week of them', async () => {
    const times = Array.from({ length: 600_000 }, (_, index) => index * second);
    const { fetchPage, asked } = store(times);
    const [from, to] = [100_000 * second, 100_180 * second];
    const { samples } = await findSamples(fetchPage, from, to);
    expect([samples[0]?.at, samples.at(-1)?.at, samples.length]).toEqual([from - 30 * second, to, 211]);
    expect(asked()).toBeLessThan(12);
  });

  it('are found where the machine was away, and where its pace changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ count: fc.nat(400), step: fc.constantFrom(1, 10, 3_600) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (stretches, share) => {
          const times: number[] = [];
          for (const { count, step } of stretches) {
            for (let n = 0; n < count; n += 1) times.push((times.at(-1) ?? 0) + step * second);
          }
          const to = Math.round((times.at(-1) ?? 0) * share);
          const from = to - 60 * second;
          const { fetchPage } = store(times);
          const { samples } = await findSamples(fetchPage, from, to);
          expect(samples.map(({ at }) => at)).toEqual(times.filter((at) => at >= from - 30 * second && at <= to));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are none where they are not kept any more, or there never were any', async () => {
    const times = Array.from({ length: 5_000 }, (_, index) => index * second);
    expect((await findSamples(store(times, 4_000).fetchPage, 100 * second, 200 * second)).samples).toEqual([]);
    expect((await findSamples(store([]).fetchPage, 100, 200)).samples).toEqual([]);
  });
});
