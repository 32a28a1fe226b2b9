// Runs of programs against a real gateway: what the body says arrives in order, what it returns and throws passes through,
// a cancellation fires its signal, and a hub that is away costs nothing.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runEvent } from '../../../hub/src/reported.ts';
import { savePlace } from '../place.ts';
import type { RunEvent } from '../run-events.ts';
import { foldRunEvents, newRun, runToJson } from '../run-state.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { type HubDouble, startHubDouble } from '../testing/hub-double.ts';
import { until } from '../testing/until.ts';
import { type Agent, type AgentOptions, createAgent } from './run-agent.ts';
import type { RunCancelled } from './run-recorder.ts';
import type { Said } from './run-writer.ts';

const logged: string[] = [];
const log = { warn: (_fields: object, text: string) => void logged.push(text) };
afterEach(() => void logged.splice(0));

interface Opened {
  readonly run: string;
  readonly name: string;
}

/** A hub that lets agents open runs, and who did. */
async function startHub(cancel: object | null = null): Promise<{ hub: HubDouble; opened: Opened[] }> {
  const opened: Opened[] = [];
  const hub = await startHubDouble({
    methods: {
      'run.open': {
        allows: () => true,
        handle(params) {
          opened.push(params as Opened);
          return { cancel };
        },
      },
    },
  });
  return { hub, opened };
}

/** An agent enrolled at this hub, and where its spools are. */
function agentOf(hub: HubDouble, options: AgentOptions = {}): { agent: Agent; spools: () => string[] } {
  const directory = temporaryDirectory();
  savePlace(hub.place, directory);
  const folder = join(directory, 'web-1', 'spool');
  mkdirSync(folder);
  return { agent: createAgent({ directory, log, ...options }), spools: () => readdirSync(folder) };
}

/** Events of a run without their times, which must rise. */
function eventsOf(hub: HubDouble, run: string): Said[] {
  const events = hub.stored(`runs/${run}`) as RunEvent[];
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((one, other) => one - other));
  return events.map(({ at: _at, ...event }) => event) as Said[];
}

