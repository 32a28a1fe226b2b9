// Enrolling, over real HTTP: a token is for one machine and one hour, a name is taken over by nobody, guessing is slow,
// and nothing secret is kept or logged.

import { describe, expect, it } from 'vitest';
import type { AgentRow, Enrolment } from '../api.ts';
import { enrolmentHash } from './enrolment-token.ts';
import { agentOf, askAsRoot, asRoot, enrol, invite, statusOf, testMachine, watch } from '../testing/test-agent.ts';
import { isWelcome, rowThat } from '../testing/line.ts';
import { type Answer, startTestHub, type TestHub } from '../testing/test-hub.ts';

function take(hub: TestHub, token: string, change: object = {}): Promise<Answer> {
  return hub.ask('/api/enrol', { body: { token, name: 'web-1', machine: testMachine, ...change } });
}

const answered = ({ status, json }: Answer): readonly unknown[] => [status, json.error?.name ?? json.agent];

describe('an enrolment token', () => {
  it('is shown once, with the line to paste and an hour to do it', async () => {
    const hub = await startTestHub();
    const before = Date.now();
    const { json } = await askAsRoot(hub, '/api/enrolments', { name: 'web-1' });
    expect(json).toEqual({
      id: enrolmentHash(json.token).slice(0, 22),
      token: expect.stringMatching(/^ten_[A-Za-z0-9_-]{43}$/),
      name: 'web-1',
      expiresAt: expect.any(Number),
      line: `npx --yes ${hub.base}/download/telltale-0.1.0.tgz agent --hub ${hub.base} --enrol ${json.token} --name web-1`,
      sha256: (await hub.ask('/api/download')).json.sha256 ?? null,
    });
    expect(json.expiresAt - before).toBeGreaterThanOrEqual(3_600_000);
    expect(json.expiresAt - Date.now()).toBeLessThanOrEqual(3_600_000);
    const stored = JSON.stringify(await hub.beside.agentFacts());
    expect(stored).toContain(enrolmentHash(json.token));
    expect(stored + hub.logged()).not.toContain(json.token);
  });

  it("names the hub's own address in production, whatever the request says", async () => {
    const hub = await startTestHub({ mode: 'production', allowedOrigins: ['https://ops.example.com'] });
    const { json } = await hub.ask('/api/enrolments', {
      body: {},
      headers: { ...asRoot(), 'x-forwarded-host': 'evil.example' },
    });
    expect(json.line).toBe(
      `npx --yes https://ops.example.com/download/telltale-0.1.0.tgz agent --hub https://ops.example.com --enrol ${json.token}`,
    );
  });

  it('is exchanged for a credential that opens the line of its agent', async () => {
    const hub = await startTestHub();
    const token = await invite(hub);
    const { json } = await take(hub, token, { title: 'web' });
    expect(json).toEqual({ agent: 'web-1', credential: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
    const welcome = await agentOf(hub, 'web-1', json.credential).line().next(isWelcome);
    expect(welcome).toMatchObject({
      identity: { kind: 'agent', subject: 'web-1', scope: 'viewer' },
      limits: { framesPerSecond: 1000 },
    });
    expect(hub.logged()).toContain('Agent web-1 was enrolled, with a token of root');
    expect(hub.logged()).not.toContain(json.credential);
    expect(hub.logged()).not.toContain(token);
  });

  it('[REP1] is good for one machine, also when two come at once', async () => {
    const hub = await startTestHub();
    const token = await invite(hub);
    const both = await Promise.all(['web-1', 'web-2'].map((name) => take(hub, token, { name })));
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 401]));
    expect(answered(await take(hub, token, { name: 'web-3' }))).toEqual([401, 'enrolment-used']);
    expect((await hub.beside.agentFacts()).agents).toHaveLength(1);
  });

  it('[REP1] that is wrong, over, ended or used says which', async () => {
    const hub = await startTestHub();
    expect(answered(await take(hub, 'nonsense'))).toEqual([401, 'enrolment-unknown']);
    const over = { created_at: 1, expires_at: Date.now() - 1000, created_by: 'root', name: null };
    await hub.beside.addEnrolment({ ...over, hash: enrolmentHash('ten_over') });
    expect(answered(await take(hub, 'ten_over'))).toEqual([401, 'enrolment-expired']);
    const token = await invite(hub, 'web-1');
    expect((await askAsRoot(hub, '/api/enrolments/end', { name: 'web-1' })).json).toEqual({ ended: true });
    expect((await askAsRoot(hub, '/api/enrolments/end', { name: 'web-1' })).json).toEqual({ ended: false });
    expect(answered(await take(hub, token))).toEqual([401, 'enrolment-unknown']);
  });

  it('made by the command beside the hub works at once', async () => {
    const hub = await startTestHub();
    const soon = { created_at: Date.now(), expires_at: Date.now() + 60_000, created_by: 'command', name: 'web-1' };
    await hub.beside.addEnrolment({ ...soon, hash: enrolmentHash('ten_beside') });
    expect(answered(await take(hub, 'ten_beside'))).toEqual([200, 'web-1']);
  });

  it('cannot be guessed fast, and guessing does not keep out whoever enrols', async () => {
    const hub = await startTestHub({ trustedProxies: ['127.0.0.1'] });
    const from = (address: string, token: string): Promise<Answer> =>
      hub.ask('/api/enrol', {
        body: { token, name: 'web-1', machine: testMachine },
        headers: { 'x-forwarded-for': address },
      });
    for (let count = 0; count < 10; count++) expect((await from('203.0.113.7', `ten_${count}`)).status).toBe(401);
    const token = await invite(hub);
    const tooMany = await from('203.0.113.7', token);
    expect(answered(tooMany)).toEqual([429, 'too-many']);
    expect(Number(tooMany.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answered(await from('203.0.113.8', token))).toEqual([200, 'web-1']);
  });

  it('is one of many that a whole rack may use at once', async () => {
    const hub = await startTestHub();
    const names = Array.from({ length: 25 }, (_, index) => `node-${index}`);
    const tokens = await Promise.all(names.map((name) => invite(hub, name)));
    const answers = await Promise.all(tokens.map((token) => take(hub, token, { name: undefined })));
    expect(answers.map(({ json }) => json.agent)).toEqual(names);
  });
});

