// Processor time out of /proc and a histogram of delays, as `measure.c` has them.

import { readFileSync } from 'node:fs';

/** The kernel counts in these, whatever its own ticks are (USER_HZ). */
const ticksPerSecond = 100;

/** Seconds of processor time: of the given processes, of this one, of the whole machine. */
export function readUsage(pids) {
  let [user, system] = [0, 0];
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may itself hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    user += Number(fields[11]) / ticksPerSecond;
    system += Number(fields[12]) / ticksPerSecond;
  }
  const own = process.cpuUsage();
  const [, first = ''] = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8')) ?? [];
  const [busyUser = 0, nice = 0, busySystem = 0, , , hard = 0, soft = 0] = first.split(' ').map(Number);
  const machine = (busyUser + nice + busySystem + hard + soft) / ticksPerSecond;
  return { user, system, own: (own.user + own.system) / 1e6, machine };
}

/** Delays in microseconds, in buckets of about 1.5 %. */
export class Histogram {
  #buckets = new Map();
  #count = 0;
  #max = 0;

  add(us) {
    const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(us, 1))) - 6);
    const bucket = Math.floor(us / step) * step;
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    if (us > this.#max) this.#max = us;
  }

  /** The delay that so many of all stayed under, in milliseconds. */
  ms(quantile) {
    if (quantile >= 1) return this.#max / 1000;
    let seen = 0;
    for (const [us, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen > this.#count * quantile) return us / 1000;
    }
    return 0;
  }
}
