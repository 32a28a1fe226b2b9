// A real hub for one test: free port, own directory, database in the test's own thread because the tests run from
// source, every log line kept.

import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createPasswords } from '../accounts/passwords.ts';
import { type Hub, type HubOptions, startHub } from '../hub.ts';
import type { Settings } from '../settings.ts';
import { openStorageHere, type Storage } from '../storage/storage.ts';
import { temporaryDirectory } from './directory.ts';

export const testSecret = 'kX9-v2!pQ7zR4tY8wB3nM6cL1dF5gH0j';
export const testPassword = 'correct horse battery';

export function testSettings(changes: Partial<Settings> = {}): Settings {
  return {
    mode: 'development',
    host: '127.0.0.1',
    port: 0,
    dataDir: temporaryDirectory(),
    secret: testSecret,
    allowedOrigins: [],
    allowHttp: false,
    issuer: 'telltale',
    audience: 'telltale',
    jwks: undefined,
    adminPassword: undefined,
    trustedProxies: [],
    metricsToken: undefined,
    chatRate: 5,
    logLevel: 'debug',
    ...changes,
  };
}

export interface TestHub {
  readonly hub: Hub;
  readonly settings: Settings;
  /** `http://127.0.0.1:<port>`. */
  readonly base: string;
  /** Another connection to the same database, as the command has one. */
  readonly beside: Storage;
  /** Everything logged so far. */
  readonly logged: () => string;
  /** A request from the hub's own page unless headers say otherwise; a body makes it a POST of JSON. */
  ask(path: string, options?: { body?: unknown; headers?: Record<string, string>; method?: string }): Promise<Answer>;
  /** Adds a user with `testPassword` and signs in. */
  signIn(username: string, role?: 'viewer' | 'operator' | 'admin'): Promise<SignedInBrowser>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into answers of every shape
  readonly json: any;
}

export interface SignedInBrowser {
  readonly token: string;
  /** Value for a `Cookie` header. */
  readonly cookie: string;
  readonly authorization: { readonly authorization: string };
}

/** The `Cookie` header a browser would send after these answers. */
export function cookieOf(answer: Answer): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

export async function startTestHub(
  changes: Partial<Settings> = {},
  options: Pick<HubOptions, 'dashboard' | 'localAgent' | 'monotonic' | 'packed' | 'storage'> = {},
): Promise<TestHub> {
  const settings = testSettings(changes);
  const lines: string[] = [];
  const logSink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const hub = await startHub({ settings, logSink, storage: openStorageHere, localAgent: 'off', ...options });
  onTestFinished(() => hub.stop());
  const beside = await openStorageHere(settings.dataDir);
  onTestFinished(() => beside.close());
  const base = `http://127.0.0.1:${hub.port}`;
  const own = settings.allowedOrigins[0] ?? base;

  const ask: TestHub['ask'] = async (path, { body, headers = {}, method } = {}) => {
    const post = body !== undefined;
    const response = await fetch(base + path, {
      method: method ?? (post ? 'POST' : 'GET'),
      headers: { ...(post ? { origin: own, 'content-type': 'application/json' } : {}), ...headers },
      redirect: 'manual',
      ...(post ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };

  return {
    hub,
    settings,
    base,
    beside,
    logged: () => lines.join(''),
    ask,
    async signIn(username, role = 'viewer') {
      const hash = await createPasswords().hash(testPassword);
      await beside.addUser({ username, name: null, role, hash, now: Date.now() });
      const answer = await ask('/api/login', { body: { username, password: testPassword } });
      if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status} ${answer.text}`);
      const token = String(answer.json.access_token);
      return { token, cookie: cookieOf(answer), authorization: { authorization: `Bearer ${token}` } };
    },
  };
}
