import { describe, expect, it } from 'vitest';
import { createDiskReport, type DiskReport } from './disk-report.ts';

class Bench {
  readonly said: string[] = [];
  clock = 0;
  readonly report: DiskReport;

  constructor() {
    const note = (_fields: object, text: string): void => void this.said.push(text);
    const log = { debug: note, info: note, warn: note, error: note };
    this.report = createDiskReport(log, () => this.clock);
  }
}

const none = expect.stringContaining('takes no messages (SQLITE_FULL)');
const again = expect.stringContaining('takes messages again, after 2 s');

describe('a disk with little room', () => {
  it('is said to take nothing once, while what is small still fits', () => {
    const { report, said } = new Bench();
    report.took(1_000);
    for (let turn = 0; turn < 3; turn++) {
      report.failed(10_000, 'SQLITE_FULL');
      report.took(1_000);
    }
    expect(said).toEqual([none]);
  });

  it('takes messages again when it takes as much as it refused', () => {
    const bench = new Bench();
    bench.report.failed(20_000, 'SQLITE_FULL');
    bench.report.failed(10_000, 'SQLITE_FULL');
    bench.clock = 2_000;
    bench.report.took(9_999);
    expect(bench.said).toEqual([none]);
    bench.report.took(10_000);
    bench.report.took(10_000);
    expect(bench.said).toEqual([none, again]);
    bench.report.failed(10, 'SQLITE_FULL');
    expect(bench.said).toEqual([none, again, none]);
  });

  it('takes messages again when it has refused none for a minute, though they were small', () => {
    const bench = new Bench();
    bench.report.failed(10_000, 'SQLITE_FULL');
    bench.clock = 59_999;
    bench.report.took(1);
    expect(bench.said).toHaveLength(1);
    bench.clock = 60_000;
    bench.report.took(1);
    expect(bench.said).toHaveLength(2);
  });
});
