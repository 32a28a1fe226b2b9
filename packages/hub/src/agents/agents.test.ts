// The life of an agent at the hub, over real sockets: what it says and what becomes of its line is one row that people
// read, its samples are its vitals, it is told who looks, and a restart of the hub changes none of it.

import { describe, expect, it } from 'vitest';
import type { AgentRow, ControlRow, VitalsRow } from '../api.ts';
import { connect, isRefused, isWelcome, latestRow, rowThat } from '../testing/line.ts';
import { agentOf, enrol, invite, isIn, sampleOf, statusOf, testMachine, watch } from '../testing/test-agent.ts';
import { startTestHub } from '../testing/test-hub.ts';

const web = ['agents', 'web-1'] as const;
const elsewhere = 'another-machine-12';

describe('the row of an agent', () => {
  it('[REP3] [REP5] follows it from its enrolment to its goodbye', async () => {
    const hub = await startTestHub();
    const viewer = await watch(hub);
    const token = await invite(hub, 'web-1');
    const waiting = await rowThat(viewer, web, isIn('never-seen'));
    expect(waiting).toMatchObject({ title: 'web-1', expiresAt: expect.any(Number), lastSeenAt: null });
    const { json } = await hub.ask('/api/enrol', { body: { token, machine: testMachine, title: 'web' } });
    const enrolled = await rowThat<AgentRow>(viewer, web, ({ title }) => title === 'web');
    expect(enrolled).toMatchObject({ state: 'never-seen', expiresAt: null });

    const agent = agentOf(hub, 'web-1', json.credential);
    const line = agent.line();
    const begun = Date.now();
    await line.request({ type: 'call', method: 'agent.status', params: statusOf({ version: '0.0.9', behindMs: 7 }) });
    const live = await rowThat<AgentRow>(viewer, web, (row) => row.state === 'live' && row.cores === 4);
    expect(live).toEqual({
      agent: 'web-1',
      title: 'web-1.example',
      platform: 'linux 6.1 x64',
      cores: 4,
      version: '0.0.9',
      isTooOld: true,
      state: 'live',
      since: expect.closeTo(begun, -4),
      reason: null,
      lastSeenAt: expect.closeTo(begun, -4),
      clockOffsetMs: 12,
      roundTripMs: live.roundTripMs,
      behindMs: 7,
      spooledBytes: 0,
      conflict: null,
      files: [],
      runs: 0,
      expiresAt: null,
      credential: { enrolment: expect.any(String) as string, since: expect.closeTo(begun, -4) as number },
    } satisfies AgentRow);

    line.close(1000, 'shutting\u202e down');
    const closed = await rowThat(viewer, web, isIn('closed'));
    expect(closed).toMatchObject({ reason: 'shutting\ufffd down', clockOffsetMs: null, title: 'web-1.example' });

    const again = agent.line();
    await rowThat(viewer, web, isIn('live'));
    again.cut();
    expect(await rowThat(viewer, web, isIn('lost'))).toMatchObject({ reason: null });
  });

  it('[END6] is in the table of its own too, and on the endpoint of its name with all it reports', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const line = agent.line();
    expect((await line.next(isWelcome))['channels']).toEqual(['control/web-1']);
    const files = [{ file: 'app.log', title: '/var/log/app.log' }];
    await line.request({ type: 'call', method: 'agent.status', params: statusOf({ files }) });
    const viewer = await watch(hub, '/ws/agents/web-1/');
    expect(viewer.frames[0]?.['channels']).toEqual([
      'agents/web-1',
      'metrics/web-1',
      'processes/web-1',
      'logs/web-1/app.log',
    ]);
    expect(await rowThat(viewer, ['agents/web-1', 'web-1'], isIn('live'))).toMatchObject({ files });
    await line.request({ type: 'publish', channel: 'logs/web-1/app.log', data: { type: 'line', at: 1, text: '<b>' } });
    await viewer.next((frame) => JSON.stringify(frame).includes('"text":"<b>"'));
    // Whoever is not signed in may look at machines, not read their logs.
    const stranger = connect(hub, '/ws/agents/web-1/');
    expect((await stranger.next(isWelcome))['channels']).toEqual(['agents/web-1', 'metrics/web-1', 'processes/web-1']);
    for (const channel of ['logs/web-1/app.log', 'runs']) {
      expect(await stranger.request({ type: 'subscribe', channel })).toMatchObject({ type: 'error', code: 4403 });
    }
  });

  it('stays live where a newer session of its machine takes the place of the older', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const first = agent.line();
    await first.next(isWelcome);
    const run = agent.line('');
    await run.next(isWelcome);
    const second = agent.line();
    expect(await first.closed()).toMatchObject({ code: 4409 });
    await second.request({ type: 'call', method: 'agent.status', params: statusOf({ title: 'second' }) });
    expect(await rowThat<AgentRow>(viewer, web, ({ title }) => title === 'second')).toMatchObject({ state: 'live' });
    // Sessions of runs replace nobody, and their ends say nothing of the agent.
    run.cut();
    second.send({ type: 'ping', at: 1 });
    await second.next(({ type }) => type === 'pong');
    expect(latestRow(viewer, ...web)).toMatchObject({ state: 'live' });
  });

  it('[REP5] says of one that reports runs only when it was seen, until it reports itself', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const run = agent.line('');
    await run.next(isWelcome);
    const seen = await rowThat(viewer, web, isIn('runs-only'));
    expect(seen).toMatchObject({ since: seen.lastSeenAt, lastSeenAt: expect.closeTo(Date.now(), -4), reason: null });
    run.close(1000, 'run ended');
    await run.closed();
    const line = agent.line();
    await rowThat(viewer, web, isIn('live'));
    line.close(1000, 'stopped');
    const { since } = await rowThat(viewer, web, isIn('closed'));
    await agent.line('').next(isWelcome);
    expect(await rowThat<AgentRow>(viewer, web, ({ lastSeenAt }) => (lastSeenAt ?? 0) > since)).toMatchObject({
      state: 'closed',
      since,
    });
  });

  it('holds what a machine says of itself as one plain line, whatever it says', async () => {
    const hub = await startTestHub();
    const viewer = await watch(hub);
    const line = (await enrol(hub)).line();
    const call = (change: object): Promise<Record<string, unknown>> =>
      line.request({ type: 'call', method: 'agent.status', params: statusOf(change) });
    const hostile = { title: `\u202e${'<'.repeat(50_000)}`, platform: 'a\u0000b\nc', version: '\u001b[31m' };
    expect(await call({ ...hostile, files: [{ file: 'a', title: '/a\u2066b' }] })).toMatchObject({ type: 'result' });
    expect(await rowThat<AgentRow>(viewer, web, ({ cores }) => cores === 4)).toMatchObject({
      title: `\ufffd${'<'.repeat(254)}…`,
      platform: 'a\ufffdb\ufffdc',
      version: '\ufffd[31m',
      isTooOld: false,
      files: [{ file: 'a', title: '/a\ufffdb' }],
    });
    const faults: readonly object[] = [
      { cores: -1 },
      { clockOffsetMs: 'soon' },
      { behindMs: 1e300 },
      { extra: 1 },
      { files: [{ file: '..', title: '' }] },
      { files: [{ file: 'A', title: '' }] },
      { files: Array.from({ length: 65 }, (_, index) => ({ file: `f${index}`, title: '' })) },
      {
        files: [
          { file: 'a', title: '1' },
          { file: 'a', title: '2' },
        ],
      },
    ];
    for (const fault of faults) expect(await call(fault), JSON.stringify(fault)).toMatchObject({ code: 4400 });
    const polluting = `{"type":"call","id":99,"method":"agent.status","params":${JSON.stringify(statusOf()).replace('{', '{"__proto__":{"state":"x"},')}}`;
    line.sendText(polluting);
    expect(await line.next(({ id }) => id === 99)).toMatchObject({ type: 'error', code: 4400 });
  });

  it('holds of its processes only those of its newest session, though it does not know what it told before', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub, '/ws/');
    await viewer.request({ type: 'subscribe', channel: 'processes/web-1' });
    const tell = async (pid: number): Promise<void> => {
      const line = agent.line();
      const data = { pid, name: 'node', cpu: 1, rss: 1, user: 'root' };
      await line.next(isWelcome);
      await line.request({ type: 'publish', channel: 'processes/web-1', key: String(pid), data });
      await rowThat(viewer, ['processes/web-1', String(pid)], (row) => row !== null);
      line.cut();
    };
    await tell(1);
    await tell(2);
    expect(latestRow(viewer, 'processes/web-1', '1')).toBeNull();
    expect(latestRow(viewer, 'processes/web-1', '2')).toMatchObject({ pid: 2 });
  });

  it('is not for people to write, nor for them to call', async () => {
    const hub = await startTestHub();
    const viewer = await watch(hub);
    const called = await viewer.request({ type: 'call', method: 'agent.status', params: statusOf() });
    expect(called).toMatchObject({ type: 'error', code: 4403 });
  });
});

