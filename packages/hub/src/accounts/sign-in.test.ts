// Signing in over real HTTP: answers that tell nothing about who exists, guessing slowed without locking out the owner,
// refresh tokens that turn, and no credential in any log line.

import { describe, expect, it } from 'vitest';
import { openStorageHere, type Storage } from '../storage/storage.ts';
import { type Answer, cookieOf, startTestHub, testPassword, testSecret, type TestHub } from '../testing/test-hub.ts';
import { bearer, claims } from '../testing/tokens.ts';
import { mintToken, type TokenClaims } from './access-token.ts';

const wrong = (username: string): { body: unknown } => ({ body: { username, password: 'not the password' } });

/** A hub that believes this test's `X-Forwarded-For`, so that it can come from anywhere. */
const fromAnywhere = (): Promise<TestHub> => startTestHub({ trustedProxies: ['127.0.0.1'] });
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });

describe('a login', () => {
  it('answers a token of fifteen minutes, and a cookie no script and no other site can use', async () => {
    const hub = await startTestHub();
    await hub.signIn('alice');
    const answer = await hub.ask('/api/login', { body: { username: 'alice', password: testPassword } });
    expect(answer.json).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 900 });
    const payload = String(answer.json.access_token).split('.')[1] ?? '';
    const token = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    expect(token).toMatchObject({ iss: 'telltale', aud: 'telltale', sub: 'alice', scope: 'viewer', name: 'alice' });
    expect(token['sid']).toMatch(/^[\w-]{22}$/);
    expect(Number(token['exp']) - Number(token['iat'])).toBe(900);
    for (const cookie of answer.headers.getSetCookie()) {
      expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
      expect(cookie).not.toMatch(/Domain/i);
    }
  });

  it('in production over https uses cookies only this host can set', async () => {
    const hub = await startTestHub({ mode: 'production', allowedOrigins: ['https://ops.example.com'] });
    await hub.signIn('alice');
    const answer = await hub.ask('/api/login', { body: { username: 'alice', password: testPassword } });
    const cookies = answer.headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) expect(cookie).toMatch(/^__Host-.*; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  });

  it('that fails looks the same whether there is such a user or not', async () => {
    const hub = await startTestHub();
    await hub.signIn('alice');
    const [existing, missing, impossible] = await Promise.all([
      hub.ask('/api/login', wrong('alice')),
      hub.ask('/api/login', wrong('nobody')),
      hub.ask('/api/login', wrong("'; drop table users --")),
    ]);
    expect(existing.status).toBe(401);
    for (const other of [missing, impossible]) {
      expect(other.status).toBe(401);
      expect(other.text).toBe(existing.text);
      expect([...other.headers.keys()]).toEqual([...existing.headers.keys()]);
    }
  });

  it('that fails takes as long for a missing user: the hash is computed all the same', async () => {
    const hub = await fromAnywhere();
    await hub.signIn('alice');
    const median = async (username: string, block: number): Promise<number> => {
      const times: number[] = [];
      for (let count = 0; count < 9; count++) {
        const begun = performance.now();
        await hub.ask('/api/login', { ...wrong(username), headers: from(`198.51.${block}.${count}`) });
        times.push(performance.now() - begun);
      }
      return times.sort((a, b) => a - b)[4] as number;
    };
    const [existing, missing] = [await median('alice', 1), await median('nobody', 2)];
    // Without the hash the one is many times faster; how much exactly the load of the machine decides.
    expect(missing).toBeGreaterThan(existing / 3);
  });

  it.each([
    ['of 1,024 bytes is taken as it is', 'x'.repeat(1024), 401],
    ['of more is refused before any work', 'x'.repeat(1025), 400],
    ['with anything in it is no other', `${testPassword}\0`, 401],
    ['in other case is another', testPassword.toUpperCase(), 401],
    ['with a space more is another', `${testPassword} `, 401],
  ])('with a password %s', async (_case, password, status) => {
    const hub = await startTestHub();
    await hub.signIn('alice');
    expect((await hub.ask('/api/login', { body: { username: 'alice', password } })).status).toBe(status);
  });

  it('of a disabled user is told only to who knows the password', async () => {
    const hub = await startTestHub();
    await hub.signIn('alice');
    await hub.beside.setDisabled('alice', true);
    const body = { username: 'alice', password: testPassword };
    expect(await hub.ask('/api/login', { body })).toMatchObject({
      status: 403,
      json: { error: { name: 'account-disabled' } },
    });
    expect((await hub.ask('/api/login', wrong('alice'))).json.error.name).toBe('wrong-password');
  });
});

