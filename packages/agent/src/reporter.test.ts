import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Machine, Reading } from './machine.ts';
import { createReporter, type Reporter, type ReporterOptions } from './reporter.ts';
import type { RowChange } from './row-changes.ts';
import type { HubCost, ProcessRow, Sample } from './sample.ts';

const reading: Reading = {
  cpu: { total: 10, cores: [10], load: [0, 0, 0] },
  memory: { used: 1, total: 2 },
  disks: [],
  uptime: 5,
};
const row: ProcessRow = { pid: 1, name: 'init', cpu: 0, rss: 4096, user: 'root' };

interface Bench {
  readonly reporter: Reporter;
  readonly samples: Sample[];
  readonly batches: (readonly RowChange<ProcessRow>[])[];
  readonly warnings: string[];
}

/** A reporter over a machine whose first reading takes the measure, as the real one's does. */
function benchOf(options: Partial<ReporterOptions> & { readonly rows?: () => readonly ProcessRow[] } = {}): Bench {
  const samples: Sample[] = [];
  const batches: (readonly RowChange<ProcessRow>[])[] = [];
  const warnings: string[] = [];
  let reads = 0;
  let processReads = 0;
  const machine: Machine = {
    read: async () => (reads++ === 0 ? undefined : reading),
    readProcesses: async () => (processReads++ === 0 ? undefined : (options.rows?.() ?? [row])),
  };
  const reporter = createReporter({
    machine,
    report: (sample) => void samples.push(sample),
    reportProcesses: (changes) => void batches.push(changes),
    log: { warn: (_fields, text) => void warnings.push(text) },
    ...options,
  });
  return { reporter, samples, batches, warnings };
}

const offsets = (samples: readonly Sample[], begun: number): number[] => samples.map(({ at }) => at - begun);

