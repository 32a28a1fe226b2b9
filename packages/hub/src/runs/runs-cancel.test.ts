// The end of a run by an operator's hand, over real sockets: it is asked for until the run has ended, through reconnects and
// restarts, and the run says by whom.

import { describe, expect, it } from 'vitest';
import type { ControlRow } from '../api.ts';
import { latestRow, type Line, rowThat } from '../testing/line.ts';
import { agentOf, asRoot, askAsRoot, enrol, viewerToken, watch } from '../testing/test-agent.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';
import { ended, openRun, rowOf, runId, snapshotOf, stands, started } from '../testing/test-run.ts';

const one = runId(1);

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
