// The credential of an agent, over real sockets: it is good on one machine until an administrator decides otherwise, it
// is nobody's of the same name, and when it is revoked every session it opened is over.

import { describe, expect, it } from 'vitest';
import { mintToken } from '../accounts/access-token.ts';
import type { AgentRow } from '../api.ts';
import { connect, isRefused, isWelcome, latestRow, rowThat } from '../testing/line.ts';
import { askAsRoot, enrol, isIn, sampleOf, testMachine, viewerToken, watch } from '../testing/test-agent.ts';
import { startTestHub, testSecret } from '../testing/test-hub.ts';
import { claims } from '../testing/tokens.ts';

const web = ['agents', 'web-1'] as const;
const elsewhere = 'another-machine-12';

describe('a credential on another machine', () => {
  it('[ADM13] is refused and shown; allowed, it ends the sessions of the machine before', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const line = agent.line();
    await line.next(isWelcome);
    const refused = await agent.line('agents/web-1/', elsewhere).next(isRefused);
    expect(refused).toMatchObject({
      code: 4403,
      name: 'machine-mismatch',
      stage: 'credential',
      reason: 'credential in use on another machine',
      retry: false,
    });
    await agent.line('', elsewhere).next(isRefused);
    const row = await rowThat<AgentRow>(viewer, web, ({ conflict }) => conflict?.count === 2);
    expect(row.state).toBe('live');
    const { since = 0 } = row.conflict ?? {};
    expect(row.conflict).toEqual({ title: '127.0.0.1', address: '127.0.0.1', since, at: expect.any(Number), count: 2 });
    expect(JSON.stringify(row)).not.toContain(elsewhere);

    const allow = { agent: 'web-1', decision: 'allow' };
    // A decision about what was shown before is none about what is shown now.
    expect((await askAsRoot(hub, '/api/agents/machine', { ...allow, since: since - 1 })).status).toBe(409);
    expect((await askAsRoot(hub, '/api/agents/machine', { ...allow, since })).json).toEqual({});
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('machine-changed') });
    await agent.line('agents/web-1/', elsewhere).next(isWelcome);
    await rowThat<AgentRow>(viewer, web, ({ conflict, state }) => conflict === null && state === 'live');
    expect(await agent.line().next(isRefused)).toMatchObject({ name: 'machine-mismatch' });
  });

  it('is dismissed by a word, and a third machine is asked about anew', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    let since = 0;
    const decide = async (): Promise<number> =>
      (await askAsRoot(hub, '/api/agents/machine', { agent: 'web-1', decision: 'keep', since })).status;
    expect(await decide()).toBe(409);
    await agent.line('', elsewhere).next(isRefused);
    // While one waits for the decision, it stays about that one.
    await agent.line('', 'a-third-machine-345').next(isRefused);
    since = (await rowThat<AgentRow>(viewer, web, ({ conflict }) => conflict?.count === 1)).conflict?.since ?? 0;
    expect(await decide()).toBe(200);
    await rowThat<AgentRow>(viewer, web, ({ conflict }) => conflict === null);
    expect(await decide()).toBe(409);
    await agent.line('', elsewhere).next(isRefused);
    await agent.line('', 'a-third-machine-345').next(isRefused);
    await rowThat<AgentRow>(viewer, web, ({ conflict }) => conflict?.count === 1);
    expect((await askAsRoot(hub, '/api/agents/machine', { agent: 'nobody', decision: 'keep', since })).status).toBe(
      404,
    );
  });

  it('[ADM13] is needed: without one, or with one of no form, nothing is let in, over HTTP neither', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    expect(await agent.line('agents/web-1/', null).next(isRefused)).toMatchObject({ name: 'machine-missing' });
    expect(await agent.line('agents/web-1/', 'short').next(isRefused)).toMatchObject({ name: 'machine-missing' });
    const headers = { authorization: `Bearer ${agent.credential}` };
    const body = { channel: 'metrics/web-1', data: sampleOf() };
    const answers = await Promise.all(
      ['', `?machine=${elsewhere}`, `?machine=${testMachine}`].map((query) =>
        hub.ask(`/api/publish${query}`, { body, headers }),
      ),
    );
    expect(answers.map(({ status, json }) => [status, json.error?.name])).toEqual([
      [403, 'machine-missing'],
      [403, 'machine-mismatch'],
      [200, undefined],
    ]);
  });

  it('of a user, or of a token that only has the name of an agent, is none', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub, 'alice');
    const user = await hub.signIn('alice', 'operator');
    const plain = mintToken(claims({ subject: 'alice' }), testSecret);
    const lines = [connect(hub, '/ws/', user.token), connect(hub, '/ws/', plain)];
    for (const one of lines) {
      expect(await one.next(isWelcome)).toMatchObject({ identity: { kind: 'user', scope: 'operator' } });
    }
    const line = agent.line();
    expect(await line.next(isWelcome)).toMatchObject({ identity: { kind: 'agent', scope: 'viewer' } });
    // What happens to the user does not happen to the agent.
    await hub.beside.setRole('alice', 'admin');
    await hub.beside.setDisabled('alice', true);
    for (const one of lines) expect(await one.closed()).toMatchObject({ code: 4410 });
    expect(await line.request({ type: 'subscribe', channel: 'sessions' })).toMatchObject({ code: 4403 });
    await agent.line('').next(isWelcome);
  });
});

