// Credentials of every kind are used, rightly and wrongly, at every place that takes one; afterwards neither the hub's
// output nor its metrics, answers, close reasons or files hold any of them, in any form.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startHubProcess, testPassword, testSecret, type HubProcess } from './support/hub-process.ts';
import { openPlainSocket } from './support/plain-socket.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookies: readonly string[];
}

/** Every form in which a secret could lie somewhere. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // In the middle of other text, base64 begins at one of three places in a byte triple.
  const inside = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift, 'x'), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
    JSON.stringify(secret).slice(1, -1),
    ...inside,
    // Cut off, it is still most of the secret.
    ...(secret.length >= 32 ? [secret.slice(-24)] : []),
  ].filter((form) => form.length >= 8);
}

/** The parts of a token that only its holder knows; its header is the same for all. */
function partsOf(token: string): readonly string[] {
  const [, ...parts] = token.split('.');
  return parts.length < 2 ? [token] : [token.slice(token.indexOf('.') + 1), ...parts];
}

class Vault {
  readonly #secrets = new Map<string, string>();
  /** Keeps a secret under a name; answers with it. */
  keep(name: string, secret: string): string {
    for (const part of partsOf(secret)) this.#secrets.set(`${name} ${part.length}`, part);
    return secret;
  }
  /** Names of what is found in a text, and where it begins. */
  foundIn(text: string): readonly string[] {
    return [...this.#secrets].flatMap(([name, secret]) =>
      formsOf(secret)
        .filter((form) => text.includes(form))
        .map((form) => `${name}: …${text.slice(Math.max(0, text.indexOf(form) - 60), text.indexOf(form))}<here>`),
    );
  }
}