describe('what is wanted of an agent', () => {
  it('[REP4] is a sample in ten seconds, and one a second while somebody looks', async () => {
    const hub = await startTestHub();
    const line = (await enrol(hub)).line();
    const interval = ['control/web-1', 'interval'] as const;
    const every =
      (ms: number) =>
      (row: ControlRow): boolean =>
        row.type === 'interval' && row.intervalMs === ms;
    await rowThat(line, interval, every(10_000));
    const viewer = await watch(hub, '/ws/');
    await viewer.request({ type: 'subscribe', channel: 'processes/web-1' });
    await rowThat(line, interval, every(1000));
    await viewer.request({ type: 'subscribe', channel: 'metrics/web-1' });
    await viewer.request({ type: 'unsubscribe', channel: 'processes/web-1' });
    viewer.cut();
    await rowThat(line, interval, every(10_000));
    expect(line.frames.filter(({ channel }) => channel === 'control/web-1').length).toBeLessThanOrEqual(5);
  });

  it('is not told to another', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    await enrol(hub, 'web-2');
    expect(await agent.line('agents/web-2/').next(isRefused)).toMatchObject({ code: 4403, name: 'channel-forbidden' });
  });
});

describe('the vitals of an agent', () => {
  it('are its newest sample in brief, at most one in two seconds', async () => {
    const hub = await startTestHub();
    const viewer = await watch(hub);
    const line = (await enrol(hub)).line();
    const at = Date.now();
    const samples = [0, 10, 20].map((cpu, index) => ({
      data: sampleOf({ at: at + index, cpu: { total: cpu, cores: [cpu], load: [0, 0, 0] } }),
    }));
    await line.request({ type: 'publish', channel: 'metrics/web-1', batch: samples });
    const row = await rowThat<VitalsRow>(viewer, ['vitals', 'web-1'], ({ cpu }) => cpu === 20);
    expect(row).toEqual({
      agent: 'web-1',
      at: at + 2,
      receivedAt: expect.closeTo(at, -4),
      intervalMs: 1000,
      cpu: 20,
      memory: 25,
      disk: 90,
      history: [10],
    });
    const wrong = await line.request({ type: 'publish', channel: 'metrics/web-1', data: { at: 'now' } });
    expect(wrong).toMatchObject({ type: 'error', code: 4400 });
  });
});

