// Three machines and six runs at once through everything that goes wrong between them and their hub: the built command,
// real processes, a real kill -9, a proxy that breaks the line. What the hub has at the end is compared line by line.

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogMessage, RunEvent } from '@telltale/agent/run-events';
import type { AgentRow, HistoryPage } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { adminOf, enrolMachine, hasEnded, linesOf, type Machine, runNamed } from './support/agents.ts';
import { startChaosProxy } from './support/chaos-proxy.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { expectLines, numbered, printer } from './support/lines.ts';
import { until } from './support/until.ts';

const isLong = process.env['TELLTALE_TEST_LONG'] === '1';
/** Shorter than the silence after which a line is given up: it goes on as it was. */
const stallMs = 3_000;

describe('agents and runs', () => {
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
    const goOn = proxy.stall();
    await new Promise((resolve) => setTimeout(resolve, stallMs));
    goOn();

    for (const { name, running } of runs) {
      expect(await running.ended, running.stderr()).toBe(0);
      const tookMs = Number(/took ([\d.]+) ms/.exec(running.stderr())?.[1]);
      const pace = Math.round((count / tookMs) * 1000);
      console.log(`${name} printed ${pace} lines a second`);
      // What two busy cores allow beside other tests says nothing of the wrapper.
      if (isLong) expect(pace).toBeGreaterThan(5000);
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
});
