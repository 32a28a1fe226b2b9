// Three machines and six runs at once through everything that goes wrong between them and their hub: the built command,
// real processes, a real kill -9, a proxy that breaks the line. What the hub has at the end is compared line by line.

import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogMessage, RunEvent } from '@telltale/agent/run-events';
import type { AgentRow, HistoryPage } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { adminOf, enrolMachine, hasEnded, linesOf, type Machine, machineOf, runNamed } from './support/agents.ts';
import { startChaosProxy } from './support/chaos-proxy.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { until } from './support/until.ts';

const isLong = process.env['TELLTALE_TEST_LONG'] === '1';

/** A program that prints numbered lines at a steady pace, at least 5,000 a second. */
const printer = (name: string, count: number, perTick = 60): readonly string[] => [
  process.execPath,
  '-e',
  `let at = 0;
   const tick = () => {
     let text = '';
     for (let end = Math.min(${count}, at + ${perTick}); at < end; at++) text += '${name} ' + at + '\\n';
     process.stdout.write(text);
     if (at < ${count}) setTimeout(tick, 10);
   };
   tick();`,
];
const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

/** The same lines, or where they part. */
function expectLines(found: readonly (string | number)[], expected: readonly (string | number)[]): void {
  const at = expected.findIndex((line, index) => found[index] !== line);
  const near = {
    at,
    found: found.slice(Math.max(0, at - 2), at + 3),
    expected: expected.slice(Math.max(0, at - 2), at + 3),
  };
  expect({ length: found.length, near: at < 0 ? [] : near }).toEqual({ length: expected.length, near: [] });
}

