// The agents in memory beside a real database: what a killed hub left, what a command changes, what expires, and that
// storage is the word on who an agent is while memory is the word on how it stands.

import { describe, expect, it, onTestFinished } from 'vitest';
import { openStorageHere, type Storage } from '../storage/storage.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { type AgentChange, type AgentRegistry, createAgentRegistry } from './agent-registry.ts';

interface Started {
  readonly registry: AgentRegistry;
  readonly hub: Storage;
  /** Another connection, as the command has one. */
  readonly command: Storage;
  readonly changes: AgentChange[];
  readonly clock: { now: number };
}

const report = {
  name: 'web-1',
  facts: '{"title":"web"}',
  files: '[]',
  state: 'live',
  since: 1000,
  reason: null,
  last_seen_at: 1500,
  conflict: null,
} as const;

let enrolments = 0;

async function enrolIn(storage: Storage, name: string, change: object = {}): Promise<void> {
  const enrolment = { hash: `h${++enrolments}`, name, created_by: 'root', created_at: 1, expires_at: 9e12 };
  await storage.addEnrolment(enrolment);
  const ask = {
    hash: enrolment.hash,
    name,
    otherwise: undefined,
    machine: 'm1',
    facts: '{"title":""}',
    credentialId: `agent:${name}`,
    now: 2,
  };
  await storage.enrol({ ...ask, ...change });
}

async function start(prepare: (command: Storage) => Promise<unknown> = () => Promise.resolve()): Promise<Started> {
  const directory = temporaryDirectory();
  const [hub, command] = [await openStorageHere(directory), await openStorageHere(directory)];
  onTestFinished(() => hub.close());
  onTestFinished(() => command.close());
  await prepare(command);
  const clock = { now: 2000 };
  const failed = (error: unknown): never => {
    throw error;
  };
  const registry = await createAgentRegistry({ storage: hub, onSaveFailed: failed, now: () => clock.now });
  const changes: AgentChange[] = [];
  registry.onChange((change) => changes.push(change));
  return { registry, hub, command, changes, clock };
}

describe('an agent that was live when the last hub was killed', () => {
  it('is lost since it was seen last', async () => {
    const { registry, hub } = await start(async (command) => {
      await enrolIn(command, 'web-1');
      await command.saveReports([report]);
    });
    expect(registry.agent('web-1')).toMatchObject({ state: 'lost', since: 1500, lastSeenAt: 1500 });
    await registry.flush();
    expect((await hub.agentFacts()).agents).toMatchObject([{ state: 'lost', since: 1500 }]);
  });
});

describe('a command beside the hub', () => {
  it('is noticed: what it revokes ends, what it enrols appears, and how the others stand is not touched', async () => {
    const { registry, command, changes } = await start((storage) => enrolIn(storage, 'web-1'));
    registry.report('web-1', { state: 'live', since: 1900, lastSeenAt: 1900 }, 'lazily');
    changes.length = 0;
    await registry.notice();
    expect(changes).toEqual([]);

    await enrolIn(command, 'web-2');
    await registry.notice();
    expect(changes).toEqual([{ kind: 'changed', name: 'web-2' }]);
    expect(registry.agent('web-1')).toMatchObject({ state: 'live', since: 1900 });

    changes.length = 0;
    await command.revokeAgent('web-1', 2100);
    await registry.notice();
    expect(changes).toEqual([
      { kind: 'ended', name: 'web-1', credentialId: 'agent:web-1', end: 'token-revoked' },
      { kind: 'changed', name: 'web-1' },
    ]);
    expect(registry.agent('web-1')).toMatchObject({ state: 'live', revokedAt: 2100 });
  });

  it('that changed something while the database did not answer is noticed the next time', async () => {
    const { registry, hub, command } = await start();
    const { agentFacts } = hub;
    await enrolIn(command, 'web-1');
    hub.agentFacts = () => Promise.reject(new Error('locked'));
    await expect(registry.notice()).rejects.toThrow('locked');
    hub.agentFacts = agentFacts;
    await registry.notice();
    expect(registry.agent('web-1')).toBeDefined();
  });
});

describe('a credential', () => {
  it('is known until its agent is enrolled anew, and then the new one', async () => {
    const { registry, command, changes } = await start((storage) => enrolIn(storage, 'web-1'));
    expect(registry.ofCredential('agent:web-1')?.name).toBe('web-1');
    registry.sawOtherMachine('web-1', { machine: 'm2', address: '203.0.113.7', userAgent: undefined });
    expect(registry.agent('web-1')?.conflict).toMatchObject({ count: 1 });
    changes.length = 0;
    await enrolIn(command, 'web-1', { credentialId: 'agent:new', machine: 'm2' });
    await registry.reload();
    expect(changes[0]).toEqual({ kind: 'ended', name: 'web-1', credentialId: 'agent:web-1', end: 'token-revoked' });
    expect(registry.ofCredential('agent:web-1')).toBeUndefined();
    expect(registry.ofCredential('agent:new')).toMatchObject({ machine: 'm2', conflict: null });
  });

  it('stays with its machine, or goes to the other, as it was decided, and so it is stored', async () => {
    const { registry, hub, changes } = await start((storage) => enrolIn(storage, 'web-1'));
    const decide = (decision: 'allow' | 'keep'): Promise<boolean> =>
      registry.decide('web-1', decision, registry.agent('web-1')?.conflict?.since ?? 0);
    expect(await decide('allow')).toBe(false);
    const other = { machine: 'm2', address: '203.0.113.7', userAgent: undefined };
    registry.sawOtherMachine('web-1', other);
    expect(await decide('keep')).toBe(true);
    expect(await decide('allow')).toBe(false);
    registry.sawOtherMachine('web-1', { ...other, machine: 'm3' });
    changes.length = 0;
    expect(await decide('allow')).toBe(true);
    expect(changes[0]).toMatchObject({ kind: 'ended', end: 'machine-changed' });
    await registry.flush();
    expect((await hub.agentFacts()).agents).toMatchObject([{ machine: 'm3', conflict: null }]);
  });

  it('that was given to the other machine while a report was being saved is stored without the old conflict', async () => {
    const { registry, hub } = await start((command) => enrolIn(command, 'web-1'));
    registry.sawOtherMachine('web-1', { machine: 'm2', address: '192.0.2.9', userAgent: undefined });
    const since = registry.agent('web-1')?.conflict?.since ?? 0;
    const decided = registry.decide('web-1', 'allow', since);
    registry.tick();
    expect(await decided).toBe(true);
    await registry.flush();
    expect((await hub.agentFacts()).agents).toMatchObject([{ name: 'web-1', machine: 'm2', conflict: null }]);
  });
});

describe('an enrolment with a name', () => {
  it('waits in sight until it expires', async () => {
    const { registry, changes, clock } = await start((storage) =>
      storage.addEnrolment({ hash: 'h', name: 'web-1', created_by: 'root', created_at: 1, expires_at: 3000 }),
    );
    expect(registry.waitingFor('web-1')).toMatchObject({ expires_at: 3000 });
    expect([registry.hasAgent('web-1'), registry.hasAgent('local'), registry.hasAgent('web-2')]).toEqual([
      true,
      true,
      false,
    ]);
    clock.now = 2999;
    registry.tick();
    expect(changes).toEqual([]);
    clock.now = 3000;
    registry.tick();
    expect(changes).toEqual([{ kind: 'changed', name: 'web-1' }]);
    expect(registry.hasAgent('web-1')).toBe(false);
    await registry.reload();
    expect(registry.hasAgent('web-1')).toBe(false);
  });
});
