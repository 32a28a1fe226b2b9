// A hub for tests of machines on the screen: in this process, with one administrator who signs in by the form, and machines
// that report by plain frames.

import { Writable } from 'node:stream';
import { openStorageHere, readSettings, startHub, type Hub } from '@telltale/hub';
import type { Enrolment } from '@telltale/hub/api';
import type { Visitor } from './browser.ts';
import { temporaryDirectory, testPassword } from './hub-process.ts';
import { startPlainAgent, type PlainAgent } from './plain-agents.ts';

export interface AgentsHub extends AsyncDisposable {
  readonly hub: Hub;
  readonly url: string;
  /** Enrols a machine, which says what it is and sends a sample; its line ends with the hub. */
  enrol(name: string): Promise<PlainAgent>;
  /** An administrator ends the token that waits under a name. */
  endEnrolment(name: string): Promise<void>;
  /** The administrator opens a page. */
  signIn(visitor: Visitor, path: string): Promise<void>;
}

/** @param dataDir where the hub finds what an earlier one has kept; default: nothing */
export async function startAgentsHub(dataDir: string = temporaryDirectory()): Promise<AgentsHub> {
  const read = readSettings({
    env: {},
    flags: { port: '0', dataDir, adminPassword: testPassword },
  });
  if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const hub = await startHub({ settings: read.settings, storage: openStorageHere, logSink: nowhere });
  const agents: PlainAgent[] = [];
  const ask = async <Answer>(path: string, body: object, token?: string): Promise<Answer> => {
    const response = await fetch(hub.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  };
  const login = { username: 'admin', password: testPassword };
  const { access_token: admin } = await ask<{ access_token: string }>('/api/login', login);
  return {
    hub,
    url: hub.url,
    async enrol(name) {
      const { token } = await ask<Enrolment>('/api/enrolments', { name }, admin);
      const agent = await startPlainAgent({ url: hub.url, agent: name, enrolment: token });
      agents.push(agent);
      await agent.socket.frame('welcome');
      agent.tell();
      agent.sample(40);
      return agent;
    },
    async endEnrolment(name) {
      await ask('/api/enrolments/end', { name }, admin);
    },
    async signIn({ page, sees }, path) {
      await page.emulateMedia({ reducedMotion: 'reduce' });
      await page.goto(`${hub.url}/sign-in`);
      await page.getByLabel('User').fill('admin');
      await page.getByLabel('Password').fill(testPassword);
      await page.keyboard.press('Enter');
      await sees(/Live/);
      await page.goto(hub.url + path);
      await sees(/Live/);
    },
    async [Symbol.asyncDispose]() {
      for (const agent of agents) agent[Symbol.dispose]();
      await hub.stop();
    },
  };
}