describe('a run', () => {
  it('says what its body says, step in step, and passes on its result', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent, spools } = agentOf(hub);
    const result = await agent.run(
      'triage',
      async (run) => {
        run.progress(0.5, 'half');
        const found = await run.step('look', async (step) => {
          step.set({ files: 3 });
          const text = step.text('answer');
          for (const token of ['The ', 'disk ', 'is ', 'full']) text.write(token);
          text.end();
          return await step.step('deeper', () => 42);
        });
        run.log('one\ntwo');
        return { found };
      },
      { attributes: { model: 'small' }, by: 'alice' },
    );
    expect(result).toEqual({ found: 42 });
    await agent.close();
    const { run, name } = opened[0] as Opened;
    expect(name).toBe('triage');
    expect(run).toMatch(/^[a-z2-7]{26}$/);
    const events = eventsOf(hub, run);
    const ids = events.flatMap((event) => (event.type === 'step' ? [event.id] : []));
    const [look, deeper] = ids;
    expect(new Set(ids).size).toBe(2);
    expect(events).toEqual([
      { type: 'started', name: 'triage', by: 'alice' },
      { type: 'attributes', set: { model: 'small' } },
      { type: 'progress', done: 0.5, note: 'half' },
      { type: 'step', id: look, name: 'look' },
      { type: 'attributes', set: { files: 3 }, step: look },
      { type: 'text', id: 'answer', text: 'The disk is full', step: look },
      { type: 'text', id: 'answer', text: '', step: look, isLast: true },
      { type: 'step', id: deeper, parent: look, name: 'deeper' },
      { type: 'step-ended', id: deeper, outcome: 'succeeded' },
      { type: 'step-ended', id: look, outcome: 'succeeded' },
      { type: 'line', text: 'one' },
      { type: 'line', text: 'two' },
      { type: 'ended', outcome: 'succeeded', result: { found: 42 } },
    ]);
    expect(spools()).toEqual([]);
    expect(logged).toEqual([]);
  });

  it('that throws has failed, with the message and nothing else, and throws on', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub);
    const error = Object.assign(new Error('no space left'), { password: 'canary' });
    const failing = agent.run('triage', (run) => run.step('write', () => Promise.reject(error)));
    await expect(failing).rejects.toBe(error);
    await agent.close();
    const events = eventsOf(hub, opened[0]?.run ?? '');
    expect(events.slice(-2)).toEqual([
      expect.objectContaining({ type: 'step-ended', outcome: 'failed', error: 'no space left' }),
      { type: 'ended', outcome: 'failed', error: 'no space left' },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/canary|run-agent\.test/);
  });

  it('whose result is no JSON, or too large, has none recorded', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub);
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(await agent.run('cycle', () => cycle)).toBe(cycle);
    await agent.run('large', () => 'x'.repeat(20_000));
    await agent.run('nothing', () => undefined);
    await agent.close();
    for (const { run } of opened) expect(eventsOf(hub, run).at(-1)).toEqual({ type: 'ended', outcome: 'succeeded' });
    expect(opened).toHaveLength(3);
  });

  it('has all its attributes, however much they are together, and shows where a text was cut', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub);
    // Three bytes a character: 60 of them take 340 KB. And more of them than one event may set.
    const long = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`long ${n}`, '€'.repeat(1900)]));
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`many ${n}`, n]));
    await agent.run('told', async (run) => {
      run.set({ ...long, ...many });
      await run.step('part', (step) => step.set({ ...long, cut: '\0'.repeat(2001) }));
    });
    await agent.close();
    const events = hub.stored(`runs/${opened[0]?.run}`) as RunEvent[];
    for (const event of events) expect(await runEvent['~standard'].validate(event)).not.toHaveProperty('issues');
    const { attributes, steps } = runToJson(foldRunEvents(newRun, events));
    expect(Object.fromEntries(attributes)).toEqual({ ...long, ...many });
    expect(Object.fromEntries(steps[0]?.attributes ?? [])).toEqual({ ...long, cut: `${'\0'.repeat(1999)}…` });
    expect(logged).toEqual([]);
  });

  it('is cut to what the hub takes, whatever it says', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub);
    const long = 'x'.repeat(100_000);
    await agent
      .run(long, async (run) => {
        run.set({ [long]: long, '': 'nothing', ok: Number.NaN });
        run.progress(7, long);
        run.text(long).write(long);
        await run.step('', () => run.log(long));
        throw new Error(long);
      })
      .catch(() => undefined);
    await agent.close();
    const events = hub.stored(`runs/${opened[0]?.run}`) as RunEvent[];
    expect(events.at(-1)).toMatchObject({ outcome: 'failed', error: 'x'.repeat(2000) });
    expect(events.filter(({ type }) => type === 'text' || type === 'line')).toHaveLength(26);
    // Its own schema; the gateway here has none.
    for (const event of events) expect(await runEvent['~standard'].validate(event)).not.toHaveProperty('issues');
    expect(events.find(({ type }) => type === 'progress')).toMatchObject({ done: 1, note: 'x'.repeat(256) });
    expect(logged).toEqual([]);
  });
});

