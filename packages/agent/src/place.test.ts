import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineFingerprint } from './fingerprint.ts';
import { agentsDirectory, enrolledAgents, findPlace, isAgentName, placeUrl, savePlace } from './place.ts';
import { temporaryDirectory } from './testing/directory.ts';

const env = { TELLTALE_MACHINE_ID: 'machine-1' };
const kept = { hub: 'https://ops.example.com', credential: 'secret', machine: 'm', enrolledWith: 'hash' };

describe('where an agent lives', () => {
  it('is named by the environment, else by whose it is', () => {
    expect(agentsDirectory({ TELLTALE_AGENT_DIR: '/a' })).toBe('/a');
    const otherwise = agentsDirectory({ XDG_STATE_HOME: '/state' });
    expect(otherwise).toBe(process.getuid?.() === 0 ? '/var/lib/telltale-agent' : '/state/telltale-agent');
  });

  it('holds the credential for its own user alone, and gives it back with the machine as it is now', () => {
    const directory = temporaryDirectory();
    const saved = savePlace({ ...kept, agent: 'web-1' }, directory);
    expect(saved.directory).toBe(join(directory, 'web-1'));
    const file = join(directory, 'web-1', 'credential.json');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    const found = findPlace({ directory, env });
    expect(found).toEqual({
      kind: 'found',
      place: { ...kept, agent: 'web-1', machine: machineFingerprint(env), directory: join(directory, 'web-1') },
    });
    // Once more, over the first one, also where that was made readable.
    chmodSync(file, 0o644);
    savePlace({ ...kept, agent: 'web-1', credential: 'another' }, directory);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ credential: 'another' });
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('has to be named where there are several', () => {
    const directory = temporaryDirectory();
    expect(findPlace({ directory, env })).toEqual({ kind: 'none', directory });
    for (const agent of ['web-2', 'db-1']) savePlace({ ...kept, agent }, directory);
    mkdirSync(join(directory, 'other'));
    expect(enrolledAgents(directory)).toEqual(['db-1', 'web-2']);
    expect(findPlace({ directory, env })).toEqual({ kind: 'several', agents: ['db-1', 'web-2'] });
    expect(findPlace({ directory, agent: 'db-1', env })).toMatchObject({ kind: 'found', place: { agent: 'db-1' } });
    expect(findPlace({ directory, agent: 'web-3', env })).toEqual({ kind: 'none', directory });
  });

  it('is none where its file is not ours, which is said in words without what is in it', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'web-1'));
    writeFileSync(join(directory, 'web-1', 'credential.json'), '{"credential":"secret"');
    const found = findPlace({ directory, env });
    expect(found).toMatchObject({ kind: 'unreadable' });
    expect(JSON.stringify(found)).not.toContain('secret');
  });

  it('is never outside of the directory of agents', () => {
    expect(['..', '.', '', 'a/b', 'A', '-a', 'x'.repeat(65)].filter(isAgentName)).toEqual([]);
    expect(['a', 'web-1', '1.2_3'].filter(isAgentName)).toHaveLength(3);
    expect(findPlace({ directory: '/var', agent: '..', env })).toMatchObject({ kind: 'none' });
  });
});

describe('the address of the line', () => {
  it.each([
    ['http://127.0.0.1:8000', 'ws://127.0.0.1:8000/ws/agents/web-1/?machine=m'],
    ['https://ops.example.com', 'wss://ops.example.com/ws/agents/web-1/?machine=m'],
    ['https://ops.example.com/telltale/', 'wss://ops.example.com/telltale/ws/agents/web-1/?machine=m'],
    ['wss://ops.example.com/telltale', 'wss://ops.example.com/telltale/ws/agents/web-1/?machine=m'],
  ])('of %s is %s', (hub, expected) => {
    expect(placeUrl({ hub, machine: 'm' }, '/ws/agents/web-1/')).toBe(expected);
  });
});

describe('what tells machines apart', () => {
  it('is the same each time, fits an address, and is not the id itself', () => {
    const own = machineFingerprint({});
    expect(machineFingerprint({})).toBe(own);
    expect(own).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(machineFingerprint(env)).not.toBe(own);
    expect(machineFingerprint(env)).not.toContain('machine-1');
    expect(machineFingerprint({ TELLTALE_MACHINE_ID: 'machine-2' })).not.toBe(machineFingerprint(env));
  });
});
