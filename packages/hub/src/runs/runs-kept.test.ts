// What neither a restart nor a crash of the hub changes, nor the restoring of a backup: what runs came to.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentRow, RunRow } from '../api.ts';
import { restoreBackup } from '../storage/restore.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { latestRow, rowThat } from '../testing/line.ts';
import { agentOf, enrol, watch } from '../testing/test-agent.ts';
import { startTestHub } from '../testing/test-hub.ts';
import { ended, lineOf, openRun, rowOf, runId, snapshotOf, started } from '../testing/test-run.ts';

const one = runId(1);

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

  it('lets runs that nobody has reported for an hour take no place of new ones', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line('');
    for (let number = 1; number <= 100; number++) await openRun(agent, runId(number), { line });
    expect((await openRun(agent, runId(101), { line })).opened).toMatchObject({ code: 4429 });
    await hub.hub.stop();
    const records = await Promise.all(Array.from({ length: 100 }, (_, index) => hub.beside.run(runId(index + 1))));
    const longAway = records.flatMap((record) =>
      record === undefined
        ? []
        : { ...record, row: JSON.stringify({ ...JSON.parse(record.row), awaySince: Date.now() - 3_700_000 }) },
    );
    await hub.beside.saveRuns(longAway);

    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const back = agentOf(again, 'web-1', agent.credential);
    expect((await openRun(back, runId(101))).opened).toMatchObject({ type: 'result' });
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

describe('a backup', () => {
  it('holds runs and all they said, and where it is restored each goes on in a new epoch', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const run = await openRun(agent);
    await run.say(started(), lineOf('one'));
    const before = await snapshotOf(hub, one);
    await hub.hub.stop();
    const file = join(temporaryDirectory(), 'backup.db');
    await hub.beside.backup(file);
    const dataDir = temporaryDirectory();
    await restoreBackup(dataDir, file);

    const restored = await startTestHub({ dataDir });
    const after = await snapshotOf(restored, one);
    expect(after.state).toEqual(before.state);
    expect(after.position?.offset).toBe(2);
    expect(after.position?.epoch).not.toBe(before.position?.epoch);
    const again = await openRun(agentOf(restored, 'web-1', agent.credential));
    expect(await again.say(lineOf('two'))).toMatchObject({ data: { position: { ...after.position, offset: 3 } } });
    expect((await snapshotOf(restored, one)).row).toMatchObject({ lines: 2 });
  });
});