describe('an enrolment that was used', () => {
  it('is told by the credential it became, also where its agent has reported under another before', async () => {
    const hub = await startTestHub();
    const viewer = await watch(hub);
    const made = async (name: string | null): Promise<Enrolment> =>
      (await askAsRoot(hub, '/api/enrolments', name === null ? {} : { name })).json as Enrolment;
    const rowIs = (isIt: (row: AgentRow) => boolean): Promise<AgentRow> => rowThat(viewer, ['agents', 'web-1'], isIt);
    const first = await made(null);
    await take(hub, first.token);
    const { credential } = await rowIs((row) => row.credential !== null);
    expect(credential).toEqual({ enrolment: first.id, since: expect.closeTo(Date.now(), -4) });

    const old = agentOf(hub, 'web-1', (await take(hub, (await made('web-1')).token)).json.credential);
    const before = (await rowIs((row) => row.credential?.enrolment !== first.id)).credential;
    const next = await made('web-1');
    // The token waits while the machine that is there comes, reports and goes.
    const line = old.line();
    await line.request({ type: 'call', method: 'agent.status', params: statusOf({ title: 'old' }) });
    expect(await rowIs(({ title, expiresAt }) => title === 'old' && expiresAt !== null)).toMatchObject({
      credential: before,
    });
    const { json } = await take(hub, next.token, { machine: 'another-machine-12' });
    await line.closed();
    const replaced = await rowIs((row) => row.credential?.enrolment === next.id && row.state === 'lost');
    // What was heard of the machine before is no word of the one that has it now.
    expect(replaced.lastSeenAt).toBeLessThan(replaced.credential?.since ?? 0);
    await agentOf(hub, 'web-1', json.credential, 'another-machine-12').line().next(isWelcome);
    const live = await rowIs(({ state }) => state === 'live');
    expect(live.lastSeenAt).toBeGreaterThanOrEqual(live.credential?.since ?? Infinity);
  });
});

