import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { failingFiles } from '../testing/failing-files.ts';
import { HubModel } from '../testing/hub-model.ts';
import { realFiles } from './spool-files.ts';
import { openSpool, type Spool, type SpoolEntry, type SpoolOptions } from './spool.ts';

interface Opened {
  readonly spool: Spool;
  readonly warnings: string[];
}

function open(directory: string, options: Partial<SpoolOptions> = {}): Opened {
  const warnings: string[] = [];
  const opened = openSpool({ directory, log: { warn: (_fields, text) => warnings.push(text) }, ...options });
  if (opened.kind === 'owned') throw new Error(`the spool belongs to ${opened.pid}`);
  onTestFinished(() => void opened.spool.close());
  return { spool: opened.spool, warnings };
}
const items = (from: number, to: number, text = ''): object[] =>
  Array.from({ length: to - from }, (_, index) => ({ at: from + index, text }));
const numbers = (window: readonly SpoolEntry[]): number[] => window.map(({ once }) => once.seq);

/** Sends everything to a hub that takes it. */
function drain(spool: Spool, hub: HubModel = new HubModel()): HubModel {
  for (let entry = spool.window[0]; entry !== undefined; entry = spool.window[0]) {
    const answer = hub.publish(entry.channel, entry.items, entry.once);
    if (answer.kind === 'out-of-order') spool.renumber(entry.channel, answer.expected);
    else spool.answered(entry);
  }
  return hub;
}

