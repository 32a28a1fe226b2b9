// Runs the examples as a reader would, against the built packages: `npm run build` first.

import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LogMessage } from '@telltale/agent/run-events';
import type { Sample } from '@telltale/agent/sample';
import type { AgentRow } from '@telltale/hub/api';
import type { MessagesFrame } from '@telltale/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { hasTool, toolPath } from '../scripts/tools.mjs';
import { adminOf, linesOf } from '../tests/support/agents.ts';
import { startChaosProxy } from '../tests/support/chaos-proxy.ts';
import { cleanEnvironment, startHubProcess, temporaryDirectory } from '../tests/support/hub-process.ts';
import { openPlainSocket } from '../tests/support/plain-socket.ts';
import { until } from '../tests/support/until.ts';

const patience = 20_000;

/** Resolves with what `listen` hands on, or fails with what did arrive. */
function within<Value>(
  what: string,
  seen: () => unknown,
  listen: (resolve: (value: Value) => void) => void,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${what} did not come in ${patience} ms; arrived: ${JSON.stringify(seen())}`)),
      patience,
    );
    listen((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

interface Frame {
  readonly type: string;
  readonly channel?: string;
  readonly channels?: readonly string[];
  readonly messages?: readonly { readonly key?: string; readonly data: { readonly bytes: number } }[];
}

describe.each([
  ['http', 'Hello from node:http\n'],
  ['express', 'Hello from Express\n'],
  ['fastify', 'Hello from Fastify\n'],
])('examples/%s.mjs', (name, greeting) => {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  let child: ChildProcess | undefined;
  let base = '';

  beforeAll(async () => {
    const started = spawn(process.execPath, [file], { env: { ...process.env, PORT: '0' } });
    child = started;
    let output = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    base = await within<string>(
      'the address',
      () => output,
      (resolve) => createInterface(started.stdout).once('line', resolve),
    );
  });
  afterAll(() => {
    child?.kill();
  });

  it('mounts the gateway in under 15 lines', () => {
    const lines = readFileSync(file, 'utf8').split('\n');
    const begin = lines.findIndex((line) => line.startsWith('const gateway'));
    const end = lines.findIndex((line) => line.startsWith('gateway.attach('));
    const imports = lines.filter((line) => /^import .*(telltale|zod)/.test(line)).length;
    expect(begin).toBeGreaterThan(0);
    expect(end - begin + 1 + imports).toBeLessThan(15);
  });

  it('[END2] gives a plain WebSocket client live data with no frame of its own', async () => {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/ws/`);
    const frames: Frame[] = [];
    const values = await within<number[]>(
      'two values of the table',
      () => frames,
      (resolve) =>
        socket.on('message', (message) => {
          frames.push(JSON.parse(String(message)) as Frame);
          const messages = frames.flatMap((frame) => frame.messages ?? []);
          if (messages.length >= 2) resolve(messages.map(({ data }) => data.bytes));
        }),
    );
    socket.terminate();
    expect(frames[0]).toMatchObject({ type: 'welcome', channels: ['memory'] });
    expect(frames[1]).toMatchObject({ type: 'subscribed', channel: 'memory' });
    for (const bytes of values) expect(bytes).toBeGreaterThan(10_000_000);
  });

  it('[END4] leaves upgrades outside its prefix to the other listener', async () => {
    const asked = request(`${base}/echo`, { headers: { Connection: 'Upgrade', Upgrade: 'echo' } });
    asked.end();
    const socket = await within<Duplex>(
      'the upgrade to echo',
      () => undefined,
      (resolve) => asked.once('upgrade', (_response: IncomingMessage, upgraded: Duplex) => resolve(upgraded)),
    );
    let echoed = '';
    socket.setEncoding('utf8').write('still mine');
    await within<void>(
      'the echo',
      () => echoed,
      (resolve) =>
        socket.on('data', (text: string) => {
          echoed += text;
          if (echoed === 'still mine') resolve();
        }),
    );
    socket.destroy();
  });

  it('[END5] answers plain HTTP itself outside the prefix, and 426 inside', async () => {
    const own = await fetch(base);
    expect(await own.text()).toBe(greeting);
    const inside = await fetch(`${base}/ws/`);
    expect(inside.status).toBe(426);
    expect(await inside.json()).toBeTypeOf('object');
  });
});

