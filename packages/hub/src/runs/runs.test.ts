// The life of a run at the hub, over real sockets: whose it is, who may see it, and what its events come to.

import type { RunEvent } from '@telltale/agent/run-events';
import { foldRun, newRun, runFromJson, runToJson } from '@telltale/agent/run-state';
import { describe, expect, it } from 'vitest';
import type { AgentRow, RunRow } from '../api.ts';
import { connect, rowThat } from '../testing/line.ts';
import { enrol, viewerToken, watch } from '../testing/test-agent.ts';
import { startTestHub } from '../testing/test-hub.ts';
import { askRun, ended, lineOf, openRun, rowOf, runId, snapshotOf, stands, started } from '../testing/test-run.ts';

const one = runId(1);

describe('a run', () => {
  it('is one row from its beginning to its end', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const run = await openRun(agent);
    expect(run.opened).toMatchObject({ type: 'result', data: { cancel: null } });
    expect(await rowThat(viewer, rowOf(one), stands('running'))).toMatchObject({ agent: 'web-1', name: 'nightly' });
    await rowThat<AgentRow>(viewer, ['agents', 'web-1'], ({ runs }) => runs === 1);

    await run.say(
      started(),
      { type: 'step', at: 1100, id: 'a', name: 'dump' },
      { type: 'step', at: 1200, id: 'b', name: 'copy', parent: 'a' },
      { type: 'step-ended', at: 1300, id: 'b', outcome: 'failed', error: 'no space' },
      { type: 'progress', at: 1400, done: 0.5, note: 'half' },
      lineOf('one'),
      lineOf('two'),
    );
    const row = await rowThat<RunRow>(viewer, rowOf(one), ({ lines }) => lines === 2);
    expect(row).toEqual({
      run: one,
      agent: 'web-1',
      name: 'nightly',
      command: './backup.sh',
      by: null,
      state: 'running',
      startedAt: 1000,
      endedAt: null,
      progress: 0.5,
      note: 'half',
      exitCode: null,
      signal: null,
      error: null,
      cancelledBy: null,
      steps: { ended: 1, failed: 1, running: 1 },
      lines: 2,
      awaySince: null,
    } satisfies RunRow);

    await run.say({ type: 'ended', at: 5000, outcome: 'failed', exitCode: 3, error: 'first line\nsecond\u202e line' });
    expect(await rowThat(viewer, rowOf(one), stands('failed'))).toMatchObject({
      endedAt: 5000,
      exitCode: 3,
      error: 'first line second\ufffd line',
      steps: { ended: 2, failed: 2, running: 0 },
    });
    await rowThat<AgentRow>(viewer, ['agents', 'web-1'], ({ runs }) => runs === 0);
  });

  it('is shown so far by one request, and goes on in its stream without a seam', async () => {
    const hub = await startTestHub();
    const run = await openRun(await enrol(hub));
    const events = Array.from({ length: 60 }, (_, index): RunEvent[] => [
      { type: 'step', at: index, id: `s${index}`, name: `step ${index}` },
      lineOf(`line ${index}`),
      { type: 'attributes', at: index, set: { newest: index }, step: `s${index % 7}` },
    ]);
    const saying = (async () => {
      for (const batch of events) await run.say(...batch);
      await run.say(ended('succeeded'));
    })();
    await run.line.next((frame) => frame['type'] === 'result' && (frame['id'] as number) > 20);
    const { state, position } = await snapshotOf(hub, one);
    const page = connect(hub, '/ws/', viewerToken());
    await page.request({ type: 'subscribe', channel: `runs/${one}`, since: { last: 500 } });
    await saying;
    await page.next((frame) => JSON.stringify(frame).includes('"outcome":"succeeded"'));
    const live = page.frames
      .filter((frame) => frame['channel'] === `runs/${one}`)
      .flatMap((frame) => (frame['messages'] ?? []) as { offset: number; data: RunEvent }[])
      .filter(({ offset }) => offset > (position?.offset ?? 0));
    expect(live.length).toBeLessThan(181);
    const folded = live.reduce((before, { data }) => foldRun(before, data), runFromJson(state));
    const whole = [...events.flat(), ended('succeeded')].reduce(foldRun, newRun);
    expect(folded).toEqual(whole);
    expect((await snapshotOf(hub, one)).state).toEqual(JSON.parse(JSON.stringify(runToJson(whole))));
  });

  it('[REP6] belongs to the agent that opened it first', async () => {
    const hub = await startTestHub();
    const [mine, other] = [await enrol(hub), await enrol(hub, 'web-2', 'another-machine-12')];
    const all = await Promise.all([openRun(mine), openRun(mine), openRun(other)]);
    expect(all.map(({ opened }) => opened['type'])).toEqual(['result', 'result', 'error']);
    expect(all[2].opened).toMatchObject({ code: 4403, retryable: false, message: expect.stringContaining('another') });
    expect(await all[2].say(started())).toMatchObject({ type: 'error', code: 4403 });
    expect(await all[0].say(started())).toMatchObject({ type: 'result' });
    expect((await snapshotOf(hub, one)).row).toMatchObject({ agent: 'web-1' });
  });

  it('that has no name or no id of its form is not opened, and the session goes on', async () => {
    const hub = await startTestHub();
    const line = (await enrol(hub)).line('');
    for (const params of [
      { run: one },
      { run: one, name: '' },
      { run: one, name: 'x'.repeat(257) },
      { run: '../../../etc/passwd', name: 'x' },
      { run: '__proto__', name: 'x' },
      'nonsense',
    ]) {
      expect(await line.request({ type: 'call', method: 'run.open', params })).toMatchObject({ code: 4400 });
    }
    const said = await line.request({ type: 'publish', channel: `runs/${one}`, data: started() });
    expect(said).toMatchObject({ code: 4404 });
    expect((await askRun(hub, one)).status).toBe(404);
  });

  it('is opened by agents alone, and one agent has no more than a hundred under way', async () => {
    const hub = await startTestHub();
    const viewer = connect(hub, '/ws/', viewerToken());
    const params = { run: one, name: 'x' };
    expect(await viewer.request({ type: 'call', method: 'run.open', params })).toMatchObject({ code: 4403 });
    const agent = await enrol(hub);
    const line = agent.line('');
    for (let number = 1; number <= 100; number++) await openRun(agent, runId(number), { line });
    const over = await openRun(agent, runId(101), { line });
    expect(over.opened).toMatchObject({
      code: 4429,
      retryable: true,
      message: expect.stringContaining('100 runs of web-1'),
    });
    const other = await enrol(hub, 'web-2', 'another-machine-12');
    expect((await openRun(other, runId(200))).opened).toMatchObject({ type: 'result' });
    const first = await openRun(agent, runId(1), { line });
    await first.say(ended('succeeded'));
    expect((await openRun(agent, runId(101), { line })).opened).toMatchObject({ type: 'result' });
  });

  it('is for people of the house: who may not see it finds nothing there', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    await openRun(agent);
    const unknown = await askRun(hub, runId(2));
    expect(unknown.status).toBe(404);
    const byAgent = await hub.ask(`/api/runs/${one}?machine=machine-of-the-test-1`, {
      headers: { authorization: `Bearer ${agent.credential}` },
    });
    expect([byAgent.status, byAgent.text]).toEqual([404, unknown.text]);
    expect((await hub.ask(`/api/runs/${one}`)).status).toBe(401);
  });

  it('takes events in any order, of two sessions at once, and keys of any name', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const [first, second] = [await openRun(agent), await openRun(agent)];
    const hostile = JSON.parse('{"__proto__":"x","constructor":1,"toString":null}') as Record<string, string>;
    await Promise.all([
      first.say(
        { type: 'step-ended', at: 1, id: '__proto__', outcome: 'succeeded' },
        { type: 'step', at: 2, id: '__proto__', name: '<script>' },
        { type: 'attributes', at: 3, set: hostile },
      ),
      second.say(lineOf('of the second'), started(), started(5000)),
    ]);
    await first.say(ended('succeeded'));
    expect(await second.say(lineOf('late'), ended('failed'))).toMatchObject({ type: 'result' });
    const { row, state } = await snapshotOf(hub, one);
    expect(row).toMatchObject({ state: 'succeeded', startedAt: 1000, lines: 2, steps: { ended: 1, failed: 0 } });
    expect(state.steps).toMatchObject([{ id: '__proto__', name: '<script>', outcome: 'succeeded' }]);
    expect(state.attributes).toEqual(
      expect.arrayContaining([
        ['constructor', 1],
        ['toString', null],
      ]),
    );
  });

  it("is away while no session of it is open, and lost only by its machine's word", async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const [run, again] = [await openRun(agent), await openRun(agent)];
    run.line.cut();
    await again.say(lineOf('still here'));
    expect(await rowThat<RunRow>(viewer, rowOf(one), ({ lines }) => lines === 1)).toMatchObject({ awaySince: null });
    again.line.cut();
    const away = await rowThat<RunRow>(viewer, rowOf(one), ({ awaySince }) => awaySince !== null);
    expect(away).toMatchObject({ state: 'running', awaySince: expect.closeTo(Date.now(), -4) });
    const rest = await openRun(agent, one, { line: agent.line() });
    await rowThat<RunRow>(viewer, rowOf(one), ({ awaySince }) => awaySince === null);
    await rest.say(ended('lost', 7000));
    await rowThat(viewer, rowOf(one), stands('lost'));
    // It was alive after all, and says itself how it ended.
    await rest.say(ended('succeeded', 8000));
    expect(await rowThat(viewer, rowOf(one), stands('succeeded'))).toMatchObject({ endedAt: 8000, awaySince: null });
  });

  it('is compared with the last five of its name', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line('');
    for (let number = 1; number <= 7; number++) {
      const run = await openRun(agent, runId(number), { line, name: number === 3 ? 'other' : 'nightly' });
      await run.say(started(1000), ended(number === 6 ? 'failed' : 'succeeded', 1000 + number));
    }
    const earlier = async (): Promise<unknown> => (await snapshotOf(hub, runId(7))).earlier;
    await expect.poll(earlier).toEqual([
      { run: runId(6), tookMs: 6, state: 'failed' },
      { run: runId(5), tookMs: 5, state: 'succeeded' },
      { run: runId(4), tookMs: 4, state: 'succeeded' },
      { run: runId(2), tookMs: 2, state: 'succeeded' },
      { run: runId(1), tookMs: 1, state: 'succeeded' },
    ]);
  });
});