describe('a spool', () => {
  it('hands on at most 8 records, the oldest, numbered per channel', () => {
    const { spool } = open(temporaryDirectory());
    for (let index = 0; index < 6; index++) {
      spool.append('a', items(index, index + 1), { at: index + 100 });
      spool.append('b', items(index, index + 1));
    }
    expect(spool.window.map(({ channel }) => channel)).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
    expect(numbers(spool.window)).toEqual([1, 1, 2, 2, 3, 3, 4, 4]);
    expect(spool.oldestAt).toBe(100);
    const [first, second, third] = spool.window;
    if (first === undefined || second === undefined || third === undefined) throw new Error('expected three');
    // Answers may overtake each other; what is in the window moves on from the front.
    spool.answered(second);
    expect(spool.window).toHaveLength(8);
    expect(spool.window[1]?.isAnswered).toBe(true);
    spool.answered(first);
    expect(spool.window[0]).toBe(third);
    expect(numbers(spool.window)).toEqual([2, 2, 3, 3, 4, 4, 5, 5]);
  });

  it('cuts what is appended into records that fit a frame, in order', () => {
    const { spool } = open(temporaryDirectory());
    spool.append('a', items(0, 1200));
    spool.append('a', items(1200, 1210, 'x'.repeat(10_000)));
    const hub = new HubModel();
    const sizes: number[] = [];
    for (let entry = spool.window[0]; entry !== undefined; entry = spool.window[0]) {
      sizes.push(JSON.stringify(entry.items).length);
      expect(entry.items.length).toBeLessThanOrEqual(500);
      hub.publish(entry.channel, entry.items, entry.once);
      spool.answered(entry);
    }
    expect(Math.max(...sizes)).toBeLessThan(33 * 1024);
    expect(hub.stored.get('a')).toEqual([...items(0, 1200), ...items(1200, 1210, 'x'.repeat(10_000))]);
  });

  it('says in a gap what is no JSON or too large for any frame, and how much of it', () => {
    const { spool, warnings } = open(temporaryDirectory());
    const circle: { self?: object } = {};
    circle.self = circle;
    const large = { at: 7, text: 'x'.repeat(100_000) };
    spool.append('a', [{ good: 1 }, circle, undefined, large, { good: 2 }, large], { at: 9 });
    const gap = { type: 'gap', at: 9, reason: 'too-large' };
    expect(spool.window.flatMap((entry) => entry.items)).toEqual([
      { good: 1 },
      { ...gap, count: 3, from: 7, to: 9 },
      { good: 2 },
      { ...gap, count: 1, from: 7, to: 7 },
    ]);
    expect(warnings).toHaveLength(1);
  });

  it('keeps beside the records where to resume, also of those that are gone, and loses neither without the other', () => {
    const directory = temporaryDirectory();
    const first = open(directory).spool;
    first.append('a', items(0, 1200), { resumes: { file: 1200 } });
    drain(first);
    for (let index = 0; index < 40; index++) {
      first.append('a', items(0, 1, 'x'.repeat(30_000)), { resumes: { other: index } });
      drain(first);
    }
    first.append('a', [], { resumes: { empty: true } });
    first.close();
    const { spool } = open(directory);
    expect(['file', 'other', 'empty', 'none'].map((name) => spool.resumeOf(name))).toEqual([1200, 39, true, undefined]);
    expect(spool.window).toEqual([]);
    expect(spool.bytes).toBe(0);
  });

  it('stays within its bound on disk, and gives the room back when it is sent', () => {
    const directory = temporaryDirectory();
    const { spool } = open(directory, { maxBytes: 400_000 });
    const size = (): number =>
      readdirSync(directory)
        .filter((name) => name.endsWith('.jsonl'))
        .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    for (let index = 0; index < 100; index++) spool.append('a', items(index, index + 1, 'x'.repeat(20_000)));
    expect(size()).toBeLessThanOrEqual(400_000);
    expect(spool.dropped).toBeGreaterThan(50);
    const stored = drain(spool).stored.get('a') as { type?: string; count?: number }[];
    const gap = stored.find(({ type }) => type === 'gap');
    expect(gap).toMatchObject({ type: 'gap', count: spool.dropped, from: 8, reason: 'spool-full' });
    expect(stored).toHaveLength(100 - spool.dropped + 1);
    expect(size()).toBeLessThan(60_000);
  });

  it('counts lines, not their parts, among what it dropped', () => {
    const { spool } = open(temporaryDirectory(), { maxBytes: 60_000 });
    const text = 'x'.repeat(3000);
    for (let at = 0; at < 40; at++) {
      spool.append('a', [
        { type: 'line', at, text, part: 0, more: true },
        { type: 'line', at, text: '', part: 1 },
      ]);
    }
    const stored = drain(spool).stored.get('a') as { type: string; more?: true; count?: number }[];
    const lines = stored.filter(({ type, more }) => type === 'line' && more !== true).length;
    const missing = stored.reduce((sum, { count = 0 }) => sum + count, 0);
    expect(missing).toBeGreaterThan(0);
    expect(lines + missing).toBe(40);
  });

  it('killed while it notes an answer has noted it or not, and never another one', () => {
    for (let cost = 1; cost < 60; cost++) {
      const directory = temporaryDirectory();
      const files = failingFiles();
      const { spool } = open(directory, { files });
      for (let n = 1; n <= 12; n++) spool.append('a', items(n, n + 1));
      for (let n = 1; n <= 9; n++) spool.answered(spool.window[0] as SpoolEntry);
      files.dieAfter(cost);
      spool.answered(spool.window[0] as SpoolEntry);
      files.bury();
      rmSync(join(directory, 'owner-1.json'));
      expect([10, 11], `after ${cost}`).toContain(open(directory).spool.window[0]?.once.seq);
    }
  });

  it('belongs to one process, also where that was killed, and is taken over by one', async () => {
    const directory = temporaryDirectory();
    const { spool } = open(directory);
    const again = (): unknown => openSpool({ directory, log: { warn: () => undefined } });
    expect(again()).toEqual({ kind: 'owned', pid: process.pid });
    spool.close();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    const pid = child.pid as number;
    const { ino } = statSync(directory, { bigint: true });
    const owner = { pid, directory: String(ino) };
    writeFileSync(join(directory, 'owner-3.json'), JSON.stringify(owner));
    expect(again()).toEqual({ kind: 'owned', pid });
    // The same process id, but not that process.
    if (process.platform === 'linux') {
      writeFileSync(join(directory, 'owner-3.json'), JSON.stringify({ ...owner, began: 'another boot/1' }));
      open(directory).spool.close();
    }
    writeFileSync(join(directory, 'owner-3.json'), JSON.stringify(owner));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    open(directory);
    expect(again()).toEqual({ kind: 'owned', pid: process.pid });
  });

  it('belongs to one process also where the file system has no links', () => {
    const directory = temporaryDirectory();
    const linkSync = (): never => {
      throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
    };
    const options = { directory, files: { ...realFiles, linkSync }, log: { warn: () => undefined } };
    open(directory, options);
    expect(openSpool(options)).toEqual({ kind: 'owned', pid: process.pid });
  });

  it('that was copied is another spool, with numbers of its own', () => {
    const directory = temporaryDirectory();
    const original = open(directory).spool;
    const hub = new HubModel();
    original.append('a', items(0, 3));
    drain(original, hub);
    const copied = join(temporaryDirectory(), 'copy');
    cpSync(directory, copied, { recursive: true });
    original.append('a', items(3, 4));
    drain(original, hub);
    const { spool, warnings } = open(copied);
    spool.append('a', items(10, 11));
    spool.append('a', items(11, 12));
    drain(spool, hub);
    expect(hub.stored.get('a')).toEqual([...items(0, 4), ...items(10, 12)]);
    expect(warnings).toEqual([expect.stringContaining('copy')]);
  });

  it('whose state is unreadable starts with new numbers rather than lose anything', () => {
    const directory = temporaryDirectory();
    const first = open(directory).spool;
    const hub = new HubModel();
    first.append('a', items(0, 2));
    drain(first, hub);
    first.append('a', items(2, 4));
    first.close();
    writeFileSync(join(directory, 'spool.json'), '{"version":99');
    const { spool, warnings } = open(directory);
    drain(spool, hub);
    expect(hub.stored.get('a')).toEqual(items(0, 4));
    expect(warnings).toHaveLength(1);
  });

  it('of a machine that lost its power, and the end of its file with it, starts with new numbers', () => {
    const directory = temporaryDirectory();
    const first = open(directory).spool;
    const hub = new HubModel();
    first.append('a', items(0, 1));
    first.append('a', items(1, 2));
    drain(first, hub);
    first.close();
    const file = join(directory, readdirSync(directory).find((name) => name.endsWith('.jsonl')) ?? '');
    writeFileSync(file, readFileSync(file).subarray(0, -10));
    const { spool, warnings } = open(directory);
    spool.append('a', items(5, 6));
    drain(spool, hub);
    expect(hub.stored.get('a')).toEqual([...items(0, 2), ...items(5, 6)]);
    expect(warnings).toEqual([expect.stringContaining('missing')]);
    spool.close();
    const after = open(directory);
    after.spool.append('a', items(6, 7));
    drain(after.spool, hub);
    expect(hub.stored.get('a')).toEqual([...items(0, 2), ...items(5, 7)]);
    expect(after.warnings).toEqual([]);
  });

  it('without a place on disk is one in memory, and says so once', () => {
    const blocked = join(temporaryDirectory(), 'file');
    writeFileSync(blocked, '');
    const { spool, warnings } = open(join(blocked, 'spool'));
    for (let index = 0; index < 20; index++) spool.append('a', items(index, index + 1));
    expect(drain(spool).stored.get('a')).toEqual(items(0, 20));
    expect(warnings).toHaveLength(1);
    spool.close();
  });

  it('removes its directory with what others have put there', () => {
    const directory = join(temporaryDirectory(), 'run-1');
    mkdirSync(directory);
    chmodSync(directory, 0o700);
    writeFileSync(join(directory, 'note'), '');
    open(directory).spool.remove();
    expect(existsSync(directory)).toBe(false);
  });
});

