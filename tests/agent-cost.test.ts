// What an agent costs the machine it reports: the promise of packages/agent/README.md, measured on the built command with
// the script that is named there, first while nobody looks and then while a viewer reads its samples every second.

import { join } from 'node:path';
import type { Sample } from '@telltale/agent/sample';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import { costOf } from '../scripts/agent-cost.mjs';
import { adminOf, enrolMachine } from './support/agents.ts';
import { startHubProcess, temporaryDirectory } from './support/hub-process.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

/** For so long each. A short look tells a busy loop from an agent at rest, no more. */
const seconds = isLongRun ? 60 : 2;
/** Samples of a kind that have come before it is looked at: what its start costs is over. */
const settled = isLongRun ? 2 : 1;

describe.runIf(process.platform === 'linux')('an agent', () => {
  it('takes at most 90 MB and, where there is time to measure it, 1 % of a core unwatched and 5 % watched', async () => {
    await using hub = await startHubProcess();
    const admin = await adminOf(hub);
    const log = join(temporaryDirectory(), 'app.log');
    const { machine, process: agent } = await enrolMachine(hub, admin, 'web-1', { flags: ['--log', log] });
    onTestFinished(() => agent[Symbol.asyncDispose]());
    onTestFinished(() => machine[Symbol.dispose]());
    const intervals = async (): Promise<readonly number[]> =>
      (await admin.history<Sample>('metrics/web-1')).map(({ data }) => data.intervalMs);
    const samplesOf = (intervalMs: number): Promise<readonly number[]> =>
      until(
        `samples of ${intervalMs} ms`,
        intervals,
        (all) => all.filter((one) => one === intervalMs).length >= settled,
        30_000,
      );

    await samplesOf(10_000);
    const unwatched = await costOf(agent.pid, seconds);
    expect(new Set(await intervals())).toEqual(new Set([10_000]));

    using viewer = openPlainSocket(hub.socketUrl(`/ws/agents/web-1/?token=${await hub.token('viewer')}`));
    await viewer.frame('welcome');
    await samplesOf(1000);
    const watched = await costOf(agent.pid, seconds);

    console.log(`unwatched ${JSON.stringify(unwatched)}, watched ${JSON.stringify(watched)}`);
    const most = Math.max(unwatched.rssMb, watched.rssMb);
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThanOrEqual(90);
    expect(unwatched.cpu).toBeLessThan(isLongRun ? 1 : 50);
    expect(watched.cpu).toBeLessThan(isLongRun ? 5 : 50);
  }, 240_000);
});
