// The HTTP edge of the hub, over real requests: every route has a rule, every answer its headers, no page but an allowed
// one changes anything, and no path leads anywhere but to a route or a built file.

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { raw } from '../testing/raw.ts';
import { type Answer, startTestHub, type TestHub } from '../testing/test-hub.ts';
import type { HubContext } from './context.ts';
import { createOrigins } from './origins.ts';
import { createRoutes } from './routes.ts';
import { createServer } from './server.ts';

const page = '<!doctype html><title>Telltale</title>';

function dashboard(): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), page);
  writeFileSync(join(directory, 'assets', 'app-AbCdEf12.js'), `console.log(${JSON.stringify('x'.repeat(3000))})`);
  writeFileSync(join(directory, 'assets', 'app-AbCdEf12.js.map'), '{}');
  writeFileSync(join(directory, '.env'), 'SECRET=1');
  symlinkSync('/etc/passwd', join(directory, 'passwd.txt'));
  return directory;
}

function expectHeaders(headers: Headers, readers = 'same-origin'): void {
  const policy = headers.get('content-security-policy') ?? '';
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ]) {
    expect(policy.split('; ')).toContain(part);
  }
  expect(policy).not.toMatch(/unsafe|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-resource-policy')).toBe(readers);
}

describe('every route', () => {
  // Only the table is read here, so the parts behind it need not run.
  const context = {
    version: '0.1.0',
    settings: { mode: 'development', metricsToken: undefined, issuer: 'telltale' },
    origins: createOrigins({ mode: 'development', host: 'localhost', allowedOrigins: [] }),
    gateway: {},
    accounts: {},
    agents: {},
    runs: {},
    retention: {},
    connections: {},
    chat: {},
    files: new Map(),
  } as unknown as HubContext;

  it('that Fastify knows has a rule, and the table says which', async () => {
    const routes = createRoutes(context);
    const app = createServer(context, routes);
    await app.ready();
    const known = app.printRoutes({ commonPrefix: false, includeMeta: ['config'] as never });
    expect(known).toContain('/api/users');
    for (const { method, path, rule } of routes) {
      expect(app.hasRoute({ method, url: path }), `${method} ${path}`).toBe(true);
      expect(rule, `${method} ${path}`).toBeTruthy();
    }
    expect(routes.map(({ method, path, rule }) => `${method} ${path} ${rule}`)).toMatchInlineSnapshot(`
      [
        "POST /api/login anyone",
        "POST /api/refresh cookie",
        "POST /api/logout cookie",
        "POST /api/start first-start",
        "GET /api/me reader",
        "POST /api/password login",
        "GET /api/logins login",
        "POST /api/logins/end login",
        "POST /api/tickets viewer",
        "POST /api/publish viewer",
        "GET /api/channels/* reader",
        "POST /api/sessions/end operator",
        "GET /api/users admin",
        "POST /api/users admin",
        "POST /api/users/role admin",
        "POST /api/users/disable admin",
        "POST /api/users/enable admin",
        "POST /api/users/password admin",
        "POST /api/enrol anyone",
        "POST /api/enrolments admin",
        "POST /api/enrolments/end admin",
        "POST /api/agents/revoke admin",
        "POST /api/agents/remove admin",
        "POST /api/agents/machine admin",
        "GET /api/runs viewer",
        "GET /api/runs/:run viewer",
        "POST /api/runs/cancel operator",
        "GET /api/attempts/:attempt operator",
        "GET /api/rooms/:room/messages reader",
        "GET /api/rooms operator",
        "POST /api/rooms operator",
        "POST /api/rooms/rename operator",
        "POST /api/rooms/archive operator",
        "POST /api/rooms/writers operator",
        "POST /api/rooms/members operator",
        "GET /api/retention admin",
        "POST /api/retention admin",
        "GET /api/hub anyone",
        "GET /healthz anyone",
        "GET /readyz anyone",
        "GET /metrics operations",
        "GET /api/download anyone",
        "GET /download/telltale-0.1.0.tgz anyone",
      ]
    `);
    await app.close();
  });

  it('without a rule cannot be registered', () => {
    const app = createServer(context, []);
    expect(() => app.get('/leak', () => 'secret')).toThrow('has no rule');
  });

  it.each([
    ['GET', '/api/logins', 401],
    ['POST', '/api/tickets', 401],
    ['POST', '/api/publish', 401],
    ['POST', '/api/password', 401],
    ['POST', '/api/logins/end', 401],
    ['POST', '/api/sessions/end', 401],
    ['GET', '/api/users', 401],
    ['POST', '/api/users', 401],
    ['POST', '/api/users/role', 401],
    ['POST', '/api/users/disable', 401],
    ['POST', '/api/users/enable', 401],
    ['POST', '/api/users/password', 401],
    ['POST', '/api/enrolments', 401],
    ['POST', '/api/enrolments/end', 401],
    ['POST', '/api/agents/revoke', 401],
    ['POST', '/api/agents/remove', 401],
    ['POST', '/api/agents/machine', 401],
    ['GET', '/api/runs', 401],
    ['GET', '/api/runs/abcdefghijklmnop', 401],
    ['POST', '/api/runs/cancel', 401],
    ['GET', '/api/attempts/abcdefghijklmnopqrstuv', 401],
    ['GET', '/api/rooms', 401],
    ['POST', '/api/rooms', 401],
    ['POST', '/api/rooms/rename', 401],
    ['POST', '/api/rooms/archive', 401],
    ['POST', '/api/rooms/writers', 401],
    ['POST', '/api/rooms/members', 401],
    ['GET', '/api/retention', 401],
    ['POST', '/api/retention', 401],
  ])('%s %s answers nobody', async (method, path, status) => {
    const hub = await startTestHub();
    const answer = await hub.ask(path, method === 'POST' ? { body: {} } : {});
    expect(answer).toMatchObject({ status, json: { error: { code: 4401, name: 'token-missing' } } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it.each(['Bearer', 'Bearer ', 'bearer a b'])(
    'takes %j for a credential that is wrong, not for none',
    async (text) => {
      const hub = await startTestHub();
      expect((await hub.ask('/api/me')).json).toMatchObject({ kind: 'anonymous' });
      expect((await hub.ask('/api/me', { headers: { authorization: text } })).status).toBe(401);
    },
  );

  it('for operators answers 403 to a viewer', async () => {
    const hub = await startTestHub();
    const { authorization: headers } = await hub.signIn('vera', 'viewer');
    expect((await hub.ask('/api/attempts/abcdefghijklmnopqrstuv', { headers })).status).toBe(403);
    expect((await hub.ask('/api/rooms', { headers })).status).toBe(403);
    for (const path of ['rooms', 'rooms/rename', 'rooms/archive', 'rooms/writers', 'rooms/members', 'sessions/end']) {
      expect((await hub.ask(`/api/${path}`, { body: { room: 'general' }, headers })).status).toBe(403);
    }
  });

  it('for administrators answers 403 to an operator', async () => {
    const hub = await startTestHub();
    const { authorization: headers } = await hub.signIn('olga', 'operator');
    expect((await hub.ask('/api/users', { headers })).status).toBe(403);
    const body = { username: 'olga', role: 'admin' };
    expect((await hub.ask('/api/users/role', { body, headers })).status).toBe(403);
    expect((await hub.ask('/api/enrolments', { body: {}, headers })).status).toBe(403);
    for (const decision of ['revoke', 'remove', 'machine']) {
      expect((await hub.ask(`/api/agents/${decision}`, { body: { agent: 'web-1' }, headers })).status).toBe(403);
    }
  });
});

describe('every answer', () => {
  const asks: readonly [string, Parameters<TestHub['ask']>[1], number][] = [
    ['/', {}, 200],
    ['/users', {}, 200],
    ['/assets/app-AbCdEf12.js', {}, 200],
    ['/api/hub', {}, 200],
    ['/healthz', {}, 200],
    ['/readyz', {}, 200],
    ['/metrics', {}, 200],
    ['/api/users', {}, 401],
    ['/api/login', { body: { username: 'x', password: 'y' } }, 401],
    ['/api/login', { body: '{' }, 400],
    ['/api/login', { body: '{"__proto__":{"a":1}}' }, 400],
    ['/api/login', { body: '[]' }, 400],
    ['/api/login', { body: { username: 'x', password: 'y', role: 'admin' } }, 400],
    ['/api/login', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 415],
    ['/api/login', { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415],
    ['/api/login', { body: JSON.stringify({ username: 'x'.repeat(600_000) }) }, 413],
    ['/api/login', {}, 405],
    ['/api/me', { body: {} }, 405],
    ['/api/me', { method: 'DELETE' }, 405],
    ['/api/nothing', {}, 404],
    ['/nothing.txt', {}, 404],
    ['/api/login', { body: {}, headers: { origin: 'https://evil.example' } }, 403],
    ['/ws/', {}, 426],
    ['/ws/nothing/', {}, 404],
    ['/ws/attempts/abcdefghijklmnopqrstuv', {}, 200],
  ];
  it.each(asks)('of %s %j is %i and carries the headers', async (path, options, status) => {
    const hub = await startTestHub({}, { dashboard: dashboard() });
    const answer = await hub.ask(path, options);
    expect(answer.status, answer.text).toBe(status);
    // What became of an attempt is for the page that made it, whatever its origin (REF8).
    expectHeaders(answer.headers, path.startsWith('/ws/attempts/') ? 'cross-origin' : 'same-origin');
    if (path.startsWith('/api/')) expect(answer.headers.get('cache-control')).toBe('no-store');
    if (status >= 400 && !path.startsWith('/ws/')) {
      expect(answer.json.error).toMatchObject({ code: expect.any(Number), name: expect.any(String) });
      expect(answer.json.error.message.length).toBeGreaterThan(10);
    }
  });

  it('to bytes that are no request carries them too', async () => {
    const hub = await startTestHub();
    const answer = await raw(hub, 'NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain("default-src 'none'");
    expect(answer).toContain('nosniff');
    const long = (bytes: number): string =>
      `GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx: ${'y'.repeat(bytes)}\r\n\r\n`;
    for (const bytes of [20_000, 70_000, 70_000]) {
      const refused = await raw(hub, long(bytes));
      expect(refused).toMatch(/^HTTP\/1\.1 431 /);
      expect(refused).toContain('"name":"headers-too-large"');
      expect(refused).toContain('nosniff');
    }
    expect(hub.logged(), 'they were no attempts to connect').not.toContain('headers-too-large');
  });

  it('allows sockets to the own host', async () => {
    const hub = await startTestHub();
    const { headers } = await hub.ask('/api/hub');
    expect(headers.get('content-security-policy')).toContain(`connect-src 'self' ws://127.0.0.1:${hub.hub.port};`);
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  it('of an https hub insists on https', async () => {
    const hub = await startTestHub({ mode: 'production', allowedOrigins: ['https://ops.example.com'] });
    const { headers } = await hub.ask('/api/hub');
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
    expect(headers.get('content-security-policy')).toContain("connect-src 'self' wss://ops.example.com;");
  });

  it('by plain HTTP under a name holds no header that browsers complain of there', async () => {
    const hub = await startTestHub({ allowedOrigins: ['http://ops.example'] });
    const get = (host: string): Promise<string> =>
      raw(hub, `GET /healthz HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    expect(await get('ops.example')).toMatch(/^HTTP\/1\.1 200 (?!.*cross-origin-opener-policy)/is);
    expect(await get('localhost')).toMatch(/^HTTP\/1\.1 200 .*cross-origin-opener-policy: same-origin/is);
  });

  it('to a failure inside tells nothing of it', async () => {
    const hub = await startTestHub();
    const { authorization: headers } = await hub.signIn('root', 'admin');
    await hub.beside.close();
    const answer = await hub.ask('/api/channels/%E0%A4%A/messages', { headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toMatch(/at .*\.ts|node_modules|\/src\//);
  });
});

describe('a request that changes something', () => {
  const rows: readonly [string, Record<string, string>, number][] = [
    ['of the own page', {}, 401],
    ['of a program, without an origin', { origin: '' }, 401],
    ['of another loopback page, in development', { origin: 'http://localhost:5173' }, 401],
    ['of a foreign page', { origin: 'https://evil.example' }, 403],
    ['of a page without an origin of its own', { origin: 'null' }, 403],
    ['of a page whose name begins like ours', { origin: 'http://127.0.0.1.evil.example' }, 403],
  ];
  it.each(rows)('%s', async (_case, headers, status) => {
    const hub = await startTestHub();
    const given = { 'content-type': 'application/json', ...headers };
    if (given['origin' as keyof typeof given] === '') {
      const response = await fetch(`${hub.base}/api/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"username":"x","password":"y"}',
      });
      expect(response.status).toBe(status);
      return;
    }
    const answer = await hub.ask('/api/login', { body: { username: 'x', password: 'y' }, headers: given });
    expect(answer.status).toBe(status);
  });

  it('by cookie needs the own origin, nothing less', async () => {
    const hub = await startTestHub();
    const { cookie } = await hub.signIn('alice');
    const foreign: readonly Record<string, string>[] = [
      { origin: 'http://localhost:5173' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of foreign) {
      expect((await hub.ask('/api/refresh', { body: {}, headers: { cookie, ...headers } })).status).toBe(403);
    }
    const silent = await fetch(`${hub.base}/api/refresh`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(silent.status).toBe(403);
    expect((await hub.ask('/api/refresh', { body: {}, headers: { cookie } })).status).toBe(200);
    // A page asks before it knows whether anybody is signed in: nobody is no failure.
    const nobody = await hub.ask('/api/refresh', { body: {} });
    expect(nobody).toMatchObject({ status: 200, json: { access_token: null } });
  });

  it('never happens by GET', async () => {
    const hub = await startTestHub();
    const { cookie } = await hub.signIn('alice');
    for (const path of ['/api/logout', '/api/refresh', '/api/tickets', '/api/publish']) {
      expect((await hub.ask(path, { headers: { cookie } })).status).toBe(405);
    }
  });
});

describe('a page of another origin', () => {
  const production = {
    mode: 'production',
    allowedOrigins: ['https://ops.example.com', 'https://app.example.com'],
  } as const;
  const preflight = (hub: TestHub, path: string, origin: string): Promise<Answer> =>
    hub.ask(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it.each([
    '/api/login',
    '/api/tickets',
    '/api/me',
    '/api/publish',
    '/api/channels/chat/general/messages',
    '/api/rooms/general/messages',
  ])('that is allowed may use %s, preflight included, without cookies', async (path) => {
    const hub = await startTestHub(production);
    const before = await preflight(hub, path, 'https://app.example.com');
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(before.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect(before.headers.get('access-control-allow-credentials')).toBeNull();
    expect(before.headers.get('vary')).toContain('Origin');
    const post = ['/api/login', '/api/tickets', '/api/publish'].includes(path);
    const after = await hub.ask(path, {
      ...(post ? { body: {} } : {}),
      headers: { origin: 'https://app.example.com' },
    });
    expect(after.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });

  it.each(['https://evil.example', 'null', 'http://localhost:5173', 'https://ops.example.com.evil.example'])(
    'like %s gets no permission in production',
    async (origin) => {
      const hub = await startTestHub(production);
      for (const answer of [
        await preflight(hub, '/api/login', origin),
        await hub.ask('/api/me', { headers: { origin } }),
      ]) {
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(answer.headers.get('access-control-allow-methods')).toBeNull();
      }
    },
  );

  it.each(['/api/refresh', '/api/logout', '/api/users', '/api/password', '/api/hub'])(
    'that is allowed may still not use %s',
    async (path) => {
      const hub = await startTestHub(production);
      const answer = await preflight(hub, path, 'https://app.example.com');
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});

describe('in development the hub answers to', () => {
  it.each([
    ['localhost', 200],
    ['localhost:8000', 200],
    ['127.0.0.1', 200],
    ['[::1]:8000', 200],
    ['rebound.example', 403],
    ['localhost.evil.example', 403],
    ['', 400],
  ])('the host "%s" with %i', async (host, status) => {
    const hub = await startTestHub();
    const answer = await raw(
      hub,
      `GET /api/hub HTTP/1.1\r\n${host === '' ? '' : `host: ${host}\r\n`}connection: close\r\n\r\n`,
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (status === 403) expect(answer).toContain('host-not-allowed');
  });
});

describe('the dashboard', () => {
  it('is served with its page for app routes, and hashed files for good', async () => {
    const hub = await startTestHub({}, { dashboard: dashboard() });
    for (const path of ['/', '/users', '/agents/local', '/agents/web-1.example', '/chat/agent.local', '/?x=1']) {
      const answer = await hub.ask(path);
      expect(answer.text, path).toBe(page);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
    const script = await hub.ask('/assets/app-AbCdEf12.js', { headers: { 'accept-encoding': 'gzip' } });
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(script.headers.get('content-encoding')).toBe('gzip');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.text).toContain('console.log');
    const etag = (await hub.ask('/')).headers.get('etag') ?? '';
    expect((await hub.ask('/', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await hub.ask('/', { method: 'HEAD' })).status).toBe(200);
  });

  it('that was not built says so', async () => {
    const hub = await startTestHub({}, { dashboard: temporaryDirectory() });
    expect((await hub.ask('/')).json.error.message).toBe('The dashboard has not been built.');
  });

  it.each([
    '/../package.json',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%5c..%5cetc%5cpasswd',
    '/assets/../index.html',
    '//etc/passwd',
    '/etc/passwd',
    '/passwd.txt',
    '/%00',
    '/index.html%00.js',
    '/.git/config',
    '/.env',
    '/assets/app-AbCdEf12.js.map',
    '/ASSETS/app-AbCdEf12.js',
    '/assets/',
    '/%c0%ae%c0%ae/etc/passwd',
    '/%252e%252e/etc/passwd',
    'http://evil.example/index.html',
  ])('gives nothing for %s', async (target) => {
    const hub = await startTestHub({}, { dashboard: dashboard() });
    const answer = await raw(hub, `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[0-9] |<!doctype html><title>Telltale/);
    expect(answer).not.toMatch(/root:|SECRET|workspaces|"version"/);
    // Without a dot it is an app route: its page, and nothing from the disk.
    if (target !== '/etc/passwd') expect(answer).toMatch(/^HTTP\/1\.1 40[0-9] /);
  });
});

describe('what is measured', () => {
  it('is for this machine, or for whoever has the token', async () => {
    const token = 'canary-metrics-token';
    const hub = await startTestHub({ metricsToken: token });
    const here = await hub.ask('/metrics');
    expect(here.status).toBe(200);
    for (const name of [
      'telltale_sessions',
      'telltale_attempts_total',
      'telltale_messages_in_total',
      'telltale_messages_out_total',
      'telltale_bytes_out_total',
      'telltale_flushes_total',
      'telltale_joined_total',
      'telltale_message_writes_total',
      'telltale_fell_behind_total',
      'telltale_catch_ups_total',
      'telltale_catch_up_frames_total',
      'telltale_catch_up_frames_shared_total',
      'telltale_gaps_total',
      'telltale_gap_messages_total',
      'telltale_subscriptions_behind',
      'telltale_sessions_behind',
      'telltale_behind_seconds',
      'telltale_unanswered_bytes',
      'telltale_log_bytes',
      'telltale_evictions_total',
      'telltale_event_loop_delay_seconds{quantile="0.99"}',
    ]) {
      expect(here.text).toMatch(new RegExp(`^${name.replace(/[{}."]/g, '\\$&')} \\d`, 'm'));
    }
    const passedOn = { 'x-forwarded-for': '203.0.113.7' };
    expect((await hub.ask('/metrics', { headers: passedOn })).status).toBe(404);
    // As a proxy on this machine asks that adds nothing: fetch does not let a test choose the host.
    const named = await raw(
      await startTestHub({ allowedOrigins: ['http://ops.example'] }),
      'GET /metrics HTTP/1.1\r\nhost: ops.example\r\nconnection: close\r\n\r\n',
    );
    expect(named).toMatch(/^HTTP\/1\.1 404 /);
    const wrong = { ...passedOn, authorization: 'Bearer wrong' };
    expect((await hub.ask('/metrics', { headers: wrong })).status).toBe(404);
    const right = { ...passedOn, authorization: `Bearer ${token}` };
    expect((await hub.ask('/metrics', { headers: right })).status).toBe(200);
  });

  it('counts refusals and ends by code, in series no stranger can multiply', async () => {
    const hub = await startTestHub();
    for (let count = 0; count < 5; count++) {
      await raw(
        hub,
        `GET /ws/?token=garbage${count} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
          'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
    }
    const { text } = await hub.ask('/metrics');
    expect(text).toMatch(/telltale_refusals_total\{code="4401",name="token-malformed"\} [5-9]/);
    expect(text).not.toContain('garbage');
    expect(hub.logged()).not.toContain('garbage');
  });
});
