// How busy the processor is, from the kernel's own counters by node:os: a tenth of what currentLoad() of
// systeminformation costs, which spawns a program on Linux.

import { cpus, loadavg } from 'node:os';
import type { Sample } from '../sample.ts';

/** Time a core has spent since the machine started, in milliseconds. */
export interface CoreTimes {
  readonly busy: number;
  readonly all: number;
}

/** Makes a reader of the shares since its last call; the first call only takes the measure. */
export function createCpuReader(
  readTimes: () => readonly CoreTimes[] = readCoreTimes,
): () => Sample['cpu'] | undefined {
  let before: readonly CoreTimes[] | undefined;
  return () => {
    const now = readTimes();
    const last = before;
    before = now;
    // A core that was switched on or off shifts the rest: measure anew.
    if (last === undefined || now.length === 0 || last.length !== now.length) return undefined;
    const spent = now.map((core, index) => spentSince(core, last[index]));
    const [one = 0, five = 0, fifteen = 0] = loadavg();
    return { total: share(sum(spent)), cores: spent.map(share), load: [one, five, fifteen] };
  };
}

function readCoreTimes(): readonly CoreTimes[] {
  return cpus().map(({ times: { user, nice, sys, irq, idle } }) => {
    const busy = user + nice + sys + irq;
    return { busy, all: busy + idle };
  });
}

function spentSince(now: CoreTimes, before: CoreTimes = now): CoreTimes {
  return { busy: Math.max(0, now.busy - before.busy), all: Math.max(0, now.all - before.all) };
}

function sum(times: readonly CoreTimes[]): CoreTimes {
  return times.reduce((left, right) => ({ busy: left.busy + right.busy, all: left.all + right.all }));
}

/** Per cent with one decimal: more would be noise of the kernel's 10 ms ticks. */
function share({ busy, all }: CoreTimes): number {
  return all === 0 ? 0 : Math.min(100, Math.round((busy / all) * 1000) / 10);
}