describe('the room that a spool keeps', () => {
  it('is made whole again when a spool is opened that has used a part of it', () => {
    const directory = temporaryDirectory();
    open(directory).spool.close();
    const path = join(directory, 'reserve');
    const whole = statSync(path).size;
    truncateSync(path, whole / 4);
    open(directory).spool.close();
    expect(statSync(path).size).toBe(whole);
  });
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(canMount)('a spool on a disk that is really full', () => {
  it('keeps what memory takes, sends it, and says exactly what was too much; over its end, at least how much', () => {
    const disk = temporaryDirectory();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk], { encoding: 'utf8' });
    expect(mounted.stderr).toBe('');
    onTestFinished(() => void spawnSync('umount', ['--lazy', disk]));
    const directory = join(disk, 'spool');
    const first = open(directory);
    const text = 'x'.repeat(10_000);
    for (let n = 0; n < 1000; n++) first.spool.append('a', items(n, n + 1, text));
    expect(first.warnings).toEqual([expect.stringContaining('memory')]);
    expect(first.spool.dropped).toBeGreaterThan(400);
    first.spool.append('a', [{ at: 1000, text: 'the last word' }]);
    first.spool.close();
    const stored = drain(open(directory).spool).stored.get('a') as { at: number; text?: string; count?: number }[];
    let next = 0;
    for (const { at, count } of stored) {
      if (count === undefined) expect(at).toBe(next);
      next += count ?? 1;
    }
    expect(next).toBe(1001);
    expect(stored.at(-1)?.text).toBe('the last word');
  });
});
