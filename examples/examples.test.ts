// Runs the examples as a reader would, against the built packages: `npm run build` first.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

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
