// Three machines and six runs at once through everything that goes wrong between them and their hub: the built command,
// real processes, a real kill -9, a proxy that breaks the line. What the hub has at the end is compared line by line.

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvent } from '@telltale/agent/run-events';
import type { AgentRow } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import {
  adminOf,
  enrolMachine,
  hasEnded,
  linesOf,
  logOf,
  logUpTo,
  type Machine,
  type Running,
  runNamed,
} from './support/agents.ts';
import { startChaosProxy } from './support/chaos-proxy.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { expectLines, numbered, printer } from './support/lines.ts';
import { until } from './support/until.ts';

/** Shorter than the silence after which a line is given up: it goes on as it was. */
const stallMs = 3_000;

/** How often an agent says that its line stands. */
const connections = (agent: Running): number => [...agent.stdout().matchAll(/ Connected to http/g)].length;

describe('agents and runs', () => {
  it('[ONC1] of three machines and six runs at once lose nothing and double nothing, though the hub and an agent are killed at full speed and the lines break', async ({
    onTestFinished,
  }) => {
    const count = isLongRun ? 60_000 : 12_000;
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    await using proxy = await startChaosProxy(hub.port);
    const machines: Machine[] = [];
    const logs: string[] = [];
    const agents: Running[] = [];
    for (const agent of ['web-1', 'web-2', 'db-1']) {
      const file = join(temporaryDirectory(), 'app.log');
      writeFileSync(file, '');
      const url = `http://localhost:${proxy.port}`;
      const { machine, process: running } = await enrolMachine(hub, admin, agent, { url, flags: ['--log', file] });
      onTestFinished(() => running[Symbol.asyncDispose]());
      onTestFinished(() => machine[Symbol.dispose]());
      machines.push(machine);
      agents.push(running);
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
      const lines = Array.from({ length: 20 }, () => `log ${written++}\n`).join('');
      for (const file of logs) appendFileSync(file, lines);
    }, 20);
    onTestFinished(() => clearInterval(write));

    await until(
      'output',
      () => admin.runs(),
      (rows) => rows.filter(({ lines }) => lines > 1000).length === 6,
      60_000,
    );
    // Touches no run: each is a process of its own, in the middle of its output.
    agents[0]?.kill('SIGKILL');
    await agents[0]?.ended;
    const isDone = ({ running }: { readonly running: Running }): boolean =>
      running.stdout().includes(` ${count - 1}\n`);
    if (isLongRun) expect(runs.filter(isDone)).toEqual([]);
    await hub.kill9();
    await hub.restart();
    // Before anything is waited for: of a run that ends while the hub is away it sends what is left.
    const again = machines[0]?.start('--log', logs[0] ?? '') as Running;
    onTestFinished(() => again[Symbol.asyncDispose]());
    agents[0] = again;
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
    const goOn = proxy.stall();
    await new Promise((resolve) => setTimeout(resolve, stallMs));
    goOn();
    if (isLongRun) {
      await until(
        'every line',
        () => Promise.all(machines.map(({ agent }) => admin.newest<AgentRow>(`agents/${agent}`))),
        (rows) => rows.every((row) => row?.state === 'live'),
      );
      // Forgotten for good, and nothing closes: only the silence tells.
      const before = agents.map(connections);
      proxy.forget();
      await until(
        'every agent to find its line dead',
        () => agents.map(connections),
        (all) => all.every((times, index) => times > (before[index] ?? 0)),
        120_000,
      );
    }

    for (const { name, running } of runs) {
      expect(await running.ended, running.stderr()).toBe(0);
      const tookMs = Number(/took ([\d.]+) ms/.exec(running.stderr())?.[1]);
      const pace = Math.round((count / tookMs) * 1000);
      console.log(`${name} printed ${pace} lines a second`);
      // What two busy cores allow beside other tests says nothing of the wrapper.
      if (isLongRun) expect(pace).toBeGreaterThan(5000);
      expectLines(running.stdout().split('\n').slice(0, -1), numbered(name, count));
    }
    clearInterval(write);
    for (const { name } of runs) {
      const { run, lines } = await runNamed(admin, name, hasEnded, 60_000);
      expectLines(linesOf(await admin.history<RunEvent>(`runs/${run}`)), numbered(name, count));
      // And the last word on its pace.
      expect(lines).toBe(count + 1);
    }
    for (const { agent } of machines) {
      const lines = await logUpTo(`log ${written - 1}`, admin, await logOf(admin, agent));
      expectLines(lines, numbered('log', written));
    }
  }, 360_000);
});