async function ask(
  hub: HubProcess,
  path: string,
  options: { body?: unknown; headers?: Record<string, string>; method?: string } = {},
): Promise<Answer> {
  const { body, headers = {}, method = body === undefined ? 'GET' : 'POST' } = options;
  const response = await fetch(hub.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json', origin: hub.url }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text(), cookies: response.headers.getSetCookie() };
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

it.each(['development', 'production'] as const)(
  '[REF7] in %s no output, metric, answer, close reason or file holds a credential',
  async (mode) => {
    await using hub = await startHubProcess({
      mode,
      env: { TELLTALE_LOG_LEVEL: 'debug', TELLTALE_METRICS_TOKEN: 'metrics-canary-8Hq2xv' },
    });
    const vault = new Vault();
    const answers: string[] = [];
    const seen = (answer: Answer): void => {
      // A login's own answer is the token.
      expect(answer.text).not.toMatch(/"(access_token|ticket)"/);
      answers.push(answer.text);
    };
    if (mode === 'production') vault.keep('secret', testSecret);
    vault.keep('metrics token', 'metrics-canary-8Hq2xv');
    vault.keep('password', testPassword);

    // Passwords: right, wrong, in a body that is no JSON, under a wrong name, in the query.
    await hub.command(['user', 'add', 'mara', '--role', 'admin'], `${testPassword}\n`);
    const login = await ask(hub, '/api/login', { body: { username: 'mara', password: testPassword } });
    expect(login.status).toBe(200);
    const token = vault.keep('access token', (JSON.parse(login.text) as { access_token: string }).access_token);
    const cookie = login.cookies.map((text) => text.split(';')[0]).join('; ');
    for (const pair of cookie.split('; ')) vault.keep('cookie', pair.slice(pair.indexOf('=') + 1));
    const wrong = vault.keep('wrong password', 'wrong-canary-71-%41/"quote');
    for (const body of [
      { username: 'mara', password: wrong },
      { username: wrong, password: 'x' },
      { username: 'mara', passwort: wrong },
      { username: 'mara', password: [wrong] },
      `{"username":"mara","password":"${wrong}`,
    ]) {
      seen(await ask(hub, '/api/login', { body }));
    }
    seen(await ask(hub, `/api/login?password=${encodeURIComponent(wrong)}`));
    seen(await ask(hub, `/${encodeURIComponent(wrong)}`));
    seen(await ask(hub, '/api/password', { body: { current: wrong, password: wrong }, headers: bearer(token) }));

    // Tokens: every place of an upgrade, right, cut, expired, twice; and as a Bearer.
    const expired = vault.keep('expired token', await hub.token('late', '--ttl', '1s'));
    const minted = vault.keep('minted token', await hub.token('program', '--name', 'A program'));
    const cut = vault.keep('cut token', `${minted.slice(0, -6)}canary`);
    const garbage = vault.keep('garbage', 'garbage-canary-5Zt0-not-a-token');
    const reasons: string[] = [];
    const attempt = async (path: string, headers: Record<string, string> = {}): Promise<void> => {
      using socket = openPlainSocket(hub.socketUrl(path), headers);
      const isLet = socket.frame('welcome', undefined, 5000).then(
        () => true,
        () => false,
      );
      const isRefused = socket.end(5000).then(
        ({ reason }) => {
          reasons.push(reason);
          return false;
        },
        () => true,
      );
      await Promise.race([isLet, isRefused]);
      reasons.push(...socket.texts);
    };
    for (const one of [minted, cut, expired, garbage]) {
      await attempt(`/ws/dashboard/?token=${one}`);
      await attempt(`/ws/dashboard/?token=${one}`, { origin: hub.url });
      await attempt('/ws/dashboard/', { authorization: `Bearer ${one}` });
      await attempt('/ws/dashboard/', { 'sec-websocket-protocol': `telltale.v1, bearer.${one}` });
      await attempt(`/ws/dashboard/?ticket=${one}`);
      await attempt(`/ws/dashboard/?token=${one}&token=${one}`);
      // Nobody can know that a word of a path, or an attempt's public name, is a secret, unless it looks like a token.
      if (one !== garbage) {
        await attempt(`/ws/${one}/?token=${one}`);
        await attempt(`/ws/dashboard/?attempt=${one}`);
      }
      await attempt('/ws/dashboard/', { 'user-agent': 'watcher', cookie: `access_token=${one}` });
      seen(await ask(hub, '/api/me', { headers: bearer(one) }));
      seen(await ask(hub, `/api/me?token=${one}`));
      seen(await ask(hub, `/ws/dashboard/?token=${one}`));
      seen(
        await ask(hub, '/api/publish', { body: { channel: 'chat/general', data: { text: '' } }, headers: bearer(one) }),
      );
      seen(await ask(hub, '/metrics', { headers: bearer(one) }));
    }
    using live = openPlainSocket(hub.socketUrl(`/ws/?token=${minted}`));
    await live.frame('welcome');
    live.send({ type: 'authenticate', id: 1, token: garbage });
    reasons.push((await live.frame('error', ({ id }) => id === 1)).message);
    live.send({ type: 'authenticate', id: 2, token: { not: garbage } });

    // A ticket: bought, spent, spent again, and spent from another origin.
    const bought = await ask(hub, '/api/tickets', { body: {}, headers: bearer(token) });
    const ticket = vault.keep('ticket', (JSON.parse(bought.text) as { ticket: string }).ticket);
    for (const origin of [hub.url, hub.url, 'http://elsewhere.localhost:1']) {
      await attempt(`/ws/?ticket=${ticket}`, { origin });
    }

    // The refresh cookie: used, used again when it is old, and tampered with.
    const refreshed = await ask(hub, '/api/refresh', { body: {}, headers: { cookie } });
    expect(refreshed.status).toBe(200);
    vault.keep('second token', (JSON.parse(refreshed.text) as { access_token: string }).access_token);
    for (const text of refreshed.cookies) vault.keep('second cookie', /=([^;]*)/.exec(text)?.[1] ?? '');
    const tampered = cookie.replace(/(refresh[^=]*=)(.)/, (_, name: string, first: string) => `${name}${first}x`);
    seen(await ask(hub, '/api/refresh', { body: {}, headers: { cookie: tampered } }));
    seen(await ask(hub, '/api/refresh', { body: {}, headers: { cookie, origin: 'http://elsewhere.localhost:1' } }));
    seen(await ask(hub, '/api/logout', { body: {}, headers: { cookie } }));
    seen(await ask(hub, '/api/refresh', { body: {}, headers: { cookie } }));

    // The one-time code: the link is printed once, for the person in front of the terminal; the log has it never.
    let printed = hub.output();
    if (mode === 'development') {
      const link = hub.startLink();
      const code = link.slice(link.indexOf('#start=') + 7);
      expect(printed.split(code)).toHaveLength(2);
      printed = printed.replace(code, '');
      vault.keep('start code', code);
      seen(await ask(hub, '/api/start', { body: { code: `${code}x` } }));
      expect((await ask(hub, '/api/start', { body: { code } })).status).toBe(200);
      seen(await ask(hub, '/api/start', { body: { code } }));
      seen(await ask(hub, `/api/start?code=${code}`));
      printed = hub.output().replace(code, '');
    }
    seen(await ask(hub, '/metrics', { headers: bearer('metrics-canary-8Hq2xv') }));
    expect(answers.at(-1)).toMatch(/telltale_/);
    await hub.interrupt();
    printed = mode === 'development' ? hub.output().replace(/#start=\S+/, '') : hub.output();

    // There was something to find: attempts and refusals are all told.
    expect(printed).toMatch(/Connection attempt/);
    expect(printed.match(/token-malformed|token-/g)?.length).toBeGreaterThan(5);
    expect(vault.foundIn(`before ${minted} after`)).not.toEqual([]);
    expect(vault.foundIn(Buffer.from(`before ${garbage} after`).toString('base64'))).not.toEqual([]);

    expect(vault.foundIn(printed), 'output').toEqual([]);
    expect(
      answers.flatMap((text) => vault.foundIn(text)),
      'answers',
    ).toEqual([]);
    expect(
      reasons.flatMap((text) => vault.foundIn(text)),
      'frames and close reasons',
    ).toEqual([]);
    const files = readdirSync(hub.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.map(({ name }) => name)).toContain('telltale.db');
    for (const { name, parentPath } of files) {
      expect(vault.foundIn(readFileSync(join(parentPath, name), 'latin1')), name).toEqual([]);
    }
  },
);
