// Which processes a command has started, and theirs: for a cancellation where the command shares a terminal, and with it
// its process group, with whoever called us.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Pairs of a process and its parent, of everything that runs here. */
function parents(): readonly (readonly [pid: number, parent: number])[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const parent = parentOf(Number(name));
        return parent === undefined ? [] : [[Number(name), parent] as const];
      });
  }
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => [pid, parent] as const);
}

/** What `/proc` says of a process; undefined if it is gone, or this is no Linux. */
export function statusOf(pid: number): { readonly name: string; readonly fields: readonly string[] } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold anything, brackets too.
    const end = text.lastIndexOf(')');
    return { name: text.slice(text.indexOf('(') + 1, end), fields: text.slice(end + 2).split(' ') };
  } catch {
    return undefined;
  }
}

/** The parent of a process, on Linux. */
function parentOf(pid: number): number | undefined {
  const parent = statusOf(pid)?.fields[1];
  return parent === undefined ? undefined : Number(parent);
}

/** A process and all that descend from it; itself alone where nobody can say. */
export function treeOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  try {
    for (const [child, parent] of parents()) children.set(parent, [...(children.get(parent) ?? []), child]);
  } catch {
    return [pid];
  }
  const found = [pid];
  for (const one of found) found.push(...(children.get(one) ?? []));
  return found;
}
