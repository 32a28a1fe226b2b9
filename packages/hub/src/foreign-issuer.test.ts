// Tokens of another issuer, from the settings to the socket: TELLTALE_JWKS_URL, a real server of keys on loopback, and
// what such a token is worth at this hub.

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mintToken } from './accounts/access-token.ts';
import { readSettings } from './settings.ts';
import { connect, isWelcome } from './testing/line.ts';
import { startTestHub, testSecret, type TestHub } from './testing/test-hub.ts';
import { bearer, claims } from './testing/tokens.ts';

const issuer = 'https://id.example.com';
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(key: KeyObject, change: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const body = { iss: issuer, aud: 'dashboards', sub: 'alice', iat: now, exp: now + 60, ...change };
  const text = `${encode({ alg: 'ES256', kid: 'one' })}.${encode(body)}`;
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** A server of one public key; `state.away` makes it fail. */
async function keyServer(): Promise<{ url: string; key: KeyObject; state: { away: boolean } }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const state = { away: false };
  const keys = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' }] };
  const server = createServer((_request, response) => {
    if (state.away) response.writeHead(500).end();
    else response.end(JSON.stringify(keys));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`, key: privateKey, state };
}

async function hubFor(url: string): Promise<TestHub> {
  const read = readSettings({
    env: { TELLTALE_JWKS_URL: url, TELLTALE_ISSUER: issuer, TELLTALE_AUDIENCE: 'dashboards' },
  });
  if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
  const { jwks, issuer: own, audience } = read.settings;
  return await startTestHub({ jwks, issuer: own, audience });
}

describe('a token of the issuer whose keys are set', () => {
  it('opens a socket and the HTTP API as a viewer, whatever it claims', async () => {
    const { url, key } = await keyServer();
    const hub = await hubFor(url);
    const token = signed(key, { scope: 'openid admin', name: 'Alice' });
    const welcome = await connect(hub, '/ws/', token).next(isWelcome);
    expect(welcome).toMatchObject({ identity: { issuer, subject: 'alice', kind: 'user', scope: 'viewer' } });
    const me = await hub.ask('/api/me', bearer(token));
    expect(me).toMatchObject({
      status: 200,
      json: { id: (welcome['identity'] as { id: string }).id, username: 'alice', role: 'viewer', kind: 'user' },
    });
    expect((await hub.ask('/api/users', bearer(token))).status).toBe(403);
    const body = { channel: 'chat/general', data: { text: 'hello' } };
    expect((await hub.ask('/api/publish', { body, ...bearer(token) })).status).toBe(200);
  });

  it('is not the user of the same name in this hub, and has none of that login', async () => {
    const { url, key } = await keyServer();
    const hub = await hubFor(url);
    const { authorization } = await hub.signIn('alice', 'admin');
    const token = signed(key, { scope: 'admin' });
    expect((await hub.ask('/api/me', bearer(token))).json).toMatchObject({ role: 'viewer' });
    expect((await hub.ask('/api/logins', bearer(token))).status).toBe(403);
    const line = connect(hub, '/ws/', token);
    await line.next(isWelcome);
    await hub.beside.setDisabled('alice', true);
    const own = async (): Promise<number> => (await hub.ask('/api/me', { headers: authorization })).status;
    await expect.poll(own, { timeout: 3000 }).toBe(403);
    line.send({ type: 'ping', at: 1 });
    await line.next(({ type }) => type === 'pong');
    expect((await hub.ask('/api/me', bearer(token))).status).toBe(200);
  });

  it('[CHT1] is named in a room where they spoke, and not in one whose member has the same name', async () => {
    const { url, key } = await keyServer();
    const hub = await hubFor(url);
    const say = async (token: string, text: string, room = 'general'): Promise<void> => {
      const body = { channel: `chat/${room}`, data: { text } };
      expect(await hub.ask('/api/publish', { body, ...bearer(token) })).toMatchObject({ status: 200 });
    };
    // By HTTP alone: nobody is here when they are named.
    const alice = signed(key);
    await say(alice, 'I was here');
    const { id } = (await hub.ask('/api/me', bearer(alice))).json as { id: string };
    const olga = mintToken(claims({ subject: 'olga', scope: 'operator' }), testSecret);
    await hub.ask('/api/rooms', { body: { room: 'ops', title: 'Ops', members: ['olga', 'alice'] }, ...bearer(olga) });
    for (const [room, mentions] of [
      ['general', [id]],
      ['ops', []],
    ] as const) {
      await say(olga, 'for @Alice', room);
      const page = await hub.ask(`/api/rooms/${room}/messages?limit=1`, bearer(olga));
      expect(page.json, room).toMatchObject({ messages: [{ text: 'for @Alice', mentions }] });
    }
  });

  it("stands beside the hub's own tokens, which keep their issuer", async () => {
    const { url, key } = await keyServer();
    const hub = await hubFor(url);
    expect((await hub.ask('/api/me', bearer(mintToken(claims(), testSecret)))).status).toBe(200);
    const nameOf = async (token: string): Promise<string> =>
      String((await hub.ask('/api/me', bearer(token))).json.error?.name);
    expect(await nameOf(mintToken(claims({ issuer, audience: 'dashboards' }), testSecret))).toBe('token-algorithm');
    expect(await nameOf(signed(key, { iss: 'telltale', aud: 'telltale' }))).toBe('token-algorithm');
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(await nameOf(signed(stranger))).toBe('token-signature');
  });

  it('that cannot be checked is told so, and is not called wrong', async () => {
    const { url, key, state } = await keyServer();
    state.away = true;
    const hub = await hubFor(url);
    expect(await hub.ask('/api/me', bearer(signed(key)))).toMatchObject({
      status: 503,
      json: { error: { code: 4503 } },
    });
    expect((await connect(hub, '/ws/', signed(key)).closed()).code).toBe(4503);
  });
});
