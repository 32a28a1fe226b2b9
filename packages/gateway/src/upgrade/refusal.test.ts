// What a refused client reads: over an upgraded socket with an Origin, by HTTP without one. Real sockets, the ws client.

import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { startEdge } from '../testing/edge.ts';
import { forgeToken, signToken } from '../testing/tokens.ts';

const page = 'https://ops.example.com';
const production = { mode: 'production', allowedOrigins: [page] } as const;

describe('a page', () => {
  it.each<[string, () => Promise<string>, number, string]>([
    ['no token', () => Promise.resolve('/ws/'), 4401, 'token-missing'],
    [
      'an expired token',
      async () => `/ws/?token=${await signToken({ claims: { exp: 1_000 } })}`,
      4419,
      'token-expired',
    ],
    ['garbage', () => Promise.resolve('/ws/?token=garbage'), 4401, 'token-malformed'],
    ['"undefined"', () => Promise.resolve('/ws/?token=undefined'), 4401, 'token-placeholder'],
    [
      'an unsigned token',
      () => Promise.resolve(`/ws/?token=${forgeToken({ alg: 'none' }, {})}`),
      4401,
      'token-unsigned',
    ],
    ['an unknown path', () => Promise.resolve('/ws/nowhere'), 4404, 'path-unknown'],
    ['two credentials', () => Promise.resolve('/ws/?token=a&ticket=b'), 4400, 'credential-repeated'],
    ['a broken query', () => Promise.resolve('/ws/?token=%zz'), 4400, 'query-malformed'],
  ] as const)(
    '[REF2] [REF6] [ADM7] with %s reads why, in a frame and in the close',
    async (_what, path, code, name) => {
      await using edge = await startEdge(production);
      const opened = await edge.open(await path(), { origin: page, protocols: ['telltale.v1'] });
      expect(opened).toMatchObject({ code, protocol: 'telltale.v1', status: undefined });
      expect(opened.first).toMatchObject({ type: 'refused', code, name });
      expect(Object.keys(opened.first ?? {})).toEqual(
        expect.arrayContaining(['stage', 'reason', 'hint', 'retry', 'attempt']) as unknown,
      );
      expect(opened.reason).toMatch(new RegExp(`^${name}: .{5,}`));
    },
  );

  it('[REF4] [ORI1] of a foreign origin learns code and name and nothing else', async () => {
    await using edge = await startEdge(production);
    const token = await signToken();
    const opened = await edge.open(`/ws/?token=${token}`, { origin: 'https://evil.example' });
    expect(opened).toMatchObject({ code: 4403, reason: 'origin-not-allowed' });
    expect(Object.keys(opened.first ?? {}).sort()).toEqual(['attempt', 'code', 'name', 'retry', 'type']);
    expect(edge.events.at(-1)).toMatchObject({
      type: 'refused',
      refusal: { origin: 'https://evil.example', setting: `TELLTALE_ALLOWED_ORIGINS=${page},https://evil.example` },
    });
  });

  it('says the line that would take a token only where the token is signed', async () => {
    await using edge = await startEdge();
    const settingFor = async (token: string): Promise<string | undefined> => {
      await edge.open(`/ws/?token=${token}`);
      const event = edge.events.at(-1);
      return event?.type === 'refused' ? event.refusal.setting : undefined;
    };
    const iss = 'https://id.example';
    expect(await settingFor(await signToken({ claims: { iss } }))).toBe(`TELLTALE_ISSUER=${iss}`);
    expect(await settingFor(await signToken({ claims: { aud: 'pages' } }))).toBe('TELLTALE_AUDIENCE=pages');
    expect(await settingFor(await signToken({ claims: { aud: ['a', 'b'] } }))).toBe('TELLTALE_AUDIENCE');
    expect(await settingFor(forgeToken({ alg: 'HS256' }, { iss }))).toBe('TELLTALE_SECRET');
  });

  it('[RAT1] is explained to ten times in ten seconds, then told 429 by HTTP, in front of a good token never', async () => {
    await using edge = await startEdge(production);
    const codes = [];
    for (let index = 0; index < 12; index += 1) {
      const { code, status } = await edge.open('/ws/', { origin: page });
      codes.push(status ?? code);
    }
    expect(codes).toEqual([...Array<number>(10).fill(4401), 429, 429]);
    const good = await edge.open(`/ws/?token=${await signToken()}`, { origin: page });
    expect(good.first).toMatchObject({ type: 'welcome' });
    const program = await edge.open('/ws/');
    expect(program.status, 'a program is answered by HTTP at any time').toBe(401);
  });

  it('[RAT1] has to take a plain 429 while too many refused sockets are open', async () => {
    await using edge = await startEdge({ ...production, limits: { openRefusals: 1, explainedRefusals: 100 } });
    const first = await edge.open('/ws/', { origin: page });
    expect(first.code).toBe(4401);
    const second = await edge.open('/ws/', { origin: page });
    expect(second.status).toBe(429);
    expect(JSON.parse(second.body)).toMatchObject({ code: 4429, name: 'too-many-attempts' });
  });
});