describe('the name of an agent', () => {
  it('is never reserved, no part of a path, and nothing but plain characters', async () => {
    const hub = await startTestHub();
    const token = await invite(hub);
    const bad = [
      'local',
      'Web',
      '..',
      '.hidden',
      '__proto__',
      'a/b',
      'a b',
      'web\u0000',
      '\u202eweb',
      '',
      'x'.repeat(65),
    ];
    for (const name of [...bad, 'x'.repeat(64 * 1024)]) {
      const refused = await take(hub, token, { name });
      expect(answered(refused), name).toEqual([400, 'bad-request']);
      expect(refused.json.error.message).toContain('expected 1 to 64 characters');
      expect((await askAsRoot(hub, '/api/enrolments', { name })).status, name).toBe(400);
    }
  });

  it('may be that of something every object has', async () => {
    const hub = await startTestHub();
    for (const name of ['constructor', '0', 'a.b_c-d', 'x'.repeat(64)]) {
      expect(await (await enrol(hub, name)).line().next(isWelcome)).toMatchObject({ identity: { subject: name } });
    }
  });

  it('is that of the token, else what the machine asks for, else made of its own name for itself', async () => {
    const hub = await startTestHub();
    const token = await invite(hub);
    expect(answered(await take(hub, token, { name: undefined }))).toEqual([400, 'bad-request']);
    expect(answered(await take(hub, token))).toEqual([200, 'web-1']);
    const named = await invite(hub, 'web-2');
    expect(answered(await take(hub, named, { name: 'web-3' }))).toEqual([400, 'bad-request']);
    expect(answered(await take(hub, named, { name: undefined, title: 'other' }))).toEqual([200, 'web-2']);
    const unnamed = await invite(hub);
    for (const title of ['', '!', 'local', '日本']) {
      expect(answered(await take(hub, unnamed, { name: undefined, title }))).toEqual([400, 'bad-request']);
    }
    const title = "_Ada's Laptop (2).example.";
    expect(answered(await take(hub, unnamed, { name: undefined, title }))).toEqual([200, 'ada-s-laptop-2-.example']);
  });

  it('that is taken is taken over only with a token made for it: then the old credential ends', async () => {
    const hub = await startTestHub();
    const old = await enrol(hub);
    const line = old.line();
    await line.next(isWelcome);
    const token = await invite(hub);
    const taken = await take(hub, token, { machine: 'another-machine-12' });
    expect(answered(taken)).toEqual([409, 'name-taken']);
    expect(answered(await take(hub, token, { name: 'web-2' }))).toEqual([200, 'web-2']);

    const next = await enrol(hub, 'web-1', 'another-machine-12');
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('token-revoked') });
    expect(await old.line().next(({ type }) => type === 'refused')).toMatchObject({
      code: 4403,
      name: 'agent-revoked',
    });
    await next.line().next(isWelcome);
  });
});

describe('a machine', () => {
  it('is known by a fingerprint of a plain form', async () => {
    const hub = await startTestHub();
    const token = await invite(hub);
    for (const machine of ['short', 'x'.repeat(129), 'a b c d e f g h i j', `${'x'.repeat(20)}\u0000`]) {
      const refused = await take(hub, token, { machine });
      expect(refused.json.error.message).toContain('machine: expected 16 to 128 characters');
    }
  });

  it('may call itself anything: it is cleaned, and stays data', async () => {
    const hub = await startTestHub();
    const title = `\u202e<script>\u0000${'x'.repeat(4000)}`;
    expect((await take(hub, await invite(hub), { title })).status).toBe(200);
    const [agent] = (await hub.beside.agentFacts()).agents;
    expect(JSON.parse(agent?.facts ?? '')).toMatchObject({ title: expect.stringMatching(/^\ufffd<script>\ufffdx+…$/) });
    expect([...JSON.parse(agent?.facts ?? '').title]).toHaveLength(256);
  });
});
