import type { Sample } from '@telltale/agent/sample';
import { describe, expect, it } from 'vitest';
import { sampleReader, type SampleReading } from './sample-columns.ts';
import { busy } from './testing/sample.ts';

const reading: SampleReading = {
  lines: [{ value: ({ cpu }) => cpu.total }, { value: ({ temperature }) => temperature }],
  band: { range: ({ cpu }) => [cpu.total - 1, cpu.total + 1] },
};
const samples = Array.from({ length: 20 }, (_, second) => busy(second * 1_000, second));

describe('the columns of samples', () => {
  it('are the same from a reader that remembers as from one that is new, whatever came, went or changed', () => {
    const reader = sampleReader(reading);
    const other = [...samples.slice(2, 8), busy(8_000, 99), ...samples.slice(9, 15)];
    const views = [samples.slice(0, 10), samples.slice(0, 12), samples.slice(4, 12), other, [], samples.slice(15)];
    for (const view of [...views, samples, samples, samples.slice(3, 9)])
      expect(reader(view)).toEqual(sampleReader(reading)(view));
  });

  it('leave as they were what was given away before', () => {
    const reader = sampleReader(reading);
    const before = reader(samples.slice(0, 10));
    const kept = structuredClone(before);
    reader(samples.slice(2, 15));
    expect(before).toEqual(kept);
  });

  it('are read once of each sample', () => {
    let reads = 0;
    const count = ({ cpu }: Sample): number => {
      reads += 1;
      return cpu.total;
    };
    const reader = sampleReader({ lines: [{ value: count }] });
    for (let end = 10; end <= samples.length; end += 1) reader(samples.slice(end - 10, end));
    expect(reads).toBe(samples.length);
  });
});
