// An agent for tests of a whole hub: enrolled over HTTP as a machine would be, with its lines.

import { mintToken } from '../accounts/access-token.ts';
import type { AgentRow } from '../api.ts';
import { connect, isWelcome, type Line } from './line.ts';
import { type Answer, type TestHub, testSecret } from './test-hub.ts';
import { bearer, claims } from './tokens.ts';

export const testMachine = 'machine-of-the-test-1';

export interface TestAgent {
  readonly agent: string;
  readonly credential: string;
  /** A line at a path below the prefix, from its own machine unless another is named. */
  line(path?: string, machine?: string | null): Line;
}

/** Headers of an administrator `root`, who has no account: the tests are of agents, not of passwords. */
export function asRoot(): { readonly authorization: string } {
  const { headers } = bearer(mintToken(claims({ subject: 'root', scope: 'admin' }), testSecret));
  return { authorization: headers['authorization'] ?? '' };
}

/** A request of `root`. */
export async function askAsRoot(hub: TestHub, path: string, body: unknown): Promise<Answer> {
  return await hub.ask(path, { body, headers: asRoot() });
}

/** Makes an enrolment and answers its token. */
export async function invite(hub: TestHub, name?: string): Promise<string> {
  const answer = await askAsRoot(hub, '/api/enrolments', name === undefined ? {} : { name });
  if (answer.status !== 200) throw new Error(`the enrolment answered ${answer.status} ${answer.text}`);
  return String(answer.json.token);
}

export function agentOf(hub: TestHub, agent: string, credential: string, machine: string = testMachine): TestAgent {
  return {
    agent,
    credential,
    line(path = `agents/${agent}/`, shown: string | null = machine) {
      return connect(hub, `/ws/${path}${shown === null ? '' : `?machine=${shown}`}`, credential);
    },
  };
}

/** Enrols a machine under a name. */
export async function enrol(hub: TestHub, name = 'web-1', machine: string = testMachine): Promise<TestAgent> {
  const token = await invite(hub, name);
  const answer = await hub.ask('/api/enrol', { body: { token, machine, title: `${name}.example` } });
  if (answer.status !== 200) throw new Error(`enrolling answered ${answer.status} ${answer.text}`);
  return agentOf(hub, name, String(answer.json.credential), machine);
}

/** The token of a viewer without an account. */
export function viewerToken(): string {
  return mintToken(claims({ subject: 'vera' }), testSecret);
}

/** A viewer's line. */
export async function watch(hub: TestHub, path = '/ws/dashboard/'): Promise<Line> {
  const line = connect(hub, path, viewerToken());
  await line.next(isWelcome);
  return line;
}

export const isIn =
  (state: AgentRow['state']) =>
  (row: AgentRow): boolean =>
    row.state === state;

/** What an agent says of itself. */
export function statusOf(change: object = {}): object {
  return {
    version: '0.1.0',
    title: 'web-1.example',
    platform: 'linux 6.1 x64',
    cores: 4,
    clockOffsetMs: 12,
    behindMs: 0,
    spooledBytes: 0,
    files: [],
    ...change,
  };
}

/** A sample that satisfies the schema. */
export function sampleOf(change: object = {}): object {
  return {
    at: Date.now(),
    intervalMs: 1000,
    cpu: { total: 50, cores: [50], load: [1, 1, 1] },
    memory: { used: 1, total: 4 },
    disks: [
      { mount: '/', used: 9, total: 10 },
      { mount: '/home', used: 1, total: 10 },
    ],
    uptime: 5,
    ...change,
  };
}