describe('a revoked agent', () => {
  it('[ADM13] loses its sessions within two seconds, and comes back with none', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const viewer = await watch(hub);
    const lines = [agent.line(), agent.line('')];
    await Promise.all(lines.map((line) => line.next(isWelcome)));
    expect((await askAsRoot(hub, '/api/agents/remove', { agent: 'web-1' })).status).toBe(409);
    expect((await askAsRoot(hub, '/api/agents/revoke', { agent: 'web-1' })).json).toEqual({});
    for (const line of lines) {
      expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('token-revoked') });
    }
    expect(await rowThat(viewer, web, isIn('revoked'))).toMatchObject({ title: 'web-1.example' });
    expect(await agent.line().next(isRefused)).toMatchObject({ code: 4403, name: 'agent-revoked' });
    expect((await askAsRoot(hub, '/api/agents/revoke', { agent: 'web-1' })).status).toBe(200);

    expect((await askAsRoot(hub, '/api/agents/remove', { agent: 'web-1' })).json).toEqual({});
    await viewer.next(() => latestRow(viewer, ...web) === null);
    expect(await agent.line().next(isRefused)).toMatchObject({ name: 'agent-revoked' });
    expect(await viewer.request({ type: 'subscribe', channel: 'metrics/web-1' })).toMatchObject({ code: 4404 });
    expect((await askAsRoot(hub, '/api/agents/revoke', { agent: 'web-1' })).status).toBe(404);
  });

  it('by the command beside the hub loses them within two seconds as well', async () => {
    const hub = await startTestHub();
    const line = (await enrol(hub)).line();
    await line.next(isWelcome);
    await hub.beside.revokeAgent('web-1', Date.now());
    expect(await line.closed(2000)).toMatchObject({ code: 4410, reason: expect.stringContaining('token-revoked') });
  });

  it('that is enrolled anew under its name has nothing of what it had reported', async () => {
    const hub = await startTestHub();
    const line = (await enrol(hub)).line();
    const publish = { type: 'publish', channel: 'metrics/web-1' } as const;
    await line.request({ ...publish, data: sampleOf({ uptime: 111 }) });
    await askAsRoot(hub, '/api/agents/revoke', { agent: 'web-1' });
    await askAsRoot(hub, '/api/agents/remove', { agent: 'web-1' });
    const again = (await enrol(hub)).line();
    expect(await again.request({ ...publish, data: sampleOf({ uptime: 222 }) })).toMatchObject({ type: 'result' });
    const headers = { authorization: `Bearer ${viewerToken()}` };
    const page = await hub.ask('/api/channels/metrics/web-1/messages', { headers });
    expect(page.json.messages).toMatchObject([{ data: { uptime: 222 } }]);
  });
});