describe('the reporter', () => {
  let begun = 0;
  beforeEach(() => {
    vi.useFakeTimers();
    begun = Date.now();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('reports once a second while watched, the first sample within one second', async () => {
    const { reporter, samples } = benchOf();
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(4000);
    expect(offsets(samples, begun)).toEqual([1000, 2000, 3000, 4000]);
    expect(samples.every(({ intervalMs }) => intervalMs === 1000)).toBe(true);
    reporter.stop();
  });

  it('reports once in ten seconds otherwise', async () => {
    const { reporter, samples } = benchOf();
    reporter.start();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(offsets(samples, begun)).toEqual([1000, 11_000, 21_000]);
    expect(samples.every(({ intervalMs }) => intervalMs === 10_000)).toBe(true);
    reporter.stop();
  });

  it('reports at once when somebody begins to watch', async () => {
    const { reporter, samples } = benchOf();
    reporter.start();
    await vi.advanceTimersByTimeAsync(5300);
    reporter.setWatched(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(offsets(samples, begun)).toEqual([1000, 5300, 6300]);
    expect(samples[1]?.intervalMs).toBe(1000);
    reporter.stop();
  });

  it('says the longer interval with the next sample after the last watcher left', async () => {
    const { reporter, samples } = benchOf();
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(2500);
    reporter.setWatched(false);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(samples.map(({ at, intervalMs }) => [at - begun, intervalMs])).toEqual([
      [1000, 1000],
      [2000, 1000],
      [3000, 10_000],
      [13_000, 10_000],
    ]);
    reporter.stop();
  });

  it('never takes two samples within a second, however often watching changes', async () => {
    const { reporter, samples } = benchOf();
    reporter.start();
    for (let turn = 0; turn < 50; turn += 1) {
      await vi.advanceTimersByTimeAsync(100);
      reporter.setWatched(turn % 2 === 0);
    }
    const gaps = samples.slice(1).map(({ at }, index) => at - (samples[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    reporter.stop();
  });

  it('never overlaps: a slow reading delays the next', async () => {
    let running = 0;
    let most = 0;
    const slow: Machine = {
      read: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => void setTimeout(resolve, 1700));
        running -= 1;
        return reading;
      },
      readProcesses: async () => undefined,
    };
    const { reporter, samples } = benchOf({ machine: slow });
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(6000);
    reporter.setWatched(false);
    reporter.setWatched(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(most).toBe(1);
    expect(samples.length).toBeGreaterThanOrEqual(3);
    reporter.stop();
  });

  it('reports processes every three seconds while watched, and only what changed', async () => {
    let cpu = 0;
    const { reporter, batches } = benchOf({ rows: () => [row, { ...row, pid: 2, cpu: cpu++ }] });
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(7500);
    expect(batches.map((changes) => changes.map(({ key }) => key))).toEqual([['1', '2'], ['2'], ['2']]);
    reporter.resendProcesses();
    await vi.advanceTimersByTimeAsync(3000);
    expect(batches.at(-1)?.map(({ key }) => key)).toEqual(['1', '2']);
    reporter.stop();
  });

  it('can leave the processes alone while nobody watches, and then takes their measure anew', async () => {
    let reads = 0;
    const { reporter, batches } = benchOf({
      readsProcessesUnwatched: false,
      rows: () => [{ ...row, cpu: ++reads }],
    });
    reporter.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([reads, batches.length]).toEqual([0, 0]);
    reporter.setWatched(true);
    await vi.advanceTimersByTimeAsync(4000);
    expect(batches.length).toBeGreaterThan(0);
    reporter.setWatched(false);
    await vi.advanceTimersByTimeAsync(60_000);
    const before = { reads, batches: batches.length };
    reporter.setWatched(true);
    await vi.advanceTimersByTimeAsync(1);
    // What was used since somebody last looked is no share of now.
    expect({ reads, batches: batches.length }).toEqual({ reads: before.reads + 1, batches: before.batches });
    await vi.advanceTimersByTimeAsync(1000);
    expect(batches.length).toBe(before.batches + 1);
    reporter.stop();
  });

  it('sends no empty batch', async () => {
    const { reporter, batches } = benchOf();
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(batches).toHaveLength(1);
    reporter.stop();
  });

  it('adds what the hub costs, and goes on without where that fails', async () => {
    const cost: HubCost = {
      cpu: 1,
      rss: 2,
      loopDelayP99: 3,
      loopDelayMax: 4,
      sessions: 5,
      messagesPerSecond: 6,
      bytesPerSecond: 7,
    };
    let isBroken = false;
    const hubCost = (): HubCost => {
      if (isBroken) throw new Error('broken');
      return cost;
    };
    const { reporter, samples, warnings } = benchOf({ hubCost });
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(1000);
    isBroken = true;
    await vi.advanceTimersByTimeAsync(2000);
    expect(samples.map(({ hub }) => hub)).toEqual([cost, undefined, undefined]);
    expect(samples[1]).not.toHaveProperty('hub');
    expect(warnings).toHaveLength(1);
    reporter.stop();
  });

  it('survives a receiver that throws, and says so once', async () => {
    let calls = 0;
    const { reporter, warnings } = benchOf({
      report: () => {
        calls += 1;
        throw new Error('log is full');
      },
    });
    reporter.setWatched(true);
    reporter.start();
    await vi.advanceTimersByTimeAsync(3000);
    expect(calls).toBe(3);
    expect(warnings).toHaveLength(1);
    reporter.stop();
  });

  it('reports nothing after stop, also not the reading under way, and leaves no timer', async () => {
    let finish: (() => void) | undefined;
    const machine: Machine = {
      read: () => new Promise((resolve) => (finish = () => resolve(reading))),
      readProcesses: async () => [row],
    };
    const { reporter, samples, batches } = benchOf({ machine });
    reporter.start();
    await vi.advanceTimersByTimeAsync(0);
    reporter.stop();
    finish?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(samples).toHaveLength(0);
    expect(batches).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
