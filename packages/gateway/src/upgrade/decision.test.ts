// What the application is told of each attempt: how it was decided, step by step, how it was told, who passed it on, and
// that its page asked. Real sockets.

import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Edge, handshakeText, startEdge, until } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';
import type { GatewayEvent, Verified } from '../types.ts';

const page = 'https://ops.example.com';
const production = { mode: 'production', allowedOrigins: [page] } as const;
const id = 'abcdefghijklmnopqrstuv';

type Refused = Extract<GatewayEvent, { type: 'refused' }>;

const refusedIn = ({ events }: Edge): Refused | undefined =>
  events.findLast((event): event is Refused => event.type === 'refused');

const stepsIn = (event: Refused | undefined): readonly string[] =>
  (event?.decision.steps ?? []).map(({ stage, outcome, found }) => `${stage} ${outcome}${found ? `: ${found}` : ''}`);

async function ask(edge: Edge, attempt = id): Promise<unknown> {
  return await (await fetch(`http://127.0.0.1:${edge.port}/ws/attempts/${attempt}`)).json();
}

describe('the steps of an attempt', () => {
  it('say what was passed, what refused it, and what was never looked at', async () => {
    await using edge = await startEdge(production);
    await edge.open('/ws/', { origin: 'https://evil.example' });
    expect(stepsIn(refusedIn(edge))).toEqual([
      'route passed: /ws/',
      'form passed: GET, HTTP/1.1, version 13',
      'origin refused: https://evil.example',
      'rate not-reached',
      'credential not-reached',
      'permission not-reached',
    ]);
    expect(refusedIn(edge)).toMatchObject({ told: 'frame' });
    expect(refusedIn(edge)?.decision.decidedMs).toBeLessThan(5_000);
  });

  it('hold where the credential was, and nothing of it', async () => {
    await using edge = await startEdge(production);
    const token = await signToken({ key: 'another-secret-that-is-32-bytes-' });
    await edge.open(`/ws/?token=${token}`);
    const steps = stepsIn(refusedIn(edge));
    expect(steps[2]).toBe('origin passed: none sent');
    expect(steps[4]).toMatch(/^credential refused: .*signature/);
    expect(steps[5]).toBe('permission not-reached');
    expect(refusedIn(edge)).toMatchObject({ told: 'http' });
    expect(JSON.stringify(edge.events)).not.toContain(token.slice(-20));
  });

  it('of one that is admitted name who it is and what its endpoint gives', async () => {
    const decisions: unknown[] = [];
    await using edge = await startEdge({
      ...production,
      endpoints: [{ path: 'all', title: 'All', channels: () => ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }],
      accept: ({ ws, decision }) => {
        decisions.push(decision);
        ws.send(JSON.stringify({ type: 'welcome' }));
      },
    });
    await edge.open('/ws/all/', { headers: { Authorization: `Bearer ${await signToken()}` } });
    expect(decisions).toMatchObject([
      {
        steps: [
          { stage: 'route', outcome: 'passed', found: '/ws/all/' },
          { stage: 'form', outcome: 'passed' },
          { stage: 'origin', outcome: 'passed', found: 'none sent' },
          { stage: 'rate', outcome: 'passed' },
          { stage: 'credential', outcome: 'passed', found: 'Authorization: Bearer: user ada, viewer' },
          { stage: 'permission', outcome: 'passed', found: 'a, b, c, d, e and 2 more' },
        ],
      },
    ]);
  });
});

describe('who passed an attempt on', () => {
  it('is told where it is trusted, and where it is not', async () => {
    const forwarded = { 'X-Forwarded-For': '203.0.113.7' };
    await using trusting = await startEdge({ ...production, trustedProxies: ['127.0.0.1'] });
    await trusting.handshake('/ws/', forwarded);
    expect(refusedIn(trusting)?.attempt).toMatchObject({
      address: '203.0.113.7',
      proxies: ['127.0.0.1'],
      untrustedProxy: undefined,
    });
    await using wary = await startEdge(production);
    await wary.handshake('/ws/', forwarded);
    expect(refusedIn(wary)?.attempt).toMatchObject({
      address: '127.0.0.1',
      proxies: [],
      untrustedProxy: '127.0.0.1',
    });
    expect(stepsIn(refusedIn(wary))[1]).toMatch(/passed on by 127\.0\.0\.1, which is no trusted proxy$/);
    await wary.handshake('/ws/');
    expect(refusedIn(wary)?.attempt).toMatchObject({ untrustedProxy: undefined });
  });
});

