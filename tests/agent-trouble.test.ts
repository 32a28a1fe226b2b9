// A machine of its own with a trouble of its own: a hub that is away for minutes, a disk that is full, a credential that
// was copied. The built command, real processes, and what the hub has at the end compared line by line.

import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '@telltale/agent/run-events';
import type { MetricsMessage, Sample } from '@telltale/agent/sample';
import type { AgentRow, HistoryPage } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { adminOf, enrolMachine, hasEnded, linesOf, logOf, logUpTo, machineOf, runNamed } from './support/agents.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { expectLines, numbered, printer } from './support/lines.ts';
import { promised } from './support/pace.ts';
import { openPlainSocket, type PlainSocket } from './support/plain-socket.ts';
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
      // Somebody who looks has it sampled each second, before the outage and after.
      const token = await hub.token('viewer');
      const look = (): PlainSocket => {
        const viewer = openPlainSocket(hub.socketUrl(`/ws/agents/far-1/?token=${token}`));
        onTestFinished(() => viewer[Symbol.dispose]());
        return viewer;
      };
      await isSeenEachSecond(look());

      await hub.kill9();
      expect(await running.ended, running.stderr()).toBe(0);
      await hub.restart();
      const backAt = Date.now();
      await isSeenEachSecond(look());
      const { run, lines } = await runNamed(admin, 'long', hasEnded, 180_000);
      // And the last word on its pace.
      expect(lines).toBe(count + 1);
      expectLines(linesOf(await admin.history<RunEvent>(`runs/${run}`)), numbered('long', count));
      clearInterval(write);
      expectLines(await logUpTo(`log ${written - 1}`, admin, await logOf(admin, 'far-1')), numbered('log', written));

      await until(
        'a sample of after it',
        () => admin.newest<MetricsMessage>('metrics/far-1'),
        (newest) => (newest?.at ?? 0) > backAt,
      );
      expectEvenSamples(await admin.history<MetricsMessage>('metrics/far-1'));
    },
    180_000 + 2 * outageMs,
  );

  it('whose spool meets a full disk never holds up the job, and of output and log says exactly how much is missing', async ({
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
    const file = join(temporaryDirectory(), 'app.log');
    const flags = ['--log', file];
    const { machine, process: agent } = await enrolMachine(hub, admin, 'full-1', { directory, flags });
    onTestFinished(() => agent[Symbol.asyncDispose]());
    await hub.kill9();

    const count = 200_000;
    const running = machine.run('big', printer('big', count, 400_000));
    const begun = performance.now();
    expect(await running.ended, running.stderr()).toBe(0);
    // Half a second of its own, and what two busy cores take on top: a job that waited for the hub would never end.
    expect(performance.now() - begun).toBeLessThan(promised(20_000));
    expectLines(running.stdout().split('\n').slice(0, -1), numbered('big', count));
    // The job has left no room for the agent, and this is more than its memory takes.
    const logged = numbered(`log ${'x'.repeat(500)}`, 16_000);
    writeFileSync(file, `${logged.join('\n')}\n`);
    await until(
      'the agent to find the disk full',
      () => agent.stdout() + agent.stderr(),
      (text) => /The disk does not take the spool/.test(text),
      30_000,
    );
    // Who begins now finds no room for a spool of its own, and is heard of all the same.
    const late = machine.run('late', ['sh', '-c', 'seq 3; exit 3']);
    const killed = machine.run('killed', ['sh', '-c', 'echo $$; exec sleep 60']);
    expect(await late.ended).toBe(3);
    expect(late.stdout()).toBe('1\n2\n3\n');
    expect(late.stderr()).not.toMatch(/lost/);
    const left = Number(await until('its process', killed.stdout, (out) => out.endsWith('\n')));
    onTestFinished(() => void process.kill(left));
    await until(
      'it to be on disk',
      () => spooledIn(join(directory, 'full-1', 'spool')),
      (texts) => texts.some((text) => text.includes('"name":"killed"')),
    );
    killed.kill('SIGKILL');
    await killed.ended;
    // Where the room that is kept for that is gone too, this is said, and the job is as it was.
    rmSync(join(directory, 'full-1', 'reserve'), { recursive: true });
    expect(() => writeFileSync(join(directory, 'ballast'), Buffer.alloc(4 * 1024 * 1024))).toThrow('ENOSPC');
    const lost = machine.run('lost', ['sh', '-c', 'seq 3; exit 3']);
    expect(await lost.ended).toBe(3);
    expect(lost.stdout()).toBe('1\n2\n3\n');
    expect(lost.stderr()).toMatch(/^telltale run: The disk does not take .+\ntelltale run: .+ is lost: .+\n$/);

    await hub.restart();
    expect(await runNamed(admin, 'killed', hasEnded, 60_000)).toMatchObject({ state: 'lost' });
    const row = await runNamed(admin, 'late', hasEnded, 60_000);
    expect(row).toMatchObject({ state: 'failed', exitCode: 3, command: "sh -c 'seq 3; exit 3'" });
    expect(linesOf(await admin.history<RunEvent>(`runs/${row.run}`))).toEqual(['1', '2', '3']);
    const { run } = await runNamed(admin, 'big', hasEnded, 60_000);
    const history = await admin.history<RunEvent>(`runs/${run}`);
    const lines = [...linesOf(history)];
    const last = lines.findLastIndex((line) => typeof line === 'number');
    expect(last).toBeGreaterThanOrEqual(0);
    // Its last word is on the other stream; where that is missing, it is counted in the last gap.
    const isTold = history.some(({ data }) => data.type === 'line' && data.stream === 'err');
    if (!isTold) lines[last] = (lines[last] as number) - 1;
    expectGaps(lines, numbered('big', count));
    expectGaps(await logUpTo(logged.at(-1) ?? '', admin, await logOf(admin, 'full-1')), logged);
  }, 180_000);

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
    // Refused, it looks again by itself; nobody has to start it anew.
    await until(
      'the new machine in',
      () => second.stdout(),
      (text) => / Connected to http/.test(text),
      30_000,
    );
    await until('its row', row, ({ state, conflict }) => state === 'live' && conflict === null);

    const revokedAt = performance.now();
    await admin.ask('/api/agents/revoke', { agent: 'web-1' });
    await until('the end', row, ({ state }) => state === 'revoked');
    await until(
      'its word',
      () => second.stdout() + second.stderr(),
      (text) => /4403 agent-revoked/.test(text),
      promised(2_000),
    );
    expect(performance.now() - revokedAt).toBeLessThan(promised(2_500));
    expect(await second.ended).toBe(77);
  }, 90_000);
});