describe('a program', () => {
  it.each<[string, () => Promise<string>, number, string]>([
    ['no token', () => Promise.resolve('/ws/'), 401, 'token-missing'],
    ['an expired token', async () => `/ws/?token=${await signToken({ claims: { exp: 1_000 } })}`, 401, 'token-expired'],
    ['an unknown path', () => Promise.resolve('/ws/nowhere'), 404, 'path-unknown'],
    ['two credentials', () => Promise.resolve('/ws/?token=a&token=b'), 400, 'credential-repeated'],
  ])('[REF3] with %s gets the HTTP status and the refusal as JSON', async (_what, path, status, name) => {
    await using edge = await startEdge(production);
    const opened = await edge.open(await path());
    expect(opened.status).toBe(status);
    expect(JSON.parse(opened.body)).toMatchObject({ name, attempt: expect.any(String) as string });
  });

  it('[ADM4] comes in with a Bearer, and a cookie is nothing', async () => {
    await using edge = await startEdge(production);
    const token = await signToken();
    const bearer = await edge.open('/ws/', { headers: { Authorization: `Bearer ${token}` } });
    expect(bearer.first).toMatchObject({ type: 'welcome', identity: { subject: 'ada' } });
    const cookie = await edge.open('/ws/', { headers: { Cookie: `token=${token}; access_token=${token}` } });
    expect(cookie.status).toBe(401);
    const basic = await edge.open(`/ws/?token=${token}`, { headers: { Authorization: 'Basic dTpw' } });
    expect(basic.first, 'another scheme is ignored').toMatchObject({ type: 'welcome' });
  });
});

describe('the subprotocol', () => {
  it.each([
    [['telltale.v1', 'bearer.TOKEN'], 'telltale.v1'],
    [['bearer.TOKEN', 'telltale.v1'], 'telltale.v1'],
    [['chat', 'bearer.TOKEN'], 'chat'],
    [['bearer.TOKEN', 'chat', 'other'], 'chat'],
  ])('[REF5] of %j is answered with %s, admitted or refused', async (offered, answer) => {
    await using edge = await startEdge(production);
    const token = await signToken();
    const protocols = offered.map((name) => name.replace('TOKEN', token));
    const admitted = await edge.open('/ws/', { origin: page, protocols });
    expect(admitted).toMatchObject({ first: { type: 'welcome' }, protocol: answer });
    const refused = await edge.open('/ws/nowhere/', { origin: page, protocols });
    expect(refused).toMatchObject({ code: 4404, protocol: answer });
  });

  it('[REF5] is left out where only a token was offered', async () => {
    await using edge = await startEdge(production);
    const answer = await edge.handshake('/ws/', { 'Sec-WebSocket-Protocol': `bearer.${await signToken()}` });
    expect(answer).toMatch(/^HTTP\/1\.1 101/);
    expect(answer).not.toMatch(/sec-websocket-protocol/i);
  });
});

describe('what became of an attempt', () => {
  const id = 'abcdefghijklmnopqrstuv';
  const ask = async (port: number, attempt: string, origin?: string): Promise<[unknown, string | null]> => {
    const response = await fetch(`http://127.0.0.1:${port}/ws/attempts/${attempt}`, {
      headers: origin === undefined ? {} : { origin },
    });
    return [await response.json(), response.headers.get('access-control-allow-origin')];
  };

  it('[REF8] is told in full to an origin that may connect, and as a state to others', async () => {
    let monotonic = 0;
    await using edge = await startEdge({ ...production, clock: { ...systemClock, monotonic: () => monotonic } });
    monotonic = 90_000;
    expect(await ask(edge.port, id, page)).toEqual([{ state: 'unseen', rememberedMs: 90_000 }, page]);
    expect(await ask(edge.port, id, 'https://evil.example')).toEqual([{ state: 'unseen', rememberedMs: 60_000 }, '*']);
    await edge.open(`/ws/?attempt=${id}&token=garbage`, { origin: page });
    const full = { state: 'refused', refusal: { code: 4401, name: 'token-malformed', attempt: id } };
    const [outcome, allowed] = await ask(edge.port, id, page);
    expect(outcome).toMatchObject(full);
    expect(allowed).toBe(page);
    expect((await ask(edge.port, id))[0]).toMatchObject(full);
    expect(await ask(edge.port, id, 'https://evil.example')).toEqual([{ state: 'refused' }, '*']);
    expect(await ask(edge.port, id, 'null')).toEqual([{ state: 'refused' }, '*']);
  });

  it('[ADM12] an id is taken by its first use; the second is refused under another id', async () => {
    await using edge = await startEdge(production);
    const token = await signToken();
    const first = await edge.open(`/ws/?attempt=${id}&token=${token}`, { origin: page });
    expect(first.first).toMatchObject({ type: 'welcome' });
    const second = await edge.open(`/ws/?attempt=${id}&token=${token}`, { origin: page });
    expect(second.first).toMatchObject({ code: 4400, name: 'attempt-reused' });
    expect(second.first?.attempt).not.toBe(id);
    expect((await ask(edge.port, id, page))[0]).toEqual({ state: 'admitted' });
    const malformed = await edge.open('/ws/?attempt=short', { origin: page });
    expect(malformed.first).toMatchObject({ name: 'attempt-malformed' });
  });
});