describe.runIf(hasTool('python'))('examples/python/agent.py', () => {
  const file = fileURLToPath(new URL('python/agent.py', import.meta.url));

  /** A process of it, with all it printed. */
  function python(words: readonly string[]): { child: ChildProcess; printed: () => string; ended: Promise<unknown> } {
    const env = cleanEnvironment({ TELLTALE_MACHINE_ID: 'machine-of-python' });
    const child = spawn(toolPath('python') ?? 'python3', [file, ...words], { env });
    let printed = '';
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding('utf8').on('data', (text: string) => (printed += text));
    }
    return { child, printed: () => printed, ended: new Promise((resolve) => child.once('close', resolve)) };
  }

  it('takes 40 lines', () => {
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('[REP1] [REP2] [REP3] [ONC1] [END6] reports each line once, though the line is cut and the process killed in between', async () => {
    await using hub = await startHubProcess();
    await using proxy = await startChaosProxy(hub.port);
    const admin = await adminOf(hub);
    const folder = temporaryDirectory();
    const [log, kept] = [join(folder, 'App.log'), join(folder, 'agent.json')];
    const words = [`http://127.0.0.1:${proxy.port}`, log, kept];
    writeFileSync(log, 'one\ntwo\n');
    let agent = python([...words, (await admin.enrol('snake')).token]);
    try {
      const row = await until(
        'a live row',
        async () => {
          const { messages } = await admin.ask<{ messages: { data: AgentRow }[] }>(
            '/api/channels/agents/snake/messages',
          );
          return messages.at(-1)?.data ?? agent.printed();
        },
        (found) => typeof found === 'object' && found.state === 'live' && found.files?.length === 1,
      );
      expect(row).toMatchObject({ agent: 'snake', files: [{ file: 'app.log', title: log }] });
      expect(statSync(kept).mode & 0o777).toBe(0o600);

      using viewer = openPlainSocket(hub.socketUrl(`/ws/agents/snake/?token=${await hub.token('vera')}`));
      const read = <Data>(channel: string): { data: Data }[] =>
        viewer.frames
          .filter((frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === channel)
          .flatMap(({ messages }) => messages as unknown as { data: Data }[]);
      const lines = (): unknown => linesOf(read<LogMessage>('logs/snake/app.log'));
      const showsLast = (last: string) => (): boolean => (lines() as string[]).at(-1) === last;

      await until('two lines', lines, showsLast('two'));
      // The hub has each of these before its answer can arrive: whoever sent it cannot know.
      proxy.delayMs = 500;
      appendFileSync(log, 'three, of which no answer arrives\nfour\n');
      await until('the third line', lines, showsLast('three, of which no answer arrives'));
      proxy.drop();
      proxy.delayMs = 0;
      await until('the fourth line', lines, showsLast('four'));
      proxy.delayMs = 500;
      appendFileSync(log, 'five, and the process is killed\nsix');
      await until('the fifth line', lines, showsLast('five, and the process is killed'));
      agent.child.kill('SIGKILL');
      await agent.ended;
      proxy.delayMs = 0;
      agent = python(words);
      appendFileSync(log, ', in two pieces\n');
      await until('the sixth line', lines, showsLast('six, in two pieces'));

      expect(lines()).toEqual([
        'one',
        'two',
        'three, of which no answer arrives',
        'four',
        'five, and the process is killed',
        'six, in two pieces',
      ]);
      const samples = await until(
        'a sample',
        () => read<Sample>('metrics/snake').map(({ data }) => data),
        (found) => found.length > 0,
      );
      expect(samples[0]?.memory.used).toBeGreaterThan(10_000_000);

      agent.child.kill('SIGINT');
      await agent.ended;
      expect(agent.printed()).toBe('');
    } finally {
      agent.child.kill('SIGKILL');
      await agent.ended;
      rmSync(folder, { recursive: true });
    }
  });
});