/** What stands in the spools below a directory. */
function spooledIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** These lines but for gaps, each of which stands where its lines would be: read on from it, they fit again. */
function expectGaps(found: readonly (string | number)[], expected: readonly string[]): void {
  const whole: string[] = [];
  for (const line of found) {
    if (typeof line === 'string') whole.push(line);
    else for (const end = whole.length + line; whole.length < end;) whole.push(expected[whole.length] ?? 'too many');
  }
  expectLines(whole, expected);
}

/** Resolves when a viewer is told samples of one second. */
function isSeenEachSecond(viewer: PlainSocket): Promise<unknown> {
  return viewer.frame(
    'messages',
    ({ channel, messages }) =>
      channel === 'metrics/far-1' && messages.some(({ data }) => (data as Sample).intervalMs === 1000),
  );
}

/** Each sample once, in its order, and none missing: no step is longer than what a page shows as a hole. */
function expectEvenSamples(history: readonly { readonly data: MetricsMessage }[]): void {
  const samples = history.map(({ data }) => data as Sample);
  expect(samples.length).toBeGreaterThan(outageMs / 10_000);
  const holes = samples.slice(1).flatMap(({ at }, index) => {
    const { at: before, intervalMs } = samples[index] as Sample;
    return at > before && at - before <= promised(2.5 * intervalMs) ? [] : [{ before, intervalMs, at }];
  });
  expect(holes).toEqual([]);
}
