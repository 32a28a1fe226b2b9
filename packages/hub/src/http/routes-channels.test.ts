// Tickets, publishing and history by HTTP: the same rules as the frames, to the socket that a ticket opens.

import { describe, expect, it } from 'vitest';
import { mintToken } from '../accounts/access-token.ts';
import { connect, isWelcome } from '../testing/line.ts';
import { type Answer, startTestHub, testSecret } from '../testing/test-hub.ts';
import { bearer, claims } from '../testing/tokens.ts';

describe('a program', () => {
  it('buys a ticket and publishes by the same rules as a frame', async () => {
    const hub = await startTestHub();
    const { headers } = bearer(mintToken(claims({ subject: 'ci' }), testSecret));
    expect((await hub.ask('/api/tickets', { body: {}, headers })).json).toEqual({
      ticket: expect.any(String),
      expiresAt: expect.any(Number),
    });
    const publish = async (body: unknown): Promise<[number, string]> => {
      const answer = await hub.ask('/api/publish', { body, headers });
      return [answer.status, answer.json.error?.name ?? 'published'];
    };
    const once = { producer: 'A'.repeat(22), seq: 1 };
    expect(await publish({ channel: 'chat/general', data: { text: 'a' }, once })).toEqual([200, 'published']);
    expect(
      (await hub.ask('/api/publish', { body: { channel: 'chat/general', data: { text: 'a' }, once }, headers })).json
        .duplicate,
    ).toBe(true);
    expect(await publish({ channel: 'chat/general', data: { text: '' } })).toEqual([400, 'bad-request']);
    expect(await publish({ channel: 'metrics/local', data: {} })).toEqual([403, 'forbidden']);
    expect(await publish({ channel: 'chat/secret', data: { text: 'a' } })).toEqual([404, 'not-found']);
    expect(await publish({ channel: 'UPPER', data: 1 })).toEqual([400, 'bad-request']);
    expect(await publish({ channel: 'chat/general' })).toEqual([400, 'bad-request']);
    const deep = `{"channel":"chat/general","data":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(await publish(deep)).toEqual([400, 'bad-request']);
    const spaced = { channel: 'chat/general', data: { text: 'a' }, once: { producer: 'a b', seq: 1 } };
    expect(await publish(spaced)).toEqual([400, 'bad-request']);
    const skipped = { ...spaced, once: { ...once, seq: 9 } };
    expect((await hub.ask('/api/publish', { body: skipped, headers })).json.error).toMatchObject({ expected: 2 });

    const page = (await hub.ask('/api/channels/chat/general/messages?limit=5')).json;
    expect(page).toMatchObject({
      channel: 'chat/general',
      messages: [{ offset: 1, data: { text: 'a' } }],
      more: false,
    });
    const before = (text: string): Promise<number> =>
      hub.ask(`/api/channels/chat/general/messages?before=${text}`).then(({ status }) => status);
    expect(await before(`${page.epoch}:1`)).toBe(200);
    expect(await before('other:1')).toBe(409);
    expect(await before('nonsense')).toBe(400);
    expect((await hub.ask('/api/channels/sessions/messages')).status).toBe(404);
  });

  it('opens a socket with a ticket: once, from the origin that bought it, with the rights of now', async () => {
    const hub = await startTestHub();
    const { authorization } = await hub.signIn('alice', 'operator');
    const buy = async (): Promise<string> =>
      String((await hub.ask('/api/tickets', { body: {}, headers: authorization })).json.ticket);

    const ticket = await buy();
    const welcome = await connect(hub, `/ws/?ticket=${ticket}`).next(isWelcome);
    expect(welcome).toMatchObject({ identity: { subject: 'alice', kind: 'user', scope: 'operator' } });
    expect((await connect(hub, `/ws/?ticket=${ticket}`).closed()).code).toBe(4401);

    const elsewhere = connect(hub, `/ws/?ticket=${await buy()}`, undefined, 'http://localhost:1');
    expect((await elsewhere.closed()).code).toBe(4401);

    const late = await buy();
    await hub.beside.setDisabled('alice', true);
    await expect.poll(async () => (await hub.ask('/api/me', { headers: authorization })).status).toBe(403);
    expect((await connect(hub, `/ws/?ticket=${late}`).closed()).code).toBe(4403);
    for (const text of [ticket, late]) expect(hub.logged()).not.toContain(text);
  });

  it('is held to a pace, by who it is, and told how long to wait', async () => {
    const hub = await startTestHub();
    const { headers } = bearer(mintToken(claims({ subject: 'ci' }), testSecret));
    const data = { text: 'x'.repeat(4000) };
    const wide = (): Promise<Answer> =>
      hub.ask('/api/publish', {
        body: { channel: 'chat/general', data: { ...data, pad: 'y'.repeat(250_000) } },
        headers,
      });
    const refused = (await Promise.all(Array.from({ length: 12 }, wide))).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.json.error).toMatchObject({ code: 4429, retryAfterMs: expect.any(Number) });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = bearer(mintToken(claims({ subject: 'other' }), testSecret));
    expect((await hub.ask('/api/publish', { body: { channel: 'chat/general', data }, ...other })).status).toBe(200);

    const tickets = await Promise.all(
      Array.from({ length: 1001 }, () => hub.ask('/api/tickets', { body: {}, ...other })),
    );
    expect(tickets.some(({ status }) => status === 429)).toBe(true);
  });
});