describe('guessing', () => {
  it('from one address is slowed down after twenty tries, with the time to wait', async () => {
    const hub = await fromAnywhere();
    const statuses: number[] = [];
    for (let count = 0; count < 22; count++) {
      const answer = await hub.ask('/api/login', { ...wrong(`user${count}`), headers: from('198.51.100.1') });
      statuses.push(answer.status);
      if (answer.status !== 429) continue;
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.json.error).toMatchObject({ code: 4429, retryAfterMs: expect.any(Number) });
    }
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    expect(statuses.slice(20)).toEqual([429, 429]);
  });

  it('from one /64 of IPv6 counts as one address', async () => {
    const hub = await fromAnywhere();
    const statuses: number[] = [];
    for (let count = 0; count < 21; count++) {
      const headers = from(`2001:db8:0:1::${(count + 1).toString(16)}`);
      statuses.push((await hub.ask('/api/login', { ...wrong(`user${count}`), headers })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    const next = await hub.ask('/api/login', { ...wrong('x'), headers: from('2001:db8:0:2::1') });
    expect(next.status).toBe(401);
  });

  it('a thousand times elsewhere does not delay the owner, who signs in within a second', async () => {
    const hub = await fromAnywhere();
    const home = from('203.0.113.7');
    const owner = await hub.signIn('alice');
    const body = { username: 'alice', password: testPassword };
    const first = await hub.ask('/api/login', { body, headers: home });
    expect(first.status).toBe(200);
    const failures = await Promise.all(
      Array.from({ length: 1000 }, async (_, count) => {
        const headers = from(`198.51.${100 + Math.floor(count / 250)}.${count % 250}`);
        return (await hub.ask('/api/login', { ...wrong('alice'), headers })).status;
      }),
    );
    expect(failures.filter((status) => status === 429).length).toBeGreaterThan(900);
    const stranger = await hub.ask('/api/login', { body, headers: from('192.0.2.99') });
    expect(stranger.status).toBe(429);

    const begun = performance.now();
    const byAddress = await hub.ask('/api/login', { body, headers: home });
    const byDevice = await hub.ask('/api/login', {
      body,
      headers: { ...from('192.0.2.50'), cookie: owner.cookie },
    });
    expect([byAddress.status, byDevice.status]).toEqual([200, 200]);
    expect(performance.now() - begun).toBeLessThan(1000);
  }, 60_000);

  it("with another user's device cookie gains nothing", async () => {
    const hub = await fromAnywhere();
    const mallory = await hub.signIn('mallory');
    await hub.signIn('alice');
    const statuses: number[] = [];
    for (let count = 0; count < 12; count++) {
      const headers = { ...from(`198.51.100.${count}`), cookie: mallory.cookie };
      statuses.push((await hub.ask('/api/login', { ...wrong('alice'), headers })).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it('is not helped by forged forwarding headers where no proxy is trusted', async () => {
    const hub = await startTestHub();
    const statuses: number[] = [];
    for (let count = 0; count < 21; count++) {
      statuses.push(
        (await hub.ask('/api/login', { ...wrong(`u${count}`), headers: from(`203.0.113.${count}`) })).status,
      );
    }
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('a refresh', () => {
  const refresh = (hub: TestHub, cookie: string): ReturnType<TestHub['ask']> =>
    hub.ask('/api/refresh', { body: {}, headers: { cookie } });

  it('gives a new token and turns the cookie; twenty at once agree on one successor', async () => {
    const hub = await startTestHub();
    const { cookie } = await hub.signIn('alice');
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(hub, cookie)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    const successors = new Set(answers.map(cookieOf));
    expect(successors.size).toBe(1);
    expect([...successors][0]).not.toBe(cookie);
    expect((await hub.ask('/api/me', bearer(String(answers[0]?.json.access_token)))).status).toBe(200);
  });

  it('with an old token ends the login and its sockets, also for who has the newest', async () => {
    const hub = await startTestHub();
    const { cookie, authorization } = await hub.signIn('alice');
    const second = await refresh(hub, cookie);
    const third = await refresh(hub, cookieOf(second));
    expect(third.status).toBe(200);
    const reused = await refresh(hub, cookie);
    expect(reused).toMatchObject({ status: 401, json: { error: { name: 'token-session-ended' } } });
    expect(reused.headers.getSetCookie().join()).toContain('Max-Age=0');
    expect((await refresh(hub, cookieOf(third))).status).toBe(401);
    expect((await hub.ask('/api/me', { headers: authorization })).json.error.name).toBe('token-session-ended');
  });

  it.each([
    ['garbage', 'telltale-refresh-0=garbage'],
    ['a forged one', `telltale-refresh-0=${'A'.repeat(22)}.1.${'A'.repeat(43)}`],
    ['one of prototype names', 'telltale-refresh-0=__proto__'],
  ])('with %s as cookie is refused', async (_case, cookie) => {
    const hub = await startTestHub();
    expect((await refresh(hub, cookie)).status).toBe(401);
  });

  it('with none is answered that there is none: a page asks before it knows', async () => {
    const hub = await startTestHub();
    expect(await refresh(hub, '')).toMatchObject({ status: 200, json: { access_token: null } });
  });

  it('with the cookie twice counts as none: somebody tossed one in', async () => {
    const hub = await startTestHub();
    const { cookie } = await hub.signIn('alice');
    const own = cookie.split('; ').find((pair) => pair.startsWith('telltale-refresh')) ?? '';
    const answer = await refresh(hub, `${own}; telltale-refresh-0=tossed`);
    expect(answer.json).toEqual({ access_token: null });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await refresh(hub, own)).status).toBe(200);
  });

  it('after a logout finds nothing', async () => {
    const hub = await startTestHub();
    const { cookie, authorization } = await hub.signIn('alice');
    const out = await hub.ask('/api/logout', { body: {}, headers: { cookie } });
    expect(out.status).toBe(200);
    expect(out.headers.getSetCookie().join()).toMatch(/telltale-refresh-0=; Max-Age=0/);
    expect((await refresh(hub, cookie)).status).toBe(401);
    expect((await hub.ask('/api/me', { headers: authorization })).status).toBe(401);
  });
});

describe('a token of another backend, signed with the shared secret', () => {
  it('works for a subject the hub does not know, with its own scope', async () => {
    const hub = await startTestHub();
    const answer = await hub.ask(
      '/api/me',
      bearer(mintToken(claims({ subject: 'ci', scope: 'operator' }), testSecret)),
    );
    expect(answer.json).toMatchObject({ username: 'ci', role: 'operator', kind: 'user' });
  });

  it("has a known user's rights, not those it claims", async () => {
    const hub = await startTestHub();
    await hub.signIn('alice', 'viewer');
    const answer = await hub.ask('/api/me', bearer(mintToken(claims({ scope: 'admin' }), testSecret)));
    expect(answer.json).toMatchObject({ username: 'alice', role: 'viewer' });
  });

  it('of a disabled user, of an unknown login and of a foreign login is refused', async () => {
    const hub = await startTestHub();
    const admin = await hub.signIn('root', 'admin');
    await hub.signIn('alice');
    await hub.ask('/api/users/disable', { body: { username: 'alice' }, headers: admin.authorization });
    const nameOf = async (change: Partial<TokenClaims>): Promise<string> =>
      (await hub.ask('/api/me', bearer(mintToken(claims(change), testSecret)))).json.error.name;
    expect(await nameOf({})).toBe('account-disabled');
    expect(await nameOf({ subject: 'ci', sid: 'A'.repeat(22) })).toBe('token-session-ended');
    const { sid } = JSON.parse(Buffer.from(admin.token.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
    expect(await nameOf({ subject: 'ci', sid })).toBe('token-session-ended');
  });
});

describe('the one-time link of a development start', () => {
  it('signs in as administrator once, from the own page only', async () => {
    const hub = await startTestHub();
    const code = hub.hub.startLink?.split('#start=')[1] ?? '';
    expect(code).toMatch(/^[\w-]{32}$/);
    const foreign = await hub.ask('/api/start', { body: { code }, headers: { origin: 'http://localhost:5173' } });
    expect(foreign.status).toBe(403);
    const passedOn = await hub.ask('/api/start', { body: { code }, headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect(passedOn.status).toBe(403);
    expect((await hub.ask('/api/start', { body: { code: 'guess' } })).status).toBe(401);
    const answer = await hub.ask('/api/start', { body: { code } });
    expect((await hub.ask('/api/me', bearer(String(answer.json.access_token)))).json).toMatchObject({ role: 'admin' });
    expect((await hub.ask('/api/start', { body: { code } })).status).toBe(401);
    const login = await hub.ask('/api/login', { body: { username: 'admin', password: '' } });
    expect(login.status).toBe(401);
  });

  it('does not exist in production nor beyond loopback', async () => {
    const production = await startTestHub({ mode: 'production', allowedOrigins: ['http://localhost:8000'] });
    expect(production.hub.startLink).toBeUndefined();
    expect((await production.ask('/api/start', { body: { code: 'x' } })).status).toBe(403);
    expect((await startTestHub({ host: '0.0.0.0' })).hub.startLink).toBeUndefined();
  });
});

describe('users', () => {
  it('are added, listed and changed by administrators, who cannot lock themselves out', async () => {
    const hub = await startTestHub();
    const { authorization: headers } = await hub.signIn('root', 'admin');
    const post = async (path: string, body: unknown): Promise<[number, string]> => {
      const answer = await hub.ask(path, { body, headers });
      return [answer.status, answer.json.error?.name ?? answer.json.role];
    };
    const bob = { username: 'bob', role: 'viewer', password: 'long enough' };
    expect(await post('/api/users', bob)).toEqual([200, 'viewer']);
    expect(await post('/api/users', bob)).toEqual([409, 'user-exists']);
    expect(await post('/api/users', { ...bob, username: 'Bob!' })).toEqual([400, 'bad-request']);
    expect(await post('/api/users', { ...bob, username: 'carl', password: 'short' })).toEqual([400, 'bad-request']);
    expect(await post('/api/users', { ...bob, username: 'carl', name: 'a\u0000b' })).toEqual([400, 'bad-request']);
    expect(await post('/api/users/role', { username: 'bob', role: 'operator' })).toEqual([200, 'operator']);
    expect(await post('/api/users/role', { username: 'nobody', role: 'viewer' })).toEqual([404, 'not-found']);
    expect(await post('/api/users/disable', { username: 'root' })).toEqual([409, 'last-admin']);
    expect(await post('/api/users/role', { username: 'root', role: 'viewer' })).toEqual([409, 'last-admin']);
    expect(await post('/api/users/disable', { username: 'bob' })).toEqual([200, 'operator']);
    expect(await post('/api/users/enable', { username: 'bob' })).toEqual([200, 'operator']);
    expect(await post('/api/users/password', { username: 'bob', password: 'another long one' })).toEqual([
      200,
      'operator',
    ]);
    const login = await hub.ask('/api/login', { body: { username: 'bob', password: 'another long one' } });
    expect(login.status).toBe(200);
    const { users } = (await hub.ask('/api/users', { headers })).json;
    expect(users.map(({ username }: { username: string }) => username)).toEqual(['bob', 'root']);
    expect(JSON.stringify(users)).not.toContain('argon2');
  });

  it.each(['disable', 'role'])('keep one administrator when two %s each other at once', async (how) => {
    // As from a disk that takes its time, so that both requests are judged before either is written.
    const late = async <Result>(run: () => Promise<Result>): Promise<Result> => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return await run();
    };
    const slow = async (directory: string): Promise<Storage> => {
      const storage = await openStorageHere(directory);
      const { setDisabled, setRole } = storage;
      return {
        ...storage,
        setDisabled: (...change) => late(() => setDisabled(...change)),
        setRole: (...change) => late(() => setRole(...change)),
      };
    };
    const hub = await startTestHub({}, { storage: slow });
    const [one, other] = await Promise.all([hub.signIn('one', 'admin'), hub.signIn('other', 'admin')]);
    const against = (username: string, { authorization }: typeof one): Promise<Answer> =>
      hub.ask(`/api/users/${how}`, {
        body: { username, ...(how === 'role' ? { role: 'viewer' } : {}) },
        headers: authorization,
      });
    const answers = await Promise.all([against('other', one), against('one', other)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const { users } = await hub.beside.facts();
    expect(users.filter(({ role, disabled }) => role === 'admin' && disabled === 0)).toHaveLength(1);
  });
});

describe('the log', () => {
  it('holds no password, token, cookie, ticket or start code, whatever happened', async () => {
    const hub = await startTestHub({
      mode: 'production',
      allowedOrigins: ['http://localhost:8000'],
      logLevel: 'debug',
    });
    const development = await startTestHub();
    const secrets: string[] = [];
    for (const one of [hub, development]) {
      const { token, cookie, authorization } = await one.signIn('alice');
      secrets.push(
        token,
        ...token.split('.'),
        testPassword,
        ...cookie.split('; ').map((pair) => pair.split('=')[1] ?? ''),
      );
      await one.ask('/api/login', { body: { username: 'canary-as-name', password: 'canary-password' } });
      await one.ask('/api/login', { body: '{"password":"canary-broken' });
      await one.ask(`/api/me?token=${token}`, { headers: { authorization: 'Bearer canary-bearer' } });
      const { ticket } = (await one.ask('/api/tickets', { body: {}, headers: authorization })).json;
      const code = one.hub.startLink?.split('=')[1] ?? 'canary-code';
      await one.ask('/api/start', { body: { code } });
      const turned = await one.ask('/api/refresh', { body: {}, headers: { cookie } });
      secrets.push(String(ticket), code, cookieOf(turned).split('=')[1] ?? '', String(turned.json.access_token));
      await one.ask(`/ws/?ticket=${ticket}`);
      await one.ask('/api/logout', { body: {}, headers: { cookie } });
    }
    const logged = hub.logged() + development.logged();
    expect(logged).toContain('signed in by password');
    expect(logged).not.toContain('canary-');
    // The first part of a token is the same for all and says only how it is signed.
    const header = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');
    for (const secret of secrets.filter((text) => text !== '' && text !== header)) {
      expect(logged.includes(secret), `a secret of ${secret.length} characters was logged`).toBe(false);
    }
  });
});
