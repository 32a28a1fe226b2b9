// What an agent costs the machine it reports: the promise of packages/agent/README.md, measured on the built command with
// the script that is named there, while a viewer reads its samples every second.

import { join } from 'node:path';
import { WebSocket } from 'ws';
import { describe, expect, it, onTestFinished } from 'vitest';
import { costOf } from '../scripts/agent-cost.mjs';
import { adminOf, enrolMachine } from './support/agents.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { until } from './support/until.ts';

const isLong = process.env['TELLTALE_TEST_LONG'] === '1';

describe.runIf(process.platform === 'linux')('an agent that is watched', () => {
  it('takes at most 90 MB, and, where there is time to measure it, at most 5 % of a core', async () => {
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    const log = join(temporaryDirectory(), 'app.log');
    const { machine, process: agent } = await enrolMachine(hub, admin, 'web-1', { flags: ['--log', log] });
    onTestFinished(() => agent[Symbol.asyncDispose]());
    onTestFinished(() => machine[Symbol.dispose]());
    const token = await hub.token('viewer');
    const viewer = new WebSocket(hub.socketUrl(`/ws/agents/web-1/?token=${token}`));
    onTestFinished(() => viewer.terminate());
    const intervals: number[] = [];
    viewer.on('message', (message) => {
      const frame = JSON.parse(String(message)) as { channel?: string; messages?: { data: { intervalMs: number } }[] };
      if (frame.channel !== 'metrics/web-1') return;
      intervals.push(...(frame.messages ?? []).map(({ data }) => data.intervalMs));
    });
    await until(
      'samples of one second',
      () => intervals.filter((intervalMs) => intervalMs === 1000).length,
      (count) => count >= 2,
    );
    const { rssMb, cpu } = await costOf(agent.pid, isLong ? 60 : 3);
    expect(rssMb).toBeGreaterThan(20);
    expect(rssMb).toBeLessThanOrEqual(90);
    expect(cpu).toBeLessThan(isLong ? 5 : 50);
  }, 120_000);
});
