// The command `telltale agent` and those about agents beside the hub, as built: enrolled, listed, revoked; killed with -9
// while its log rotates; away from its hub with a spool that is too small. What the hub has at the end is compared line
// by line.

import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import { type Admin, adminOf, enrolMachine, logUpTo, type Machine, machineOf, type Running } from './support/agents.ts';
import { type HubProcess, root, startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { until } from './support/until.ts';

interface Bench {
  readonly hub: HubProcess;
  readonly admin: Admin;
  readonly machine: Machine;
  readonly agent: Running;
  readonly file: string;
  /** Starts the agent again, with the same flags. */
  start(): Running;
  /** Everything the hub has of the file, once it has this line. */
  linesUpTo(last: string): Promise<readonly (string | number)[]>;
}

type AtEnd = (end: () => void | Promise<void>) => void;

/** An agent that follows one log file. */
async function benchOf(hub: HubProcess, onTestFinished: AtEnd, ...flags: string[]): Promise<Bench> {
  const admin = await adminOf(hub);
  const folder = temporaryDirectory();
  const file = join(folder, 'app.log');
  writeFileSync(file, '');
  const all = ['--log', file, ...flags];
  const { machine, process: agent } = await enrolMachine(hub, admin, 'web-1', { flags: all });
  const running = [agent];
  onTestFinished(async () => {
    for (const one of running) await one[Symbol.asyncDispose]();
    machine[Symbol.dispose]();
  });
  const name = `${folder
    .toLowerCase()
    .slice(1)
    .replaceAll(/[^a-z0-9._]+/g, '-')}-app.log`;
  return {
    hub,
    admin,
    machine,
    agent,
    file,
    start() {
      const started = machine.start(...all);
      running.push(started);
      return started;
    },
    linesUpTo: (last) => logUpTo(last, admin, `logs/web-1/${name}`),
  };
}

/** How fast the log of the first test grows. */
const linesPerSecond = 6000;

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');

// At the same time: most of it is waiting.
describe.concurrent('an agent', () => {
  it('killed with -9 while its log rotates, and its hub killed too, loses no line and doubles none', async ({
    onTestFinished,
  }) => {
    await using hub = await startHubProcess();
    const { agent, file, start, linesUpTo } = await benchOf(hub, onTestFinished);
    let [n, rotations] = [0, 0];
    const writingSince = performance.now();
    const write = (): void => {
      const due = Math.max(n, Math.ceil(((performance.now() - writingSince) / 1000) * linesPerSecond));
      appendFileSync(file, numbered(n, due));
      n = due;
    };
    const timer = setInterval(write, 20);
    onTestFinished(() => clearInterval(timer));
    const written = (count: number): Promise<unknown> =>
      until(
        `${count} lines`,
        () => n,
        (found) => found >= count * (isLongRun ? 5 : 1),
        30_000,
      );
    const kill = async (running: Running): Promise<void> => {
      running.kill('SIGKILL');
      await running.ended;
    };
    const rotate = (): void => {
      renameSync(file, `${file}.${++rotations}`);
      write();
    };
    await written(4000);
    await kill(agent);
    rotate();
    await written(8000);
    const second = start();
    await written(12_000);
    await hub.kill9();
    rotate();
    await written(14_000);
    await kill(second);
    const third = start();
    await hub.restart();
    await written(18_000);
    clearInterval(timer);
    const pace = Math.round((n / (performance.now() - writingSince)) * 1000);
    console.log(`the log grew by ${pace} lines a second`);
    // What busy cores allow beside other tests says nothing of the agent.
    if (isLongRun) expect(pace).toBeGreaterThan(5000);
    const expected = Array.from({ length: n }, (_, index) => `line ${index}`);
    const found = await linesUpTo(`line ${n - 1}`);
    const at = expected.findIndex((line, index) => found[index] !== line);
    expect({ length: found.length, parts: at < 0 ? [] : found.slice(at, at + 3) }).toEqual({ length: n, parts: [] });
    // An orderly end takes no time.
    const begun = performance.now();
    third.kill('SIGTERM');
    expect(await third.ended).toBe(0);
    expect(performance.now() - begun).toBeLessThan(promised(3000));
  }, 180_000);

  it('away from its hub keeps what its spool holds, and says exactly how much it did not', async ({
    onTestFinished,
  }) => {
    await using hub = await startHubProcess();
    const { file, linesUpTo, machine } = await benchOf(hub, onTestFinished, '--spool', '1MB');
    await hub.kill9();
    const line = (index: number): string => `${index} ${'x'.repeat(1000)}\n`;
    const count = 4000;
    const spool = join(machine.directory, 'web-1', 'spool', 'agent');
    for (let index = 0; index < count; index += 100) {
      appendFileSync(file, Array.from({ length: 100 }, (_, offset) => line(index + offset)).join(''));
    }
    await until(
      'all of it to be read',
      () => readFileSync(join(spool, lastSegment(spool)), 'utf8'),
      (text) => text.includes(`"${count - 1} x`),
    );
    await hub.restart();
    const found = await linesUpTo(line(count - 1).trimEnd());
    let next = 0;
    let missing = 0;
    for (const one of found) {
      if (typeof one === 'string') expect(Number.parseInt(one, 10)).toBe(next++);
      else {
        next += one;
        missing += one;
      }
    }
    expect(next).toBe(count);
    expect(missing).toBeGreaterThan(1000);
    expect(missing).toBeLessThan(count - 500);
  }, 180_000);
});

function lastSegment(directory: string): string {
  const names = Array.from({ length: 500 }, (_, index) => `${String(index + 1).padStart(10, '0')}.jsonl`);
  return names.findLast((name) => statSync(join(directory, name), { throwIfNoEntry: false }) !== undefined) ?? '';
}

describe.concurrent('the commands about agents', () => {
  it('enrol a machine, list it and revoke it, and its agent ends with the code for that', async () => {
    await using hub = await startHubProcess();
    const made = await hub.command(['agent', 'enrol', '--name', 'db-1', '--hub', hub.url]);
    expect(made.code, made.stderr).toBe(0);
    const [, flags = ''] = /telltale-[\d.]+\.tgz agent (--hub .*)$/m.exec(made.stdout) ?? [];
    const packed = readFileSync(join(root, 'dist-pack', /telltale-[\d.]+\.tgz/.exec(made.stdout)?.[0] ?? ''));
    expect(made.stdout).toContain(
      `SHA-256 of what it fetches from a hub of this installation: ${createHash('sha256').update(packed).digest('hex')}`,
    );
    expect(flags).toMatch(/^--hub http:\/\/localhost:\d+ --enrol ten_[\w-]{43} --name db-1$/);
    expect((await hub.command(['agent', 'list'])).stdout).toMatch(/^db-1 +waiting +never seen$/m);

    using machine = machineOf('db-1');
    await using first = machine.start(...flags.split(' '));
    const connected = (running: Running): Promise<unknown> =>
      until(
        'the line',
        () => running.stdout() + running.stderr(),
        (text) => / Connected to http/.test(text),
      );
    await connected(first);
    expect(first.stdout()).toMatch(/^Enrolled this machine as agent db-1/);
    expect(first.stdout() + first.stderr()).not.toMatch(/ten_|eyJ/);
    // Twice is too many on one machine.
    await using twin = machine.start();
    expect(await twin.ended).toBe(1);
    expect(twin.stderr()).toContain(`runs already on this machine, as process ${first.pid}`);
    first.kill('SIGINT');
    expect(await first.ended).toBe(0);

    // As a container does that is started with the same words each time.
    await using again = machine.start(...flags.split(' '));
    await connected(again);
    expect(again.stdout()).toContain('enrolled with this token before, as agent db-1');
    // What it says of itself is saved a moment later.
    await until(
      'the list',
      async () => (await hub.command(['agent', 'list'])).stdout,
      (text) => /^db-1 +live +seen \d{4}/m.test(text),
    );
    const revoked = await hub.command(['agent', 'revoke', 'db-1']);
    expect(revoked.stdout).toContain('Revoked db-1');
    expect(await again.ended).toBe(77);
    expect(again.stdout()).toMatch(/4403 agent-revoked/);
    expect((await hub.command(['agent', 'list'])).stdout).toMatch(/^db-1 +revoked/m);
    expect((await hub.command(['agent', 'revoke', 'db-1'])).stdout).toContain('was revoked before');
    expect(await hub.command(['agent', 'revoke', 'nobody'])).toMatchObject({ code: 1 });
  }, 120_000);
});