// At the same time: most of it is waiting.
describe.concurrent('agents and runs', () => {
  it('[ONC1] of three machines and six runs at once lose nothing and double nothing, though the hub is killed at full speed and the lines break', async ({
    onTestFinished,
  }) => {
    const count = isLong ? 60_000 : 12_000;
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    await using proxy = await startChaosProxy(hub.port);
    const machines: Machine[] = [];
    const logs: string[] = [];
    for (const agent of ['web-1', 'web-2', 'db-1']) {
      const file = join(temporaryDirectory(), 'app.log');
      writeFileSync(file, '');
      const url = `http://localhost:${proxy.port}`;
      const { machine, process: running } = await enrolMachine(hub, admin, agent, { url, flags: ['--log', file] });
      onTestFinished(() => running[Symbol.asyncDispose]());
      onTestFinished(() => machine[Symbol.dispose]());
      machines.push(machine);
      logs.push(file);
    }
    const runs = machines.flatMap((machine) =>
      ['nightly', 'import'].map((kind) => {
        const name = `${machine.agent}-${kind}`;
        return { name, running: machine.run(name, printer(name, count)) };
      }),
    );
    let written = 0;
    const write = setInterval(() => {
      for (const file of logs)
        appendFileSync(
          file,
          `${numbered('log', written + 20)
            .slice(written)
            .join('\n')}\n`,
        );
      written += 20;
    }, 20);
    onTestFinished(() => clearInterval(write));

    await until(
      'output',
      () => admin.runs(),
      (rows) => rows.filter(({ lines }) => lines > 1000).length === 6,
      60_000,
    );
    await hub.kill9();
    await hub.restart();
    proxy.drop();
    await until(
      'more output',
      () => admin.runs(),
      (rows) => rows.filter(({ lines }) => lines > 3000).length === 6,
      60_000,
    );
    proxy.delayMs = 40;
    proxy.forget();
    await hub.kill9();
    await hub.restart();
    proxy.drop();
    proxy.delayMs = 0;

    for (const { name, running } of runs) {
      expect(await running.ended, running.stderr()).toBe(0);
      expectLines(running.stdout().split('\n').slice(0, -1), numbered(name, count));
    }
    clearInterval(write);
    for (const { name } of runs) {
      const { run, lines } = await runNamed(admin, name, hasEnded, 60_000);
      expectLines(linesOf(await admin.history<RunEvent>(`runs/${run}`)), numbered(name, count));
      expect(lines).toBe(count);
    }
    for (const { agent } of machines) {
      const page = await admin.ask<HistoryPage>(`/api/channels/agents/${agent}/messages`);
      const file = (page.messages.at(-1)?.data as AgentRow | undefined)?.files[0]?.file ?? 'no file';
      await until(
        `the last line of ${agent}`,
        async () => linesOf(await admin.history<LogMessage>(`logs/${agent}/${file}`)),
        (lines) => lines.length >= written,
        30_000,
      );
      expectLines(linesOf(await admin.history<LogMessage>(`logs/${agent}/${file}`)), numbered('log', written));
    }
  }, 240_000);

  it('whose spool meets a full disk never hold up the job, and say exactly how much is missing', async ({
    onTestFinished,
  }) => {
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    const directory = temporaryDirectory();
    const small = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { encoding: 'utf8' });
    if (small.status !== 0) {
      // Only root can mount; CI is root, and fails here otherwise.
      expect(process.env['CI'], small.stderr).not.toBe('true');
      return;
    }
    onTestFinished(() => void spawnSync('umount', ['--lazy', directory]));
    const { machine, process: agent } = await enrolMachine(hub, admin, 'full-1', { directory });
    onTestFinished(() => agent[Symbol.asyncDispose]());
    await hub.kill9();

    const count = 200_000;
    const running = machine.run('big', printer('big', count, 4000));
    const begun = performance.now();
    expect(await running.ended, running.stderr()).toBe(0);
    // 500 ticks of 10 ms, and what two busy cores take on top: a job that waited for the hub would never end.
    expect(performance.now() - begun).toBeLessThan(20_000);
    expectLines(running.stdout().split('\n').slice(0, -1), numbered('big', count));

    await hub.restart();
    const { run } = await runNamed(admin, 'big', hasEnded, 60_000);
    const lines = linesOf(await admin.history<RunEvent>(`runs/${run}`));
    const missing = lines.filter((line) => typeof line === 'number');
    expect(missing.length).toBeGreaterThan(0);
    // Each gap stands where its lines would be: read on from it, the numbers fit again.
    let next = 0;
    for (const line of lines) {
      if (typeof line === 'number') next += line;
      else expect(line).toBe(`big ${next++}`);
    }
    expect(next).toBe(count);
  }, 120_000);

  it('with a copied credential are refused on the other machine, shown so, and let in when an admin says so', async ({
    onTestFinished,
  }) => {
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    const { machine, process: first } = await enrolMachine(hub, admin, 'web-1');
    onTestFinished(() => first[Symbol.asyncDispose]());
    onTestFinished(() => machine[Symbol.dispose]());
    using copy = machineOf('web-1', { machine: 'another-machine-altogether' });
    mkdirSync(copy.directory, { recursive: true });
    cpSync(machine.directory, copy.directory, { recursive: true });
    await using second = copy.start();
    const row = async (): Promise<AgentRow> => {
      const page = await admin.ask<HistoryPage>('/api/channels/agents/web-1/messages');
      return page.messages.at(-1)?.data as AgentRow;
    };
    const shown = await until('the conflict', row, ({ conflict }) => conflict !== null);
    expect(shown.state).toBe('live');
    await until(
      'the reason on its own terminal',
      () => second.stdout() + second.stderr(),
      (text) => /4403/.test(text) && /credential in use on another machine/i.test(text),
    );

    await admin.ask('/api/agents/machine', { agent: 'web-1', decision: 'allow', since: shown.conflict?.since });
    await until(
      'the old machine out',
      () => first.stdout() + first.stderr(),
      (text) => /4410/.test(text),
    );
    await using third = copy.start();
    await until('the new machine in', row, ({ state, conflict }) => state === 'live' && conflict === null);

    const revokedAt = performance.now();
    await admin.ask('/api/agents/revoke', { agent: 'web-1' });
    await until('the end', row, ({ state }) => state === 'revoked');
    await until(
      'its word',
      () => third.stdout() + third.stderr() + second.stdout(),
      (text) => /revoked/i.test(text),
      2_000,
    );
    expect(performance.now() - revokedAt).toBeLessThan(2_500);
  }, 90_000);
});
