// What the hub lets go of: by age and by bytes, as an administrator has chosen, and what that means to whoever looks.

import { describe, expect, it } from 'vitest';
import type { Retention, RunRow } from '../api.ts';
import type { Storage } from '../storage/storage.ts';
import { latestRow, rowThat } from '../testing/line.ts';
import { asRoot, askAsRoot, enrol, statusOf, viewerToken, watch } from '../testing/test-agent.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';
import { askRun, ended, lineOf, openRun, rowOf, runId, snapshotOf, started } from '../testing/test-run.ts';

const dayMs = 24 * 3_600_000;
const mebibyte = 1024 * 1024;
const chosen: Retention = { runDays: 7, runBytes: 8 * mebibyte, logDays: 3, logBytes: 8 * mebibyte };

const choose = (hub: TestHub, retention: object): ReturnType<typeof askAsRoot> =>
  askAsRoot(hub, '/api/retention', retention);

/** Appends beside the hub what was reported so long ago, or is so large. */
async function append(storage: Storage, channel: string, { daysAgo = 0, bytes = 10 }): Promise<void> {
  const body = `"data":{"type":"line","at":1,"text":"${'x'.repeat(bytes)}"}}`;
  const time = Date.now() - daysAgo * dayMs;
  const commit = await storage.commitAppends([{ channel, time, count: 1, bodies: body, once: undefined }]);
  expect(commit.kind).toBe('committed');
}

async function textsOf(storage: Storage, channel: string): Promise<number | undefined> {
  const ask = { before: undefined, count: 1000, bytes: Infinity, since: undefined };
  return (await storage.newestMessages(channel, ask))?.appends.length;
}

describe('what is kept', () => {
  it('is what an administrator has chosen, also after a restart', async () => {
    const hub = await startTestHub();
    const headers = asRoot();
    expect((await hub.ask('/api/retention', { headers })).json).toEqual({
      runDays: 30,
      runBytes: 2048 * mebibyte,
      logDays: 14,
      logBytes: 1024 * mebibyte,
    });
    expect((await choose(hub, chosen)).json).toEqual(chosen);
    await hub.hub.stop();
    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    expect((await again.ask('/api/retention', { headers })).json).toEqual(chosen);
    const viewer = { authorization: `Bearer ${viewerToken()}` };
    expect((await again.ask('/api/retention', { headers: viewer })).status).toBe(403);
    expect((await again.ask('/api/retention', { headers: viewer, body: chosen })).status).toBe(403);
  });

  it('is not chosen out of bounds, and the answer says what was expected', async () => {
    const hub = await startTestHub();
    for (const [field, value, expected] of [
      ['runDays', 0, 'whole days, from 1 to 3,650'],
      ['logDays', 1.5, 'whole days, from 1 to 3,650'],
      ['runBytes', 1000, '1 MiB'],
      ['logBytes', 1e15, '1 TiB'],
    ] as const) {
      const answer = await choose(hub, { ...chosen, [field]: value });
      expect(answer.status).toBe(400);
      expect(answer.json.error.message).toContain(field);
      expect(answer.json.error.message).toContain(expected);
    }
  });
});

