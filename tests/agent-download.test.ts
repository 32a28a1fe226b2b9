// The line that a hub shows for another machine, run as it stands in an empty directory of a machine that has npm and no
// registry: it installs the packed command from the hub alone, enrols, and reports.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentRow, Download, HistoryPage } from '@telltale/hub/api';
import { expect, it, onTestFinished } from 'vitest';
import { pack } from '../scripts/pack.mjs';
import { adminOf, hasEnded, linesOf, runNamed } from './support/agents.ts';
import { cleanEnvironment, startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { until, within } from './support/until.ts';

interface Pasted {
  readonly ended: Promise<number | null>;
  written(): string;
  interrupt(): void;
}

/** Another machine: empty directories, and a registry at a port where nothing listens. */
function otherMachine(): (line: string) => Pasted {
  const home = temporaryDirectory();
  const folder = join(home, 'empty');
  mkdirSync(folder);
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    for (const { pid, exitCode, signalCode } of children) {
      if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    }
    rmSync(home, { recursive: true, force: true });
  });
  const { PATH = '' } = process.env;
  const env = {
    ...Object.fromEntries(Object.entries(cleanEnvironment()).filter(([name]) => !/^npm_/i.test(name))),
    PATH,
    HOME: home,
    npm_config_cache: join(home, 'cache'),
    npm_config_registry: 'http://127.0.0.1:9/',
    TELLTALE_AGENT_DIR: join(home, 'agents'),
    TELLTALE_MACHINE_ID: 'the-other-machine',
  };
  return (line) => {
    const child = spawn('sh', ['-c', line], { cwd: folder, env, detached: true });
    children.push(child);
    let written = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (written += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (written += text));
    return {
      ended: new Promise((resolve) => child.once('close', resolve)),
      written: () => written,
      interrupt: () => void process.kill(-(child.pid ?? 0), 'SIGINT'),
    };
  };
}

it('the line of an enrolment makes a machine report, with nothing but the hub in reach', async () => {
  await using hub = await startHubProcess();
  const admin = await adminOf(hub);
  const download = await admin.ask<Download>('/api/download');
  const content = Buffer.from(await (await fetch(hub.url + download.path)).arrayBuffer());
  expect(createHash('sha256').update(content).digest('hex')).toBe(download.sha256);

  const { line } = await admin.enrol('web-1');
  expect(line).toContain(download.path);
  const paste = otherMachine();
  const agent = paste(line);
  const row = async (): Promise<Partial<AgentRow>> => {
    const page = await admin.ask<HistoryPage>('/api/channels/agents/web-1/messages');
    return (page.messages.at(-1)?.data ?? { reason: agent.written() }) as AgentRow;
  };
  await until('the agent', row, ({ state }) => state === 'live', 25_000);
  const metrics = '/api/channels/metrics/web-1/messages';
  await until(
    'a sample',
    () => admin.ask<HistoryPage>(metrics),
    ({ messages }) => messages.length > 0,
  );

  const run = paste(`npx --yes ${hub.url}${download.path} run --name packed -- sh -c 'echo said; exit 3'`);
  expect(await within('the run', run.ended, 25_000, run.written)).toBe(3);
  const { run: id, exitCode } = await runNamed(admin, 'packed', hasEnded);
  expect(exitCode).toBe(3);
  expect(linesOf(await admin.history(`runs/${id}`))).toEqual(['said']);

  agent.interrupt();
  await within('its end', agent.ended, 10_000, agent.written);
  await until('its goodbye', row, ({ state }) => state === 'closed');
}, 90_000);

it('the packed command is the same bytes from the same sources', async () => {
  const folders = [temporaryDirectory(), temporaryDirectory()];
  onTestFinished(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));
  for (const folder of folders) await pack(folder);
  const [one, other] = folders.map((folder) =>
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]),
  );
  expect(one).toHaveLength(1);
  expect(one).toEqual(other);
});
