import { describe, expect, it } from 'vitest';
import { userInfo } from 'node:os';
import { createProcessReader, parseStat, topCount, topProcesses, type ProcessStat } from './processes.ts';

function statOf(pid: number, ticks: number, pages = 0, began = 1): ProcessStat {
  return { pid, name: `p${pid}`, ticks, began, pages };
}

describe('a line of /proc/<pid>/stat', () => {
  const rest = 'R 1 2 3 0 -1 4194304 96 0 0 0 150 50 7 9 20 0 4 0 195904 3133440 350 1844 1 1';

  it('gives time, beginning and pages', () => {
    expect(parseStat(`42 (node) ${rest}`)).toEqual({ pid: 42, name: 'node', ticks: 200, began: 195904, pages: 350 });
  });

  it('survives brackets and spaces in the name', () => {
    expect(parseStat(`42 (a) b (c) ${rest}`)).toMatchObject({ name: 'a) b (c', ticks: 200, pages: 350 });
  });

  it.each(['', 'nonsense', '42 (node', '42 (node) R 1 2', `x (node) ${rest}`])('is nothing for %j', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});

describe('the top processes', () => {
  it('come by CPU since the last reading, then by memory', () => {
    const before = new Map([
      ['1@1', 1000],
      ['2@1', 0],
      ['3@1', 50],
    ]);
    const top = topProcesses([statOf(1, 1000, 10), statOf(2, 100, 1), statOf(3, 50, 99)], before, 2000);
    expect(top.map(({ pid, cpu }) => [pid, cpu])).toEqual([
      [2, 50],
      [3, 0],
      [1, 0],
    ]);
  });

  it('count a process anew when its id was used again', () => {
    const top = topProcesses([statOf(7, 20, 0, 2)], new Map([['7@1', 5000]]), 1000);
    expect(top[0]?.cpu).toBe(20);
  });

  it(`are at most ${topCount}`, () => {
    const stats = Array.from({ length: 100 }, (_, index) => statOf(index + 1, index));
    expect(topProcesses(stats, new Map(), 1000).map(({ pid }) => pid)).toEqual(
      Array.from({ length: topCount }, (_, index) => 100 - index),
    );
  });
});

describe.runIf(process.platform === 'linux')('the processes of this machine', () => {
  it('show this one at work, with its owner and its memory', async () => {
    const read = createProcessReader();
    const begun = performance.now();
    expect(await read(begun)).toBeUndefined();
    while (performance.now() < begun + 400);
    const rows = await read(performance.now());
    const own = rows?.find(({ pid }) => pid === process.pid);
    expect(own, JSON.stringify(rows)).toMatchObject({ user: userInfo().username });
    expect(own?.cpu).toBeGreaterThan(10);
    expect(own?.cpu).toBeLessThan(1000);
    expect(own?.rss).toBeGreaterThan(20_000_000);
    expect(rows?.length).toBeLessThanOrEqual(topCount);
  });
});
