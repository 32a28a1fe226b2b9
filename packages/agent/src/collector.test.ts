import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { createCollector, type Collector, type CollectorOptions } from './collector.ts';

const warnings: { fields: object; text: string }[] = [];

function collectorOf<Value>(
  options: Partial<CollectorOptions<Value>> & Pick<CollectorOptions<Value>, 'read'>,
): Collector<Value> {
  const log = { warn: (fields: object, text: string) => void warnings.push({ fields, text }) };
  return createCollector({ name: 'disks', clock: systemClock, log, ...options });
}

describe('a collector', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    warnings.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('answers with what it read', async () => {
    await expect(collectorOf({ read: () => 5 })()).resolves.toBe(5);
    await expect(collectorOf({ read: async () => 6 })()).resolves.toBe(6);
  });

  it('that throws or rejects is absent and reported once', async () => {
    const fault = new Error('no such device');
    let reads = 0;
    const collect = collectorOf({
      read: () => {
        reads += 1;
        throw fault;
      },
    });
    await expect(collect()).resolves.toBeUndefined();
    await expect(collect()).resolves.toBeUndefined();
    expect(reads).toBe(2);
    expect(warnings).toEqual([
      { fields: { collector: 'disks', err: fault }, text: expect.stringContaining('disks failed') },
    ]);
  });

  it('that hangs is absent after its deadline, not started again, reported once, and back when it answers', async () => {
    const answers: ((value: number) => void)[] = [];
    const collect = collectorOf({
      read: () => new Promise<number>((resolve) => void answers.push(resolve)),
      deadlineMs: 500,
    });
    const first = collect();
    await vi.advanceTimersByTimeAsync(499);
    expect(warnings).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    await expect(first).resolves.toBeUndefined();
    // No timer passes here: the second call does not wait for what hangs.
    await expect(collect()).resolves.toBeUndefined();
    expect(answers).toHaveLength(1);
    expect(warnings).toHaveLength(1);

    answers[0]?.(1);
    await vi.advanceTimersByTimeAsync(0);
    const again = collect();
    answers[1]?.(2);
    await expect(again).resolves.toBe(2);
    expect(warnings).toHaveLength(1);
  });

  it('keeps a value as long as it says, and an absence as long as it says', async () => {
    const values = [1, undefined, 3];
    let reads = 0;
    const collect = collectorOf({ read: () => values[reads++], keepMs: 1000, keepAbsentMs: 5000 });
    await expect(collect()).resolves.toBe(1);
    vi.advanceTimersByTime(999);
    await expect(collect()).resolves.toBe(1);
    vi.advanceTimersByTime(1);
    await expect(collect()).resolves.toBeUndefined();
    vi.advanceTimersByTime(4999);
    await expect(collect()).resolves.toBeUndefined();
    expect(reads).toBe(2);
    vi.advanceTimersByTime(1);
    await expect(collect()).resolves.toBe(3);
  });

  it('leaves no timer behind', async () => {
    await collectorOf({ read: () => 1 })();
    expect(vi.getTimerCount()).toBe(0);
  });
});