describe('what is let go of', () => {
  it('are lines and samples that are too old, line by line', async () => {
    const hub = await startTestHub();
    for (const daysAgo of [9, 4, 1]) await append(hub.beside, 'logs/web-1/app', { daysAgo });
    for (const daysAgo of [1, 0]) await append(hub.beside, 'metrics/web-1', { daysAgo });
    await choose(hub, chosen);
    await expect.poll(() => textsOf(hub.beside, 'logs/web-1/app')).toBe(1);
    await expect.poll(() => textsOf(hub.beside, 'metrics/web-1')).toBe(1);
  });

  it('are the oldest lines of the largest log, as soon as all logs hold too much', async () => {
    const hub = await startTestHub();
    await choose(hub, { ...chosen, logBytes: mebibyte });
    const line = (await enrol(hub)).line();
    const files = ['noisy', 'quiet'].map((file) => ({ file, title: file }));
    await line.request({ type: 'call', method: 'agent.status', params: statusOf({ files }) });
    const say = (file: string, ...texts: string[]): Promise<unknown> =>
      line.request({
        type: 'publish',
        channel: `logs/web-1/${file}`,
        batch: texts.map((text) => ({ data: lineOf(text) })),
      });
    await say('quiet', 'here');
    const long = 'x'.repeat(15_000);
    for (let count = 0; count < 30; count++) await say('noisy', long, long, long, long);
    // 30 batches of 60 kB are too much; 17 of them are not.
    await expect.poll(() => hub.beside.familyBytes('logs')).toBeLessThan(mebibyte);
    expect(await textsOf(hub.beside, 'logs/web-1/noisy')).toBeGreaterThan(10);
    expect(await textsOf(hub.beside, 'logs/web-1/quiet')).toBe(1);
  });

  it('are ended runs that are too old: their rows, their channels and all they said', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const line = agent.line('');
    const runs = await Promise.all([1, 2, 3].map((number) => openRun(agent, runId(number), { line })));
    for (const run of runs) await run.say(started(), lineOf('one'));
    for (const run of runs.slice(0, 2)) await run.say(ended('succeeded'));
    await rowThat<RunRow>(viewer, rowOf(runId(2)), ({ state }) => state === 'succeeded');
    const open = await viewer.request({ type: 'subscribe', channel: `runs/${runId(1)}` });
    expect(open).toMatchObject({ type: 'subscribed' });
    // As if it had ended long ago; once it is saved nothing more is written to it.
    await expect.poll(() => hub.beside.run(runId(1))).toMatchObject({ closed_at: expect.any(Number) });
    const record = await hub.beside.run(runId(1));
    if (record === undefined) throw new Error('found no record of the run');
    await hub.beside.saveRuns([{ ...record, closed_at: Date.now() - 8 * dayMs }]);
    await choose(hub, chosen);

    await viewer.next(() => latestRow(viewer, ...rowOf(runId(1))) === null);
    await viewer.next((frame) => frame['type'] === 'unsubscribed' && frame['channel'] === `runs/${runId(1)}`);
    expect((await askRun(hub, runId(1))).status).toBe(404);
    expect(await runs[0]?.say(lineOf('late'))).toMatchObject({ type: 'error', code: 4404 });
    await expect.poll(() => hub.beside.storedChannels('runs')).toEqual([`runs/${runId(2)}`, `runs/${runId(3)}`]);
    expect((await askRun(hub, runId(2))).status).toBe(200);
    expect((await askRun(hub, runId(3))).status).toBe(200);
  });

  it('is a run that never ended, when it has been away for as long', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line('');
    for (const number of [1, 2]) await (await openRun(agent, runId(number), { line })).say(started());
    await hub.hub.stop();
    const record = await hub.beside.run(runId(1));
    if (record === undefined) throw new Error('found no record of the run');
    const row = { ...(JSON.parse(record.row) as RunRow), awaySince: Date.now() - 8 * dayMs };
    await hub.beside.saveRuns([{ ...record, row: JSON.stringify(row) }]);
    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    await choose(again, chosen);
    await expect.poll(async () => (await askRun(again, runId(1))).status).toBe(404);
    expect((await askRun(again, runId(2))).status).toBe(200);
  });

  it('are the first to have ended while all runs hold too much, never one that is under way', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line('');
    for (let number = 1; number <= 4; number++) {
      const run = await openRun(agent, runId(number), { line });
      await run.say(started());
      await append(hub.beside, `runs/${runId(number)}`, { bytes: 400_000 });
      if (number > 1) await run.say(ended('succeeded'));
    }
    await expect.poll(async () => (await hub.beside.endedRuns({ count: 10 })).length).toBe(3);
    await choose(hub, { ...chosen, runBytes: mebibyte });
    const kept = [runId(1), runId(4)].map((run) => `runs/${run}`);
    await expect.poll(() => hub.beside.storedChannels('runs')).toEqual(kept);
  });

  it('is the beginning of one run that says too much, while what it came to stays', async () => {
    const hub = await startTestHub();
    await choose(hub, { ...chosen, runBytes: mebibyte });
    const run = await openRun(await enrol(hub));
    await run.say(started(), { type: 'step', at: 1, id: 'a', name: 'dump' });
    const long = lineOf('x'.repeat(15_000));
    for (let count = 0; count < 30; count++) await run.say(long, long, long, long);
    await expect.poll(() => hub.beside.familyBytes('runs')).toBeLessThan(mebibyte);
    const { row, state } = await snapshotOf(hub, run.run);
    expect(row).toMatchObject({ state: 'running', lines: 120, startedAt: 1000, steps: { running: 1 } });
    expect(state.steps).toMatchObject([{ name: 'dump' }]);
    const page = await hub.ask(
      `/api/channels/runs/${run.run}/messages?before=${(await snapshotOf(hub, run.run)).position?.epoch}:3`,
      { headers: asRoot() },
    );
    expect(page.json).toMatchObject({ messages: [], more: false });
  });

  it('is the output of a run that was removed when the hub was killed', async () => {
    const hub = await startTestHub();
    await hub.hub.stop();
    await append(hub.beside, `runs/${runId(1)}`, {});
    await startTestHub({ dataDir: hub.settings.dataDir });
    await expect.poll(() => hub.beside.storedChannels('runs')).toEqual([]);
  });

  it('is everything an agent reported when it is removed', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const run = await openRun(agent);
    await run.say(started(), lineOf('one'), ended('succeeded'));
    await askAsRoot(hub, '/api/agents/revoke', { agent: 'web-1' });
    await askAsRoot(hub, '/api/agents/remove', { agent: 'web-1' });
    expect((await askRun(hub, run.run)).status).toBe(404);
    expect(await hub.beside.storedChannels('runs')).toEqual([]);
    expect(await hub.beside.run(run.run)).toBeUndefined();
  });
});