describe('a restart of the hub', () => {
  it('keeps agents, credentials, conflicts and what was seen last', async () => {
    const hub = await startTestHub();
    const [one, two] = [await enrol(hub), await enrol(hub, 'web-2', elsewhere)];
    const [line, closing] = [one.line(), two.line()];
    await line.request({
      type: 'call',
      method: 'agent.status',
      params: statusOf({ files: [{ file: 'a', title: '/a' }] }),
    });
    await line.request({ type: 'publish', channel: 'metrics/web-1', data: sampleOf({ uptime: 77 }) });
    await closing.next(isWelcome);
    closing.close(1000, 'stopped');
    await one.line('', elsewhere).next(isRefused);
    const before = await watch(hub);
    await rowThat(before, ['agents', 'web-2'], isIn('closed'));
    await invite(hub, 'web-3');
    await hub.hub.stop();

    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const viewer = await watch(again);
    const lost = await rowThat(viewer, web, isIn('lost'));
    expect(lost).toMatchObject({
      title: 'web-1.example',
      files: [{ file: 'a', title: '/a' }],
      conflict: { count: 1 },
      lastSeenAt: expect.any(Number),
    });
    const closed = latestRow(before, 'agents', 'web-2') as AgentRow;
    const { state, since, reason } = closed;
    expect(await rowThat(viewer, ['agents', 'web-2'], isIn('closed'))).toMatchObject({ state, since, reason });
    await rowThat(viewer, ['agents', 'web-3'], isIn('never-seen'));
    await rowThat<VitalsRow>(viewer, ['vitals', 'web-1'], ({ cpu }) => cpu === 50);
    await agentOf(again, 'web-1', one.credential).line().next(isWelcome);
    await rowThat(viewer, web, isIn('live'));
  });
});
