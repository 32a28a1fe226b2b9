// When what the recorder knows is saved, and what a disk that takes nothing costs. A real database; it fails where a test
// lets it.

import type { Attempt } from '@telltale/gateway';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStorageHere } from '../storage/storage.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { type AttemptSaver, createAttemptSaver } from './attempt-saver.ts';
import { Recorder, type RecorderBounds } from './recorder.ts';
import { refusalBounds } from './refusal-rows.ts';
import { attemptFrom, decision, refusalOf, sessionOf } from './testing/attempts.ts';

async function setUp(bounds?: RecorderBounds) {
  const storage = await openStorageHere(temporaryDirectory());
  onTestFinished(() => storage.close());
  const clock = { now: 100_000 };
  const disk = { isFull: false, saves: 0 };
  const errors: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (_fields: object, text: string) => errors.push(text) };
  const saver: AttemptSaver = createAttemptSaver({
    storage: {
      ...storage,
      async saveAttempts(save) {
        disk.saves++;
        if (disk.isFull) throw new Error('the disk is full');
        await storage.saveAttempts(save);
      },
    },
    recorder: () => recorder,
    log,
    now: () => clock.now,
  });
  const recorder: Recorder = new Recorder(
    { onEnded() {}, onChanged: saver.changed, onEvicted: saver.evicted, onForgotten: saver.forgotten },
    bounds,
    () => clock.now,
  );
  /** A tick, and what it began. */
  const tick = async (ms = 250): Promise<void> => {
    clock.now += ms;
    saver.refused(recorder.rows.takeChanged(clock.now));
    saver.tick();
    await saver.idle();
  };
  const admit = (id: string) => {
    const session = sessionOf(attemptFrom({ attempt: id }));
    recorder.onEvent({ type: 'admitted', attempt: session.attempt, session, decision });
    return session;
  };
  const refuse = (change: Partial<Attempt>): void => {
    const attempt = attemptFrom(change);
    recorder.onEvent({
      type: 'refused',
      attempt,
      refusal: refusalOf(attempt),
      user: undefined,
      decision,
      told: 'http',
    });
  };
  return { storage, clock, disk, errors, saver, recorder, tick, admit, refuse };
}

describe('what is recorded', () => {
  it('is on the disk at the next tick where it began or ended, and within seconds where something happened', async () => {
    const { storage, recorder, tick, admit } = await setUp();
    const session = admit('a');
    await tick();
    expect(await storage.attempt('a')).toContain('"ending":null');
    recorder.onEvent({ type: 'subscribed', session, channel: 'runs' });
    await tick();
    expect(await storage.attempt('a')).not.toContain('subscribed');
    await tick(10_000);
    expect(await storage.attempt('a')).toContain('subscribed');
  });

  it('[REC3] of a flood is one row and one record a second, and in the end as many as are kept', async () => {
    const { storage, disk, tick, refuse } = await setUp();
    let number = 0;
    for (let quarter = 0; quarter < 20; quarter++) {
      for (let index = 0; index < 250; index++) refuse({ attempt: `a-${number++}` });
      await tick();
    }
    expect(disk.saves).toBeLessThanOrEqual(6);
    await tick(1_000);
    const { refusals, records } = await storage.attemptFacts(1_000);
    expect(refusals.map((row) => (JSON.parse(row) as { count: number }).count)).toEqual([5_000]);
    expect(records.length).toBeLessThanOrEqual(refusalBounds.records);
    expect(await storage.attempt('a-4999')).toBeDefined();
  });

  it('waits where the disk takes nothing, is told of once, and is saved when it does again', async () => {
    const { storage, disk, errors, tick, admit, refuse } = await setUp();
    disk.isFull = true;
    for (let index = 0; index < 3; index++) {
      admit(`a-${index}`);
      refuse({ attempt: `r-${index}` });
      await tick();
    }
    expect(errors).toHaveLength(1);
    disk.isFull = false;
    await tick(1_000);
    expect((await storage.attemptFacts(10)).refusals, 'also the row that was not written').toHaveLength(1);
    for (let index = 0; index < 3; index++) expect(await storage.attempt(`a-${index}`)).toBeDefined();
    disk.isFull = true;
    admit('b');
    await tick();
    expect(errors, 'another time is told of again').toHaveLength(2);
  });

  it('is saved also where memory had no room for it any more, and after a disk that took nothing', async () => {
    const { storage, disk, recorder, tick, admit } = await setUp({ records: 2, bytes: 1e9 });
    const sessions = ['a', 'b', 'c', 'd'].map((id) => admit(id));
    await tick();
    const end = { code: 1000, name: 'closed', reason: '', by: 'client', wasClean: true, durationMs: 1 } as const;
    disk.isFull = true;
    for (const session of sessions) recorder.onEvent({ type: 'ended', attempt: session.attempt, session, ...end });
    expect(recorder.record('a')).toBeUndefined();
    await tick();
    disk.isFull = false;
    await tick();
    for (const id of ['a', 'b', 'c', 'd']) expect(await storage.attempt(id)).toContain('"code":1000');
    expect((await storage.attemptFacts(0)).records, 'none of them lives').toEqual([]);
  });

  it('is saved whole at a stop, however much it is', async () => {
    const { storage, saver, recorder, admit, refuse } = await setUp();
    for (let index = 0; index < 1_200; index++) admit(`a-${index}`);
    for (const origin of ['https://a.example', 'https://b.example']) refuse({ attempt: origin, origin });
    saver.refused(recorder.rows.takeChanged());
    await saver.flush();
    const { records, refusals } = await storage.attemptFacts(10_000);
    expect([records.length, refusals.length]).toEqual([1_202, 2]);
  });
});
