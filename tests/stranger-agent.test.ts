// An agent that knows nothing of ours: examples/python/agent.py against a hub, through a proxy that cuts its line. The
// lines it is told are read as JSON by a plain viewer.

import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import type { LogMessage } from '@telltale/agent/run-events';
import type { AgentRow, Enrolment } from '@telltale/hub/api';
import type { MessagesFrame } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { hasTool, toolPath } from '../scripts/tools.mjs';
import { linesOf } from './support/agents.ts';
import { startChaosProxy } from './support/chaos-proxy.ts';
import {
  cleanEnvironment,
  type HubProcess,
  startHubProcess,
  temporaryDirectory,
  testSecret,
} from './support/hub-process.ts';
import { openPlainSocket, type PlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

// Looked for once: looking is a start of Python too.
const python = toolPath('python') ?? 'python3';
const file = fileURLToPath(new URL('../examples/python/agent.py', import.meta.url));

function mint(subject: string, scope: 'viewer' | 'admin'): Promise<string> {
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('telltale')
    .setAudience('telltale')
    .setSubject(subject)
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(testSecret));
}

async function enrolment(hub: HubProcess, name: string): Promise<string> {
  const answer = await fetch(`${hub.url}/api/enrolments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await mint('ops', 'admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  return ((await answer.json()) as Enrolment).token;
}

interface Program {
  readonly printed: () => string;
  /** Its standard input. */
  readonly input: Writable;
  /** Resolves with all it printed. */
  readonly ended: Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

/** Starts it on a machine. */
function start(machine: string, words: readonly string[]): Program {
  const env = cleanEnvironment({ TELLTALE_MACHINE_ID: machine });
  const child = spawn(python, [file, ...words], { env });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(printed)));
  return { printed: () => printed, input: child.stdin, ended, kill: (signal) => void child.kill(signal) };
}

function dataOf<Data>({ frames }: PlainSocket, channel: string): readonly Data[] {
  return frames
    .filter((frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === channel)
    .flatMap(({ messages }) => messages.map(({ data }) => data as Data));
}

describe.runIf(hasTool('python'))('the agent in examples/python', () => {
  it('takes 40 lines', () => {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(110);
  });

  it('[REP3] [REP5] [ONC1] reports each line once, though cut before an answer, and hears why it may not', async () => {
    await using hub = await startHubProcess({ mode: 'production' });
    await using proxy = await startChaosProxy(hub.port);
    const folder = temporaryDirectory();
    const kept = join(folder, 'agent.json');
    const [token, viewer] = await Promise.all([enrolment(hub, 'snake'), mint('vera', 'viewer')]);
    const agent = start('the-machine', [`http://127.0.0.1:${proxy.port}`, kept, token]);
    agent.input.write('one\ntwo\n');
    using dashboard = openPlainSocket(hub.socketUrl(`/ws/dashboard/?token=${viewer}`));
    const row = (): AgentRow | undefined =>
      dataOf<AgentRow>(dashboard, 'agents').findLast((found) => found.agent === 'snake');
    const rowThat = (what: string, isWanted: (found: AgentRow) => boolean): Promise<unknown> =>
      until(
        what,
        () => row() ?? agent.printed(),
        (found) => typeof found === 'object' && isWanted(found),
      );
    try {
      await rowThat('a row with a file', ({ files }) => files.length > 0);
      expect(row()).toMatchObject({ state: 'live', files: [{ file: 'stdin' }] });
      expect(statSync(kept).mode & 0o777).toBe(0o600);

      copyFileSync(kept, `${kept}.copied`);
      const direct = `http://127.0.0.1:${hub.port}`;
      const strangers = [
        start('another-machine', [direct, `${kept}.copied`]),
        start('the-machine', [direct, `${kept}.new`, token]),
      ];
      using page = openPlainSocket(hub.socketUrl(`/ws/agents/snake/?token=${viewer}`));
      const lines = (): readonly unknown[] =>
        linesOf(dataOf<LogMessage>(page, 'logs/snake/stdin').map((data) => ({ data })));
      const arrival = (line: string): Promise<unknown> => until(`"${line}"`, lines, (found) => found.includes(line));
      await arrival('two');
      // The hub shows a line before the answer to it is through: who sent it does not know.
      proxy.delayMs = 300;
      agent.input.write('cut before the answer\nfour\nfi');
      await arrival('cut before the answer');
      proxy.drop();
      proxy.delayMs = 0;
      await arrival('four');
      // What it was told before its input ended, it still says.
      agent.input.end('ve\nsix');
      expect(await agent.ended).toBe('');
      await arrival('six');
      expect(lines()).toEqual(['one', 'two', 'cut before the answer', 'four', 'five', 'six']);
      await rowThat('its goodbye', ({ reason }) => reason === 'stopped');
      expect(row()).toMatchObject({ state: 'closed' });
      const [copied, spent] = await Promise.all(strangers.map(({ ended }) => ended));
      expect(copied).toMatch(/^Ended: .*HTTP 403/);
      expect(spent).toMatch(/^Ended: HTTP Error 401.*used already/);
    } finally {
      agent.kill('SIGKILL');
      await agent.ended;
      rmSync(folder, { recursive: true });
    }
  });
});
