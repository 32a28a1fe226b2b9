// A machine of its own with a trouble of its own: a hub that is away for minutes, a disk that is full, a credential that
// was copied. The built command, real processes, and what the hub has at the end compared line by line.

import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogMessage, RunEvent } from '@telltale/agent/run-events';
import type { AgentRow, HistoryPage } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { adminOf, enrolMachine, hasEnded, linesOf, machineOf, runNamed } from './support/agents.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { expectLines, numbered, printer } from './support/lines.ts';
import { promised } from './support/pace.ts';
import { until } from './support/until.ts';

const outageMs = process.env['TELLTALE_TEST_LONG'] === '1' ? 600_000 : 6_000;

// At the same time: most of it is waiting.
describe.concurrent('an agent', () => {
  it(
    `[ONC1] through ${outageMs / 1000} s without a hub loses nothing and doubles nothing, and its job never waits`,
    async ({ onTestFinished }) => {
      await using hub = await startHubProcess();
      const admin = await adminOf(hub);
      const file = join(temporaryDirectory(), 'app.log');
      writeFileSync(file, '');
      const { machine, process: agent } = await enrolMachine(hub, admin, 'far-1', { flags: ['--log', file] });
      onTestFinished(() => agent[Symbol.asyncDispose]());
      onTestFinished(() => machine[Symbol.dispose]());
      let written = 0;
      const write = setInterval(() => appendFileSync(file, `log ${written++}\n`), 20);
      onTestFinished(() => clearInterval(write));
      const count = 100 + outageMs / 10;
      const running = machine.run('long', printer('long', count, 100));
      await runNamed(admin, 'long', ({ lines }) => lines > 0);

      await hub.kill9();
      expect(await running.ended, running.stderr()).toBe(0);
      await hub.restart();
      const { run, lines } = await runNamed(admin, 'long', hasEnded, 60_000);
      // And the last word on its pace.
      expect(lines).toBe(count + 1);
      expectLines(linesOf(await admin.history<RunEvent>(`runs/${run}`)), numbered('long', count));
      clearInterval(write);
      const page = await admin.ask<HistoryPage>('/api/channels/agents/far-1/messages');
      const name = (page.messages.at(-1)?.data as AgentRow | undefined)?.files[0]?.file ?? 'no file';
      const found = await until(
        'the last line',
        async () => linesOf(await admin.history<LogMessage>(`logs/far-1/${name}`)),
        (all) => all.length >= written,
        60_000,
      );
      expectLines(found, numbered('log', written));
    },
    180_000 + 2 * outageMs,
  );

  it('whose spool meets a full disk never holds up the job, and says exactly how much is missing', async ({
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
    const running = machine.run('big', printer('big', count, 400_000));
    const begun = performance.now();
    expect(await running.ended, running.stderr()).toBe(0);
    // Half a second of its own, and what two busy cores take on top: a job that waited for the hub would never end.
    expect(performance.now() - begun).toBeLessThan(promised(20_000));
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

  it('whose credential was copied is refused on the other machine, shown so, and let in when an admin says so', async ({
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
      promised(2_000),
    );
    expect(performance.now() - revokedAt).toBeLessThan(promised(2_500));
  }, 90_000);
});
