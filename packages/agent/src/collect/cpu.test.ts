import { describe, expect, it } from 'vitest';
import { cpus } from 'node:os';
import { createCpuReader, type CoreTimes } from './cpu.ts';

function readerOf(...readings: (readonly CoreTimes[])[]): ReturnType<typeof createCpuReader> {
  return createCpuReader(() => readings.shift() ?? []);
}

describe('the CPU reader', () => {
  it('gives each core its share since the last reading and the total over all', () => {
    const read = readerOf(
      [
        { busy: 100, all: 1000 },
        { busy: 900, all: 1000 },
      ],
      [
        { busy: 350, all: 2000 },
        { busy: 1900, all: 2000 },
      ],
    );
    expect(read()).toBeUndefined();
    expect(read()).toMatchObject({ total: 62.5, cores: [25, 100] });
  });

  it('measures anew when the number of cores changed', () => {
    const core = { busy: 0, all: 1000 };
    const read = readerOf([core], [core, core], [core, { busy: 500, all: 2000 }]);
    read();
    expect(read()).toBeUndefined();
    expect(read()).toMatchObject({ cores: [0, 50] });
  });

  it('stays within 0 and 100 when a counter steps back', () => {
    const read = readerOf([{ busy: 100, all: 1000 }], [{ busy: 90, all: 990 }]);
    read();
    expect(read()).toMatchObject({ total: 0, cores: [0] });
  });

  it('reads this machine: a busy core shows', () => {
    const read = createCpuReader();
    read();
    const until = performance.now() + 300;
    while (performance.now() < until);
    const cpu = read();
    expect(cpu?.cores).toHaveLength(cpus().length);
    expect(cpu?.total).toBeLessThanOrEqual(100);
    expect(cpu?.total).toBeGreaterThan(50 / cpus().length);
    expect(cpu?.load.every((load) => load >= 0)).toBe(true);
  });
});
