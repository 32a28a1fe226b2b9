import { describe, expect, it } from 'vitest';
import { cpus } from 'node:os';
import { systemClock } from './clock.ts';
import { createReporter } from './reporter.ts';
import { createMachine } from './machine.ts';
import type { ProcessRow, Sample } from './sample.ts';

const log = {
  warn: (fields: object, text: string): void => {
    throw new Error(`${text}: ${JSON.stringify(fields)}`);
  },
};

/** Every number that is not finite, with its path: 0 / 0 must never reach a chart. */
function brokenNumbers(value: unknown, path = 'sample'): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => brokenNumbers(inner, `${path}.${key}`));
}

describe('this machine', () => {
  it('only takes the measure at first, then reads itself whole', async () => {
    const machine = createMachine({ clock: systemClock, log });
    expect(await machine.read()).toBeUndefined();
    const until = performance.now() + 200;
    while (performance.now() < until);
    const reading = await machine.read();
    expect(reading, 'the second reading').toBeDefined();
    if (reading === undefined) return;
    expect(brokenNumbers(reading)).toEqual([]);
    expect(reading.cpu.cores).toHaveLength(cpus().length);
    expect(reading.cpu.total).toBeGreaterThan(0);
    expect(reading.memory.used).toBeLessThan(reading.memory.total);
    expect(reading.disks.length).toBeGreaterThan(0);
    expect(reading.uptime).toBeGreaterThan(0);
    for (const rate of Object.values({ ...reading.diskRate, ...reading.networkRate })) {
      expect(rate).toBeGreaterThanOrEqual(0);
      expect(rate).toBeLessThan(1e12);
    }
  });

  it('is reported live by the reporter: samples and processes within a few seconds', async () => {
    const samples: Sample[] = [];
    const table = new Map<string, ProcessRow>();
    await new Promise<void>((resolve, reject) => {
      const reporter = createReporter({
        log,
        report: (sample) => void samples.push(sample),
        reportProcesses: (changes) => {
          for (const { key, data } of changes) {
            if (data === null) table.delete(key);
            else table.set(key, data);
          }
          reporter.stop();
          clearTimeout(timer);
          resolve();
        },
      });
      const timer = setTimeout(() => {
        reporter.stop();
        reject(new Error(`no processes after 10 s; ${samples.length} samples arrived`));
      }, 10_000);
      reporter.setWatched(true);
      reporter.start();
    });
    expect(samples.length).toBeGreaterThanOrEqual(1);
    expect(samples[0]?.intervalMs).toBe(1000);
    expect(Math.abs((samples[0]?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    expect(table.size).toBeGreaterThan(0);
    expect(table.size).toBeLessThanOrEqual(15);
    for (const [key, row] of table) expect(key).toBe(String(row.pid));
  });
});
