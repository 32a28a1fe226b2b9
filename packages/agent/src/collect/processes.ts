// The processes that cost most. On Linux straight from /proc, where systeminformation runs `ps` and takes 90 ms of CPU
// for 80 processes, 10 of them in our own event loop; elsewhere systeminformation.

import { readFileSync, readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import type { ProcessRow } from '../sample.ts';
import { portable } from './portable.ts';

/** How many rows the table `processes/<agent>` has. */
export const topCount = 15;
/** The kernel counts in these, whatever its own ticks are (USER_HZ). */
const tickMs = 10;
const filesPerTurn = 50;

/** What one line of /proc/<pid>/stat says that we need. */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  /** CPU time of all its threads since it began. */
  readonly ticks: number;
  /** When it began; a process id is used again, the pair is not. */
  readonly began: number;
  readonly pages: number;
}

/** Makes a reader of the top processes since its last call; the first call only takes the measure. */
export function createProcessReader(): (monotonicMs: number) => Promise<readonly ProcessRow[] | undefined> {
  if (process.platform !== 'linux') return readPortably;
  let before: { readonly at: number; readonly ticks: ReadonlyMap<string, number> } | undefined;
  return async (at) => {
    const stats = await readStats();
    const last = before;
    before = { at, ticks: new Map(stats.map((stat) => [identify(stat), stat.ticks])) };
    if (last === undefined || at <= last.at) return undefined;
    return topProcesses(stats, last.ticks, at - last.at).flatMap(describeProcess);
  };
}

/** Sorts by share of CPU since the last reading, then by memory, and keeps the first 15. */
export function topProcesses(
  stats: readonly ProcessStat[],
  ticksBefore: ReadonlyMap<string, number>,
  elapsedMs: number,
): readonly (ProcessStat & { readonly cpu: number })[] {
  return stats
    .map((stat) => {
      // One that began since the last reading has spent all of its time since then.
      const spentMs = Math.max(0, stat.ticks - (ticksBefore.get(identify(stat)) ?? 0)) * tickMs;
      return { ...stat, cpu: Math.round((spentMs / elapsedMs) * 1000) / 10 };
    })
    .sort((left, right) => right.cpu - left.cpu || right.pages - left.pages || left.pid - right.pid)
    .slice(0, topCount);
}

/** Reads one line of /proc/<pid>/stat. The name stands in brackets and may itself hold brackets and spaces. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const [pid, user, system, began, pages] = [text.slice(0, open), fields[11], fields[12], fields[19], fields[21]].map(
    Number,
  );
  const stat = { pid: pid!, name: text.slice(open + 1, close), ticks: user! + system!, began: began!, pages: pages! };
  return open > 0 && close > open && Number.isFinite(pid! + stat.ticks + began! + pages!) ? stat : undefined;
}

function identify({ pid, began }: ProcessStat): string {
  return `${pid}@${began}`;
}

/** In turns, so that a machine with thousands of processes does not hold up the hub's own event loop. */
async function readStats(): Promise<readonly ProcessStat[]> {
  const stats: ProcessStat[] = [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % filesPerTurn === filesPerTurn - 1) await turn();
    const stat = parseStat(readIfThere(`/proc/${pid}/stat`));
    if (stat !== undefined) stats.push(stat);
  }
  return stats;
}

/** Adds what only the few shown need: owner and resident bytes. Nothing if the process has just ended. */
function describeProcess({ pid, name, cpu }: ProcessStat & { readonly cpu: number }): ProcessRow[] {
  const status = readIfThere(`/proc/${pid}/status`);
  const uid = /^Uid:\s+(\d+)/m.exec(status)?.[1];
  if (uid === undefined) return [];
  // A thread of the kernel has no memory of its own.
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  return [{ pid, name, cpu, rss: kilobytes * 1024, user: userName(uid) }];
}

const users = new Map<string, string>();

/** From /etc/passwd, read again for an unknown id; the number itself where no name is known. */
function userName(uid: string): string {
  if (!users.has(uid)) {
    for (const line of readIfThere('/etc/passwd').split('\n')) {
      const [name, , id] = line.split(':');
      if (name !== undefined && id !== undefined) users.set(id, name);
    }
    if (!users.has(uid)) users.set(uid, uid);
  }
  return users.get(uid) ?? uid;
}

/** Empty where the file is gone: processes end while they are being read. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function readPortably(): Promise<readonly ProcessRow[]> {
  const { list } = await (await portable()).processes();
  return list
    .map(({ pid, name, cpu, memRss, user }) => ({
      pid,
      name,
      cpu: Math.round(cpu * 10) / 10,
      rss: memRss * 1024,
      user,
    }))
    .sort((left, right) => right.cpu - left.cpu || right.rss - left.rss)
    .slice(0, topCount);
}
