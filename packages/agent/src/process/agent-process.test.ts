import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Place } from '../place.ts';
import type { Sample } from '../sample.ts';
import { openSpool } from '../spool/spool.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { type HubDouble, startHubDouble } from '../testing/hub-double.ts';
import { until } from '../testing/until.ts';
import { type Agent, type AgentOptions, startAgent } from './agent-process.ts';

const running: Agent[] = [];
const logged: string[] = [];
const log = { warn: (fields: object, text: string) => void logged.push(`${text} ${JSON.stringify(fields)}`) };
afterEach(async () => {
  logged.length = 0;
  for (const agent of running.splice(0)) await agent.stop('stopped');
});

function start(place: Place, options: Partial<AgentOptions> = {}): Agent {
  const started = startAgent({ place, files: [], version: '1.2.3', log, ...options });
  if (started.kind === 'owned') throw new Error(`the agent runs already, as ${started.pid}`);
  running.push(started.agent);
  return started.agent;
}

/** A hub that is told of agents and runs, and what it was told. */
async function hubOf(): Promise<{ hub: HubDouble; statuses: Record<string, unknown>[]; opened: unknown[] }> {
  const statuses: Record<string, unknown>[] = [];
  const opened: unknown[] = [];
  const allows = (): boolean => true;
  const hub = await startHubDouble({
    methods: {
      'agent.status': { allows, handle: (params) => void statuses.push(params as Record<string, unknown>) },
      'run.open': {
        allows,
        handle(params) {
          opened.push(params);
          return { cancel: null };
        },
      },
    },
    hasFile: (file) => statuses.some(({ files }) => (files as { file: string }[]).some((one) => one.file === file)),
  });
  return { hub, statuses, opened };
}
const placeIn = (hub: HubDouble, directory: string = temporaryDirectory()): Place => ({ ...hub.place, directory });
const interval = (hub: HubDouble, intervalMs: number): unknown =>
  hub.gateway.publish('control/web-1', { type: 'interval', intervalMs }, { key: 'interval' });

describe('an agent', () => {
  it('says what it is before anything else, then reports samples and the lines of each file', async () => {
    const { hub, statuses } = await hubOf();
    await using _hub = hub;
    const folder = temporaryDirectory();
    const [one, other] = [join(folder, 'one.log'), join(folder, 'other.log')];
    writeFileSync(one, 'a 1\na 2\n');
    start(placeIn(hub), { files: [one, other] });
    await until('a sample', () => hub.stored('metrics/web-1').length > 0);
    writeFileSync(other, 'b 1\n');
    appendFileSync(one, 'a 3\n');
    const [first, second] = ((statuses[0]?.['files'] ?? []) as { file: string; title: string }[]).map(
      ({ file }) => file,
    );
    const textsOf = (file: string | undefined): unknown[] =>
      hub.stored(`logs/web-1/${file}`).map((line) => (line as { text: string }).text);
    await until('the lines', () => textsOf(first).length === 3 && textsOf(second).length === 1);
    expect(textsOf(first)).toEqual(['a 1', 'a 2', 'a 3']);
    expect(textsOf(second)).toEqual(['b 1']);
    expect(statuses[0]).toMatchObject({ version: '1.2.3', behindMs: 0, files: [{ title: one }, { title: other }] });
    expect(logged).toEqual([]);
  });

  it('reports once a second and with its processes while somebody watches, and seldom otherwise', async () => {
    const { hub } = await hubOf();
    await using _hub = hub;
    start(placeIn(hub));
    const samples = (): Sample[] => hub.stored('metrics/web-1') as Sample[];
    await until('a sample', () => samples().length > 0);
    expect(samples()[0]?.intervalMs).toBe(10_000);
    interval(hub, 1000);
    await until('samples of one second', () => samples().filter(({ intervalMs }) => intervalMs === 1000).length >= 2);
    const rows = async (): Promise<number> =>
      (await hub.gateway.read('processes/web-1', { limit: 100 })).messages.length;
    await until('processes', async () => (await rows()) > 0);
    // A line that comes back finds things as they were, and the table is told anew.
    hub.cut();
    await until('the next session', () => hub.events.filter(({ type }) => type === 'admitted').length === 2);
    const before = samples().length;
    await until('samples of one second again', () =>
      samples()
        .slice(before)
        .some(({ intervalMs }) => intervalMs === 1000),
    );
    interval(hub, 10_000);
    await until(
      'a slower pace',
      () => samples().at(-1)?.intervalMs === 10_000 || undefined,
      () => samples().at(-1),
    );
  });

  it('tells how far behind it is, when it was away', async () => {
    const { hub, statuses } = await hubOf();
    await using _hub = hub;
    const place = placeIn(hub);
    const opened = openSpool({ directory: join(place.directory, 'spool/agent'), log });
    if (opened.kind === 'owned') throw new Error('owned');
    opened.spool.append('metrics/web-1', [{ at: 1 }], { at: Date.now() - 60_000 });
    opened.spool.close();
    start(place);
    await until('the old sample', () => hub.stored('metrics/web-1').length >= 1);
    expect(statuses[0]?.['behindMs']).toBeGreaterThanOrEqual(60_000);
    expect(statuses[0]?.['spooledBytes']).toBeGreaterThan(0);
    await until('that it is behind no longer', () => statuses.at(-1)?.['behindMs'] === 0);
  });

  it('sends what a run without its process has left, and ends it as lost', async () => {
    const { hub, opened } = await hubOf();
    await using _hub = hub;
    const place = placeIn(hub);
    const directory = join(place.directory, 'spool/run-abcdefghijklmnopqrstuvwxyz');
    mkdirSync(directory, { recursive: true });
    const left = openSpool({ directory, log });
    if (left.kind === 'owned') throw new Error('owned');
    const said = { type: 'started', at: 1, name: 'nightly' };
    left.spool.append('runs/abcdefghijklmnopqrstuvwxyz', [said], { resumes: { run: { name: 'nightly' } } });
    left.spool.close();
    start(place);
    const run = await until('the run', () => {
      const events = hub.stored('runs/abcdefghijklmnopqrstuvwxyz');
      return events.length === 2 && events;
    });
    expect(run).toMatchObject([said, { type: 'ended', outcome: 'lost' }]);
    expect(opened).toEqual([{ run: 'abcdefghijklmnopqrstuvwxyz', name: 'nightly' }]);
  });

  it('runs once on a machine, and says goodbye within a second', async () => {
    const { hub } = await hubOf();
    await using _hub = hub;
    const place = placeIn(hub);
    const agent = start(place);
    await until('a sample', () => hub.stored('metrics/web-1').length > 0);
    expect(startAgent({ place, files: [], version: '1', log })).toEqual({ kind: 'owned', pid: process.pid });
    const begun = performance.now();
    await agent.stop('shutting down');
    expect(performance.now() - begun).toBeLessThan(1000);
    const ended = await until('the end', () => hub.events.find(({ type }) => type === 'ended'));
    expect(ended).toMatchObject({ code: 1000, reason: 'shutting down' });
    start(place);
  });
});
