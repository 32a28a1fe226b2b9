// What an agent costs, read from /proc while it runs: memory at its highest, and processor time with that of programs it
// ran. `node scripts/agent-cost.mjs <pid> [seconds]` prints it; the test of the promise calls it. Linux only.

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault, isProgram, main } from './run.mjs';

/** The kernel counts in these, whatever its own ticks are (USER_HZ). */
const tickMs = 10;
const everyMs = 250;

/**
 * Watches a process for so long.
 *
 * @returns {Promise<{ rssMb: number, cpu: number }>} megabytes (1,000,000 bytes) at the highest, and the share of one
 *   core in per cent
 */
export async function costOf(pid, seconds) {
  let rss = 0;
  const began = { at: performance.now(), ms: processorMs(pid) };
  while (performance.now() - began.at < seconds * 1000) {
    rss = Math.max(rss, residentBytes(pid));
    await wait(everyMs);
  }
  const spent = processorMs(pid) - began.ms;
  return { rssMb: rss / 1e6, cpu: (spent / (performance.now() - began.at)) * 100 };
}

function processorMs(pid) {
  const text = read(pid, 'stat');
  // The name stands in brackets and may itself hold spaces; then field 14 on: own time, and that of children that ended.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * tickMs;
}

function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(pid, 'status'))?.[1]) * 1024;
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    throw new Fault(`There is no process ${pid} to measure, or no /proc.`);
  }
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const [pid, seconds = '60'] = process.argv.slice(2);
    if (!/^\d+$/.test(pid ?? '') || !(Number(seconds) > 0))
      throw new Fault('Say which: agent-cost.mjs <pid> [seconds]');
    const { rssMb, cpu } = await costOf(Number(pid), Number(seconds));
    console.log(`${rssMb.toFixed(0)} MB resident, ${cpu.toFixed(2)} % of a core over ${seconds} s`);
  });
}
