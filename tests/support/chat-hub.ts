// A hub for tests of chat on the screen: in this process, with people who sign in by the form, and a plain client's token
// for anybody.

import { Writable } from 'node:stream';
import type { ChatPage, ChatPost, Enrolment } from '@telltale/hub/api';
import { openStorageHere, readSettings, startHub, type Hub } from '@telltale/hub';
import type { ErrorFrame, ResultFrame } from '@telltale/protocol';
import { mintToken } from '../../packages/hub/src/accounts/access-token.ts';
import type { Visitor } from './browser.ts';
import { freePort, temporaryDirectory, testPassword, testSecret } from './hub-process.ts';
import { startPlainAgent, type PlainAgent } from './plain-agents.ts';
import { openPlainSocket, type PlainSocket } from './plain-socket.ts';

export interface ChatHub extends AsyncDisposable {
  readonly hub: Hub;
  readonly port: number;
  tokenOf(subject: string, scope?: 'viewer' | 'operator'): string;
  /** Enrols a machine that reports by plain frames, and lets it say of itself what `status` has. */
  agent(name: string, status?: Readonly<Record<string, unknown>>): Promise<PlainAgent>;
  /** A socket that knows nothing of ours. */
  plain(path: string, subject: string): PlainSocket;
  /** Publishes by a plain socket and waits for the answer. */
  say(socket: PlainSocket, channel: string, data: ChatPost): Promise<ResultFrame | ErrorFrame>;
  page(room: string, limit?: number): Promise<ChatPage>;
  signIn(visitor: Visitor, user: string, path?: string): Promise<void>;
}

/** @param users who have accounts, viewers all but `olga`, who is an operator */
export async function startChatHub(users: readonly string[]): Promise<ChatHub> {
  const port = await freePort();
  const read = readSettings({
    env: {
      TELLTALE_MODE: 'production',
      TELLTALE_SECRET: testSecret,
      TELLTALE_ALLOWED_ORIGINS: `http://localhost:${port}`,
      TELLTALE_ADMIN_PASSWORD: testPassword,
    },
    flags: { port: String(port), host: '127.0.0.1', dataDir: temporaryDirectory() },
  });
  if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
  const hub = await startHub({
    settings: { ...read.settings, chatRate: 100_000 },
    storage: openStorageHere,
    logSink: new Writable({ write: (_chunk, _encoding, done) => done() }),
  });
  const ask = async <Answer>(path: string, options: { token?: string; body?: object } = {}): Promise<Answer> => {
    const { token, body } = options;
    const response = await fetch(hub.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  const login = { username: 'admin', password: testPassword };
  const { access_token: admin } = await ask<{ access_token: string }>('/api/login', { body: login });
  for (const username of users) {
    const role = username === 'olga' ? 'operator' : 'viewer';
    await ask('/api/users', { token: admin, body: { username, role, password: testPassword } });
  }
  const tokenOf: ChatHub['tokenOf'] = (subject, scope = 'viewer') => {
    const issuedAt = Math.floor(Date.now() / 1000);
    const facts = { issuer: 'telltale', audience: 'telltale', subject, scope, issuedAt, expiresAt: issuedAt + 3_600 };
    return mintToken(facts, testSecret);
  };
  let id = 0;
  return {
    hub,
    port,
    tokenOf,
    async agent(name, status) {
      const { token } = await ask<Enrolment>('/api/enrolments', { token: admin, body: { name } });
      const agent = await startPlainAgent({ url: hub.url, agent: name, enrolment: token });
      await agent.socket.frame('welcome');
      agent.tell(status);
      return agent;
    },
    plain: (path, subject) => openPlainSocket(`ws://127.0.0.1:${port}${path}?token=${tokenOf(subject)}`),
    async say(socket, channel, data) {
      id += 1;
      const asked = id;
      socket.send({ type: 'publish', id: asked, channel, data });
      const find = (): ResultFrame | ErrorFrame | undefined =>
        socket.frames.find(
          (frame): frame is ResultFrame | ErrorFrame =>
            (frame.type === 'result' || frame.type === 'error') && frame.id === asked,
        );
      while (find() === undefined && socket.ended === undefined) await new Promise((resolve) => setTimeout(resolve, 2));
      const answer = find();
      if (answer === undefined) throw new Error(`the socket ended ${JSON.stringify(socket.ended)}`);
      return answer;
    },
    page: (room, limit = 200) =>
      ask<ChatPage>(`/api/rooms/${room}/messages?limit=${limit}`, { token: tokenOf('reader') }),
    async signIn({ page, sees }, user, path = '/') {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.goto(`${hub.url}/sign-in`);
      await page.getByLabel('User').fill(user);
      await page.getByLabel('Password').fill(testPassword);
      await page.keyboard.press('Enter');
      await sees(/Live/);
      if (path !== '/') {
        await page.goto(hub.url + path);
        await sees(/Live/);
      }
    },
    [Symbol.asyncDispose]: () => hub.stop(),
  };
}