describe('[REF8] a page that asks what became of its attempt', () => {
  it('while it is being decided is answered once it has been, and the application hears of it', async () => {
    let decide = (_verified: Verified): void => {};
    const verify = (): Promise<Verified> => new Promise((resolve) => (decide = resolve));
    await using edge = await startEdge({ credentials: { verify } });
    const opened = edge.open(`/ws/?attempt=${id}&token=slow`);
    await until(
      () => edge.events.length > 0,
      () => 'no attempt',
    );
    const asked = ask(edge);
    // It has arrived: the next request on the same server is answered.
    expect(await ask(edge, 'x'.repeat(22))).toMatchObject({ state: 'unseen' });
    decide({ kind: 'refused', name: 'account-disabled' });
    expect(await asked).toMatchObject({ state: 'refused', refusal: { name: 'account-disabled', attempt: id } });
    expect((await opened).status).toBe(403);
    expect(edge.events.filter(({ type }) => type === 'asked')).toEqual([{ type: 'asked', attempt: id }]);
  });

  it.each([
    ['admitted', { kind: 'identity', issuer: 'test', subject: 'ada' }, { state: 'admitted', ended: { code: 1006 } }],
    ['refused', { kind: 'refused', name: 'account-disabled' }, { state: 'refused', refusal: { code: 4403 } }],
  ] as const)('after it gave up on one that was %s then learns just that', async (what, verified, outcome) => {
    let decide = (_verified: Verified): void => {};
    const verify = (): Promise<Verified> => new Promise((resolve) => (decide = resolve));
    await using edge = await startEdge({ credentials: { verify } });
    const sockets: Socket[] = [];
    edge.server.on('connection', (socket: Socket) => sockets.push(socket));
    connect(edge.port, '127.0.0.1').write(handshakeText(`/ws/?attempt=${id}&token=slow`, {}, edge.port));
    await until(
      () => edge.events.length > 0,
      () => 'no attempt',
    );
    // Whatever the peer does, the server hears of it no sooner than it reads or writes again: so from this side.
    sockets[0]?.destroy();
    decide(verified);
    await until(
      () => edge.events.length > 1,
      () => 'no decision',
    );
    expect(edge.events.at(-1)).toMatchObject(
      what === 'admitted'
        ? {
            type: 'left',
            user: 'ada',
            kind: 'user',
            reason: expect.stringMatching(/left before .* took [\d.]+ ms$/) as string,
          }
        : { type: 'refused', told: undefined },
    );
    expect(await ask(edge)).toMatchObject(outcome);
  });

  it('[END5] after a proxy has removed its Upgrade reads that, and so does the operator', async () => {
    await using edge = await startEdge(production);
    const stripped = { Upgrade: undefined, Connection: 'close', Origin: page };
    const answer = await edge.handshake(`/ws/?attempt=${id}`, stripped);
    expect(answer).toMatch(/^HTTP\/1\.1 426/);
    expect(answer).toContain(`"attempt":"${id}"`);
    expect(answer).toContain('arrived without the header');
    expect(refusedIn(edge)).toMatchObject({
      told: 'http',
      attempt: { attempt: id },
      refusal: { name: 'upgrade-missing', detail: expect.stringContaining('a proxy between') as string },
    });
    expect(await ask(edge)).toMatchObject({ state: 'refused', refusal: { name: 'upgrade-missing' } });
  });

  it('of what the gateway has forgotten is told what the application knows', async () => {
    const outcome = { state: 'admitted', ended: { code: 4408, name: 'stalled', reason: 'read nothing' } } as const;
    await using edge = await startEdge({ recallAttempt: (asked) => (asked === id ? outcome : undefined) });
    expect(await ask(edge)).toEqual(outcome);
    expect(await ask(edge, 'x'.repeat(22))).toMatchObject({ state: 'unseen' });
  });

  it('is told that nothing is known where the application fails, which costs nobody else anything', async () => {
    let asked = 0;
    await using edge = await startEdge({
      recallAttempt() {
        asked++;
        throw new Error('the database is gone');
      },
    });
    expect(await ask(edge)).toMatchObject({ state: 'unseen' });
    expect(asked, 'once for each question').toBe(1);
    expect(edge.lines.join('\n')).toContain('recallAttempt failed');
  });

  it('may do so from any origin with GET and HEAD, by CORS without credentials, and in no other way', async () => {
    await using edge = await startEdge(production);
    const url = `http://127.0.0.1:${edge.port}/ws/attempts/${id}`;
    for (const [origin, allowed] of [
      [page, page],
      ['https://evil.example', '*'],
    ] as const) {
      const headers = { origin };
      const preflight = await fetch(url, { method: 'OPTIONS', headers });
      expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET']);
      for (const response of [preflight, await fetch(url, { method: 'HEAD', headers })]) {
        expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
        expect(response.headers.get('access-control-allow-credentials')).toBeNull();
        expect(response.headers.get('vary')).toBe('Origin');
      }
      const post = await fetch(url, { method: 'POST', headers });
      expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET']);
    }
    const cached = await fetch(url);
    expect(cached.headers.get('cache-control')).toBe('no-store');
    expect(await (await fetch(url.slice(0, -5))).json(), 'no id there could be').toMatchObject({ state: 'unseen' });
  });
});
