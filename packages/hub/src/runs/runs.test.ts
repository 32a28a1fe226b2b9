// The life of a run at the hub, over real sockets: whose it is, what its events come to, who has asked for its end, and
// that neither a restart nor a crash of the hub changes any of it.

import { foldRun, newRun, type RunEvent, runFromJson, runToJson } from '@telltale/agent/run-events';
import { describe, expect, it } from 'vitest';
import type { AgentRow, ControlRow, RunRow } from '../api.ts';
import { connect, latestRow, type Line, rowThat } from '../testing/line.ts';
import { agentOf, asRoot, askAsRoot, enrol, viewerToken, watch } from '../testing/test-agent.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';
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

describe('the end of a run by an operator', () => {
  const cancel = (hub: TestHub, run = one): ReturnType<typeof askAsRoot> => askAsRoot(hub, '/api/runs/cancel', { run });
  const asked = (line: Line): Promise<ControlRow> =>
    rowThat<ControlRow>(line, ['control/web-1', `cancel:${one}`], ({ type }) => type === 'cancel');

  it('[REP7] is asked for until the run has ended, and the run says by whom', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const run = await openRun(agent);
    await run.line.request({ type: 'subscribe', channel: 'control/web-1' });
    expect((await cancel(hub)).json).toEqual({});
    expect(await asked(run.line)).toMatchObject({ run: one, by: 'root', graceMs: 10_000 });
    expect(await rowThat(viewer, rowOf(one), stands('cancelling'))).toMatchObject({ cancelledBy: 'root' });
    expect((await cancel(hub)).status).toBe(200);
    // Who comes back is told when it opens the run, too.
    const again = await openRun(agent);
    expect(again.opened).toMatchObject({ data: { cancel: { type: 'cancel', run: one, by: 'root', graceMs: 10_000 } } });
    await again.say({ type: 'cancelling', at: 3000, by: 'somebody else' }, ended('cancelled'));
    expect(await rowThat(viewer, rowOf(one), stands('cancelled'))).toMatchObject({ cancelledBy: 'root' });
    await run.line.next(() => latestRow(run.line, 'control/web-1', `cancel:${one}`) === null);
    expect((await cancel(hub)).json).toMatchObject({ error: { name: 'run-ended' } });
    expect((await openRun(agent)).opened).toMatchObject({ data: { cancel: null } });
  });

  it('is for operators, of runs that there are', async () => {
    const hub = await startTestHub();
    await openRun(await enrol(hub));
    const headers = { authorization: `Bearer ${viewerToken()}` };
    expect((await hub.ask('/api/runs/cancel', { body: { run: one }, headers })).status).toBe(403);
    expect((await cancel(hub, runId(2))).status).toBe(404);
    expect((await hub.ask('/api/runs/cancel', { body: { run: '__proto__' }, headers: asRoot() })).status).toBe(404);
    expect((await snapshotOf(hub, one)).row.state).toBe('running');
  });

  it('is asked for again after a restart of the hub', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const run = await openRun(agent);
    await run.say(started());
    await cancel(hub);
    await hub.hub.stop();
    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const line = agentOf(again, 'web-1', agent.credential).line();
    expect(await asked(line)).toMatchObject({ by: 'root' });
    expect((await snapshotOf(again, one)).row).toMatchObject({ state: 'cancelling', cancelledBy: 'root' });
  });
});

describe('a restart of the hub', () => {
  it('changes no run, and each goes on where it was', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line('');
    const [run, other] = [await openRun(agent, one, { line }), await openRun(agent, runId(2), { line })];
    await run.say(started(), { type: 'step', at: 1, id: 'a', name: 'dump' }, lineOf('one'));
    await other.say(started(), lineOf('of the other'), ended('succeeded'));
    const before = [await snapshotOf(hub, one), await snapshotOf(hub, runId(2))] as const;
    await hub.hub.stop();

    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const viewer = await watch(again);
    const away = await rowThat<RunRow>(viewer, rowOf(one), ({ awaySince }) => awaySince !== null);
    expect(away).toEqual({ ...before[0].row, awaySince: away.awaySince });
    expect(latestRow(viewer, ...rowOf(runId(2)))).toEqual(before[1].row);
    expect(await snapshotOf(again, runId(2))).toEqual(before[1]);
    await rowThat<AgentRow>(viewer, ['agents', 'web-1'], ({ runs }) => runs === 1);
    const resumed = await openRun(agentOf(again, 'web-1', agent.credential));
    expect(await resumed.say(lineOf('two'))).toMatchObject({
      data: { position: { epoch: before[0].position?.epoch, offset: 4 } },
    });
    const { row, state } = await snapshotOf(again, one);
    expect(row).toMatchObject({ lines: 2, startedAt: 1000, awaySince: null });
    expect(state.steps).toMatchObject([{ id: 'a' }]);
  });

  it('folds what had not been saved when it was killed, of ended runs too', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line('');
    const runs = [await openRun(agent, one, { line }), await openRun(agent, runId(2), { line })];
    const unsaved = await Promise.all(runs.map(({ run }) => hub.beside.run(run)));
    for (const run of runs) await run.say(started(), lineOf('one'));
    await runs[1]?.say(ended('succeeded'));
    await runs[1]?.say(lineOf('late'));
    const before = [await snapshotOf(hub, one), await snapshotOf(hub, runId(2))] as const;
    await hub.hub.stop();
    // As if the process had been killed before it saved anything, and, of the other, before it saved the last line.
    const [first, second] = [unsaved[0], await hub.beside.run(runId(2))];
    if (first === undefined || second === undefined) throw new Error('found no record of the runs');
    const short = { row: { ...before[1].row, lines: 1 }, state: { ...before[1].state, lines: 1 } };
    await hub.beside.saveRuns([
      first,
      { ...second, folded_offset: 3, row: JSON.stringify(short.row), state: JSON.stringify(short.state) },
    ]);

    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const after = await snapshotOf(again, one);
    expect(after).toEqual({
      ...before[0],
      row: { ...before[0].row, awaySince: after.row.awaySince },
      earlier: after.earlier,
    });
    const other = await snapshotOf(again, runId(2));
    expect(other).toEqual(before[1]);
    const viewer = await watch(again);
    expect(await rowThat<RunRow>(viewer, rowOf(runId(2)), ({ lines }) => lines === 2)).toEqual(before[1].row);
  });
});
