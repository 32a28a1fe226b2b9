import type { HistoryPage } from '@telltale/hub/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fetchHole, fetchOlder, type FetchPage } from './fetch-hole.ts';
import { createOutputModel, type OutputMessage, type OutputModel } from './output-model.ts';

const all: readonly OutputMessage[] = Array.from({ length: 3_000 }, (_, index) => ({
  offset: index + 1,
  time: 0,
  data: { type: 'line', at: 0, text: `line ${index + 1}` },
}));

/** A hub that keeps all behind `horizon` and never answers with more than `most` messages. */
function hub({ horizon = 0, most = 1_000 }: { readonly horizon?: number; readonly most?: number } = {}): {
  readonly asked: string[];
  readonly fetchPage: FetchPage;
} {
  const asked: string[] = [];
  return {
    asked,
    fetchPage: async ({ epoch, offset }, limit): Promise<HistoryPage | 'other-epoch'> => {
      asked.push(`${offset}/${limit}`);
      if (epoch !== 'k1') return 'other-epoch';
      const kept = all.slice(horizon, offset - 1);
      const messages = kept.slice(-Math.min(limit, most));
      const more = messages.length < kept.length;
      return { channel: 'runs/r', epoch, position: { epoch, offset: 3_000 }, messages, more };
    },
  };
}

function withTail(from: number, epoch = 'k1'): OutputModel {
  const model = createOutputModel();
  model.take(epoch, all.slice(from - 1));
  model.settle();
  return model;
}
const offsets = ({ rows }: OutputModel): readonly number[] =>
  rows.filter(({ kind }) => kind === 'line').map(({ key }) => Number(key.split(':')[1]));
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('older output', () => {
  it('is fetched a page at a time, to the first line', async () => {
    const model = withTail(2_501);
    const { asked, fetchPage } = hub();
    for (let hole = model.hole('older'); hole !== undefined; hole = model.hole('older')) {
      await fetchOlder(hole, model, fetchPage);
      model.settle();
    }
    expect(asked).toEqual(['2501/1000', '1501/1000', '501/1000']);
    expect(model.older).toBe('none');
    expect(offsets(model)).toEqual(range(1, 3_000));
  });

  it('that the hub no longer keeps is said, and not asked for again', async () => {
    const model = withTail(2_501);
    const { fetchPage } = hub({ horizon: 2_000 });
    await fetchOlder({ epoch: 'k1', from: 1, to: 2_500 }, model, fetchPage);
    model.settle();
    expect([model.older, model.hole('older')]).toEqual(['gone', undefined]);
    expect(offsets(model)).toEqual(range(2_001, 3_000));
  });

  it('of another life of the log is gone', async () => {
    const model = withTail(2_501, 'k2');
    await fetchOlder({ epoch: 'k2', from: 1, to: 2_500 }, model, hub().fetchPage);
    model.settle();
    expect(model.older).toBe('gone');
  });
});

describe('a hole', () => {
  it('is filled from its top, as far as was asked for', async () => {
    const model = withTail(2_501);
    model.take('k1', all.slice(0, 10));
    model.settle();
    const { asked, fetchPage } = hub();
    await fetchHole({ epoch: 'k1', from: 11, to: 2_500 }, model, fetchPage, 1_500);
    model.settle();
    expect(asked).toEqual(['1011/1000', '1511/500']);
    expect(offsets(model)).toEqual([...range(1, 1_510), ...range(2_501, 3_000)]);
  });

  it('is filled whole however the hub cuts its pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 2_900 }),
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 7, max: 1_200 }),
        async (from, length, most) => {
          const to = from + length;
          const model = createOutputModel();
          model.take('k1', all.slice(0, from - 1));
          model.take('k1', all.slice(to));
          model.settle();
          await fetchHole({ epoch: 'k1', from, to }, model, hub({ most }).fetchPage, 5_000);
          model.settle();
          expect(offsets(model)).toEqual(range(1, 3_000));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keeps what came before the hub stopped answering', async () => {
    const model = withTail(2_501);
    const { fetchPage } = hub();
    let count = 0;
    const failing: FetchPage = (before, limit) =>
      (count += 1) === 2 ? Promise.reject(new Error('no answer')) : fetchPage(before, limit);
    await expect(fetchHole({ epoch: 'k1', from: 1, to: 2_500 }, model, failing, 5_000)).rejects.toThrow('no answer');
    model.settle();
    expect(offsets(model)).toEqual([...range(1, 1_000), ...range(2_501, 3_000)]);
  });
});
