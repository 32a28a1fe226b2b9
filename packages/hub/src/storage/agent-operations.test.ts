// Agents and enrolments in storage: a token is spent once, a name is not taken over, and what is kept is kept whole.

import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { mostEnrolments } from './agent-operations.ts';
import { restoreBackup } from './restore.ts';
import { openStorageHere, type Storage } from './storage.ts';

async function open(directory: string = temporaryDirectory()): Promise<Storage> {
  const storage = await openStorageHere(directory);
  onTestFinished(() => storage.close());
  return storage;
}

const enrolment = { hash: 'h1', name: null, created_by: 'root', created_at: 1000, expires_at: 5000 } as const;
const ask = {
  hash: 'h1',
  name: 'web-1',
  otherwise: undefined,
  machine: 'm1',
  facts: '{}',
  credentialId: 'c1',
  now: 2000,
} as const;

async function agents(storage: Storage): Promise<readonly unknown[]> {
  return (await storage.agentFacts()).agents;
}

describe('an enrolment', () => {
  it('makes one agent, whoever else comes with it', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        storage.enrol({ ...ask, name: `web-${index}`, credentialId: `c${index}` }),
      ),
    );
    expect(all.filter(({ kind }) => kind === 'enrolled')).toEqual([
      { kind: 'enrolled', name: 'web-0', createdBy: 'root' },
    ]);
    expect(all.filter(({ kind }) => kind === 'used')).toHaveLength(9);
    expect(await agents(storage)).toMatchObject([
      { name: 'web-0', credential_id: 'c0', machine: 'm1', enrolled_by: 'root', revoked_at: null, state: 'never-seen' },
    ]);
  });

  it('tells apart what never was, what is over and what was used', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    expect(await storage.enrol({ ...ask, hash: 'other' })).toEqual({ kind: 'unknown' });
    expect(await storage.enrol({ ...ask, now: 5000 })).toEqual({ kind: 'expired' });
    expect(await storage.enrol(ask)).toMatchObject({ kind: 'enrolled' });
    expect(await storage.enrol({ ...ask, now: 9000 })).toEqual({ kind: 'used' });
  });

  it('stays good where only the name was wrong', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    await storage.enrol(ask);
    await storage.addEnrolment({ ...enrolment, hash: 'h2' });
    const second = { ...ask, hash: 'h2', credentialId: 'c2' };
    expect(await storage.enrol({ ...second, name: undefined })).toEqual({ kind: 'name-missing' });
    expect(await storage.enrol(second)).toEqual({ kind: 'name-taken', name: 'web-1' });
    expect(await storage.enrol({ ...second, name: undefined, otherwise: 'web-1' })).toMatchObject({
      kind: 'name-taken',
    });
    await storage.revokeAgent('web-1', 2500);
    expect(await storage.enrol(second)).toEqual({ kind: 'name-taken', name: 'web-1' });
    expect(await storage.enrol({ ...second, name: 'web-2' })).toMatchObject({ kind: 'enrolled', name: 'web-2' });
    expect(await agents(storage)).toMatchObject([{ credential_id: 'c1' }, { credential_id: 'c2' }]);
  });

  it('made for an agent by name gives it a new credential and machine, and keeps what it had told', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    await storage.enrol({ ...ask, facts: '{"title":"old"}' });
    await storage.revokeAgent('web-1', 2500);
    await storage.addEnrolment({ ...enrolment, hash: 'h2', name: 'web-1' });
    const second = { ...ask, hash: 'h2', machine: 'm2', credentialId: 'c2', now: 3000 };
    expect(await storage.enrol({ ...second, name: 'web-2' })).toEqual({ kind: 'name-differs', name: 'web-1' });
    const unnamed = { ...second, name: undefined, otherwise: 'other' };
    expect(await storage.enrol(unnamed)).toMatchObject({ kind: 'enrolled', name: 'web-1' });
    expect(await agents(storage)).toMatchObject([
      { name: 'web-1', credential_id: 'c2', machine: 'm2', revoked_at: null, facts: '{"title":"old"}' },
    ]);
  });

  it('takes the place of one that waits under its name, and can be ended', async () => {
    const storage = await open();
    await storage.addEnrolment({ ...enrolment, name: 'web-1' });
    await storage.addEnrolment({ ...enrolment, hash: 'h2', name: 'web-1' });
    expect((await storage.agentFacts()).enrolments).toMatchObject([{ hash: 'h2' }]);
    expect(await storage.enrol(ask)).toEqual({ kind: 'unknown' });
    expect(await storage.endEnrolments('web-1')).toBe(true);
    expect(await storage.endEnrolments('web-1')).toBe(false);
    expect(await storage.enrol({ ...ask, hash: 'h2' })).toEqual({ kind: 'unknown' });
  });

  it('is one of a limited number that wait; one that is over makes room', async () => {
    const storage = await open();
    for (let count = 0; count < mostEnrolments; count++) {
      expect(await storage.addEnrolment({ ...enrolment, hash: `h${count}` })).toBe(true);
    }
    expect(await storage.addEnrolment({ ...enrolment, hash: 'more' })).toBe(false);
    expect(await storage.addEnrolment({ ...enrolment, hash: 'more', created_at: 5001, expires_at: 9000 })).toBe(true);
  });
});

describe('an agent', () => {
  it('is removed only after it was revoked', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    await storage.enrol(ask);
    expect(await storage.removeAgent('web-1')).toBe(false);
    expect(await storage.revokeAgent('web-1', 3000)).toBe(true);
    expect(await storage.revokeAgent('web-1', 4000)).toBe(false);
    expect(await agents(storage)).toMatchObject([{ revoked_at: 3000 }]);
    expect(await storage.removeAgent('web-1')).toBe(true);
    expect(await agents(storage)).toEqual([]);
    expect(await storage.revokeAgent('web-1', 5000)).toBe(false);
  });

  it('keeps its reports, and another machine once that was decided', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    await storage.enrol(ask);
    const report = {
      name: 'web-1',
      facts: '{"title":"\u202e\ud83e\udd80"}',
      files: '[]',
      state: 'lost',
      since: 7,
      reason: null,
      last_seen_at: 6,
      conflict: '{"machine":"m2"}',
    } as const;
    await storage.saveReports([report, { ...report, name: 'nobody' }]);
    expect(await agents(storage)).toMatchObject([report]);
    expect(await storage.setMachine('web-1', 'm2')).toBe(true);
    expect(await agents(storage)).toMatchObject([{ ...report, machine: 'm2', conflict: null }]);
    expect(await storage.setMachine('nobody', 'm2')).toBe(false);
  });
});

describe('a restored backup', () => {
  it('has its agents and none of its enrolments, which may have been spent since', async () => {
    const storage = await open();
    await storage.addEnrolment(enrolment);
    await storage.enrol(ask);
    await storage.addEnrolment({ ...enrolment, hash: 'h2' });
    const directory = temporaryDirectory();
    await storage.backup(join(directory, 'backup.db'));
    await restoreBackup(directory, join(directory, 'backup.db'));
    expect(await (await open(directory)).agentFacts()).toMatchObject({ agents: [{ name: 'web-1' }], enrolments: [] });
  });
});