describe('a cancellation', () => {
  it('fires the signal with who wanted it, is recorded once, and ends the run as cancelled', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub);
    const running = agent.run('endless', async (run) => {
      const row = { type: 'cancel', run: run.id, by: 'alice', at: 1, graceMs: 700 };
      await until('the run to be open', () => opened.length > 0);
      await hub.gateway.publish('control/web-1', { ...row, run: 'another' }, { key: 'cancel:another' });
      await hub.gateway.publish('control/web-1', row, { key: `cancel:${run.id}` });
      await hub.gateway.publish('control/web-1', { ...row, at: 2 }, { key: `cancel:${run.id}` });
      await run.step('wait', (step) => until('the signal', () => step.signal.aborted));
      run.signal.throwIfAborted();
    });
    const reason = await running.catch((error: unknown) => error as RunCancelled);
    expect(reason).toMatchObject({ message: 'cancelled by alice', by: 'alice', graceMs: 700 });
    await agent.close();
    const events = eventsOf(hub, opened[0]?.run ?? '');
    expect(events.filter(({ type }) => type === 'cancelling')).toEqual([{ type: 'cancelling', by: 'alice' }]);
    expect(events.at(-1)).toEqual({ type: 'ended', outcome: 'cancelled', error: 'cancelled by alice' });
  });

  it('that came before the run was opened is told when it is', async () => {
    const { hub, opened } = await startHub({ type: 'cancel', by: 'bob', at: 1, graceMs: 100 });
    await using _hub = hub;
    const { agent } = agentOf(hub);
    await agent.run('late', (run) => until('the signal', () => run.signal.aborted));
    await agent.close();
    expect(eventsOf(hub, opened[0]?.run ?? '').map(({ type }) => type)).toEqual(['started', 'cancelling', 'ended']);
  });

  it("by the program's own signal ends it too", async () => {
    const { hub } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub);
    const own = new AbortController();
    const running = agent.run(
      'own',
      async (run) => {
        own.abort(new Error('enough'));
        await until('the signal', () => run.signal.aborted);
        throw run.signal.reason;
      },
      { signal: own.signal },
    );
    await expect(running).rejects.toThrow('enough');
    await agent.close();
  });
});

describe('without a hub', () => {
  it('a run on a machine that was never enrolled does its work, and this is said once', async () => {
    const agent = createAgent({ directory: temporaryDirectory(), log });
    for (const n of [1, 2]) {
      expect(await agent.run('work', (run) => run.step('part', () => (run.log('said'), n)))).toBe(n);
    }
    await agent.close();
    expect(logged).toEqual([expect.stringMatching(/^Runs are not reported: no agent has been enrolled in .*--enrol/)]);
  });

  it('a run makes nobody wait, is kept, and is sent by the next when the hub is back', async () => {
    const { hub, opened } = await startHub();
    await using _hub = hub;
    const { agent, spools } = agentOf(hub);
    await hub.stop();
    const begun = performance.now();
    await agent.run('first', (run) => run.log('kept'));
    await agent.close();
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(spools()).toHaveLength(1);
    expect(logged).toEqual([]);

    await hub.start();
    await agent.run('second', (run) => {
      run.log('sent');
      return until('the first to be sent too', () => spools().length === 1);
    });
    await agent.close();
    expect(spools()).toEqual([]);
    for (const { run } of opened) {
      expect(eventsOf(hub, run).map(({ type }) => type)).toEqual(['started', 'line', 'ended']);
    }
    expect(new Set(opened.map(({ name }) => name))).toEqual(new Set(['first', 'second']));
  });

  it.each(['agent-revoked', 'machine-mismatch'] as const)(
    'a run that is refused (%s) goes on, and this is said once',
    async (name) => {
      const { hub } = await startHub();
      await using _hub = hub;
      const { agent, spools } = agentOf(hub);
      hub.refusal = name;
      const result = agent.run('work', () => until('the refusal', () => logged.length === 1 && 'done'));
      expect(await result).toBe('done');
      await agent.close();
      expect(logged).toEqual([expect.stringMatching(/^The hub takes no report of agent web-1: .+\./)]);
      expect(logged[0]).not.toContain('a-credential');
      expect(spools()).toHaveLength(1);
    },
  );

  it('an address that is none is told, and stops nothing', async () => {
    const { hub } = await startHub();
    await using _hub = hub;
    const { agent } = agentOf(hub, { hub: 'nonsense' });
    expect(await agent.run('work', () => 1)).toBe(1);
    expect(logged).toEqual([expect.stringMatching(/^This run is not reported: /)]);
  });
});
