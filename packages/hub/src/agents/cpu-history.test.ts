// The small line beside an agent: means of ten seconds, holes where nothing came, and the clock of the machine, which may
// jump.

import { describe, expect, it } from 'vitest';
import { CpuHistory } from './cpu-history.ts';

const sample = (at: number, total: number) => ({ at, cpu: { total, cores: [], load: [0, 0, 0] } }) as const;

function historyOf(...samples: readonly (readonly [at: number, total: number])[]): CpuHistory {
  const history = new CpuHistory();
  for (const [at, total] of samples) history.add(sample(at, total));
  return history;
}

describe('the CPU of a quarter of an hour', () => {
  it('is nothing before the first sample', () => {
    expect(new CpuHistory().means).toEqual([]);
  });

  it('is a mean for every ten seconds, up to the newest sample', () => {
    expect(historyOf([0, 10], [5000, 20], [9999, 31], [10_000, 4]).means).toEqual([20.3, 4]);
  });

  it('has a hole where nothing came', () => {
    expect(historyOf([0, 10], [30_000, 20]).means).toEqual([10, null, null, 20]);
  });

  it('is never longer, however the clock jumps', () => {
    const history = historyOf(...Array.from({ length: 200 }, (_, step) => [step * 10_000, step] as const));
    expect(history.means).toHaveLength(90);
    expect([history.means[0], history.means.at(-1)]).toEqual([110, 199]);
    history.add(sample(8.64e15, 1));
    expect(history.means).toEqual([1]);
  });

  it('forgets what a clock that was set back has not reached yet', () => {
    expect(historyOf([0, 1], [50_000, 5], [20_000, 2], [30_000, 3]).means).toEqual([1, null, 2, 3]);
  });

  it('takes what was before it, and nothing again', () => {
    const history = historyOf([20_000, 2]);
    history.addEarlier([sample(0, 10), sample(1000, 20), sample(20_000, 99), sample(30_000, 99)]);
    expect(history.means).toEqual([15, null, 2]);
    const late = historyOf([2_000_000, 2]);
    late.addEarlier([sample(0, 10), sample(1_990_000, 1)]);
    expect(late.means).toEqual([1, 2]);
  });
});
