// `telltale run` as people run it, on a machine that reports to nobody, or to something that takes no report: the command
// must not notice us. What is reported is proved where there is a hub, in tests/runs.test.ts.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { quoted } from './run-terminal.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bin = join(root, 'packages/telltale/bin/telltale.js');
const children: ChildProcess[] = [];
const place = mkdtempSync(join(tmpdir(), 'telltale-run-test-'));

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/telltale'], {
    cwd: root,
  });
  return () => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  };
}, 120_000);

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: Buffer;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when it has written this to its standard output. */
  said(text: string): Promise<void>;
}

function begin(file: string, args: readonly string[], agents = 'nobody'): Running {
  const env = { ...process.env, TELLTALE_AGENT_DIR: join(place, agents) };
  // Away from the terminal that the tests may have been started at.
  const child = spawn(file, args, { env, stdio: 'pipe', detached: true });
  children.push(child);
  const chunks: Buffer[] = [];
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out: Buffer.concat(chunks), err }));
  });
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!(Buffer.concat(chunks).toString() + err).includes(text)) return;
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => reject(new Error(`waited for ${text}; wrote ${String(chunks)}${err}`)), 15_000);
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        look();
      }),
  };
}

const telltaleRun = (...words: readonly string[]): Running => begin(process.execPath, [bin, 'run', ...words]);
const shell = (script: string): Running => telltaleRun('--', 'sh', '-c', script);

function made(name: string, content: string | Uint8Array, mode = 0o644): string {
  const path = join(place, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const notReported = /^telltale run: this run is not reported: .+\.\n$/;

describe.concurrent('the output of a command', () => {
  it('passes byte for byte, each stream for itself, and its input too', async ({ expect: check }) => {
    const bytes = randomBytes(3_000_000);
    const path = made('random', bytes);
    const running = shell(`cat; cat ${quoted(path)}; printf 'err\\0\\377' >&2; exit 5`);
    running.child.stdin?.end('typed');
    const { code, out, err } = await running.ended;
    check(code).toBe(5);
    check(out.subarray(0, 5).toString()).toBe('typed');
    check(out.subarray(5).equals(bytes)).toBe(true);
    check(err).toContain('err\0\u{fffd}');
  });

  it('waits for a reader that is slow, and loses nothing', async ({ expect: check }) => {
    const running = begin('sh', [
      '-c',
      `${quoted(process.execPath)} ${quoted(bin)} run -- head -c 2000000 /dev/zero | { sleep 1; wc -c; }`,
    ]);
    check((await running.ended).out.toString().trim()).toBe('2000000');
  });

  it('ends when its reader is gone, as by itself', async ({ expect: check }) => {
    const running = begin('bash', [
      '-c',
      `${quoted(process.execPath)} ${quoted(bin)} run -- yes | head -n 2; echo "\${PIPESTATUS[0]}"`,
    ]);
    check((await running.ended).out.toString()).toBe('y\ny\n141\n');
  });

  it('may be opened by name', async ({ expect: check }) => {
    const { out, err, code } = await shell('echo out > /dev/stdout; echo err > /dev/stderr').ended;
    check({ code, out: out.toString() }).toEqual({ code: 0, out: 'out\n' });
    check(err).toContain('err\n');
  });

  it('is a terminal with --tty', async ({ expect: check }) => {
    const { SHELL } = process.env;
    const { code, out } = await telltaleRun(
      '--tty',
      '--',
      'sh',
      '-c',
      'test -t 1 && echo "at a $1 in $SHELL"; exit 7',
      'x',
      "it's",
    ).ended;
    check({ code, out: out.toString() }).toEqual({ code: 7, out: `at a it's in ${SHELL ?? ''}\r\n` });
  });
});

describe.concurrent('a command ends as without us', () => {
  it.each([
    ['well', ['true'], 0, ''],
    ['with its exit code', ['sh', '-c', 'exit 77'], 77, ''],
    ['when it is not found', ['no-such-program'], 127, 'no directory of PATH has it'],
    ['when its file is not there', ['./no-such-file'], 127, 'there is no such file'],
    ['when it is not executable', [() => made('plain', 'echo')], 126, 'it is not executable'],
    [
      'when what runs it is not there',
      [() => made('bad', '#!/no/such/sh\n', 0o755)],
      127,
      'first line names is not there',
    ],
    ['when it was killed', ['sh', '-c', 'kill -KILL $$'], 137, ''],
  ])('%s', async (_how, words, code, sentence) => {
    const command = words.map((word) => (typeof word === 'string' ? word : word()));
    const ended = await telltaleRun('--', ...command).ended;
    expect(ended.code).toBe(code);
    const [first = '', second = '', rest] = ended.err.split(/(?<=\n)/);
    expect(first).toMatch(notReported);
    expect(second === '' ? '' : second.trimEnd()).toContain(sentence);
    expect(rest).toBeUndefined();
  });

  it('by a signal, so that a shell sees it', async ({ expect: check }) => {
    check(await shell('kill -INT $$').ended).toMatchObject({ code: null, signal: 'SIGINT' });
    check(await shell('kill -TERM $$').ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

describe('what a command leaves in the background', () => {
  it('does not hold us, though it holds its output', async () => {
    // A machine that was busy itself is asked again.
    let took = Infinity;
    for (let tries = 0; tries < 3 && took >= 1000; tries++) {
      const running = shell('sleep 20 & echo $!; exit 4');
      await running.said('\n');
      const begun = performance.now();
      const { code, out } = await running.ended;
      took = performance.now() - begun;
      expect(code).toBe(4);
      process.kill(Number(out.toString()), 'SIGKILL');
    }
    expect(took).toBeLessThan(1000);
  });
});

describe.concurrent('signals', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const)('pass on %s', async (signal) => {
    const name = signal.slice(3);
    const running = shell(`trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`);
    await running.said('ready');
    running.child.kill(signal);
    const { code, out } = await running.ended;
    expect({ code, out: out.toString() }).toEqual({ code: 9, out: `ready\ngot ${name}\n` });
  });

  it('reach a command at a terminal of its own, which may take its time', async ({ expect: check }) => {
    const script = "trap 'sleep 0.3; echo got TERM; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    const running = telltaleRun('--tty', '--', 'sh', '-c', script);
    await running.said('ready');
    running.child.kill('SIGTERM');
    const { code, out } = await running.ended;
    // All it has started gets it too: a shell may tell of its sleep.
    check(out.toString()).toMatch(/^ready\r\n(?:Terminated\r\n)?got TERM\r\n$/);
    check(code).toBe(9);
  });

  it('reach what the command has started, too', async ({ expect: check }) => {
    const running = shell('sleep 30 & echo $!; wait');
    await running.said('\n');
    running.child.kill('SIGTERM');
    const { out } = await running.ended;
    check(existsSync(`/proc/${out.toString().trim()}/fd/0`)).toBe(false);
  });

  it('from the keys of a terminal arrive once', async ({ expect: check }) => {
    const counter = made(
      'counter.cjs',
      `let count = 0;
       process.on('SIGINT', () => { if (++count === 1) setTimeout(() => { console.log('interrupts: ' + count); process.exit(0); }, 400); });
       setInterval(() => {}, 1000); console.log('ready');`,
    );
    const line = [process.execPath, bin, 'run', '--', process.execPath, counter].map(quoted).join(' ');
    const running = begin('script', ['-qec', line, '/dev/null']);
    await running.said('ready');
    running.child.stdin?.write('\u0003');
    await running.said('interrupts: ');
    check((await running.ended).out.toString()).toContain('interrupts: 1\r\n');
  });
});

describe('a command ends within a second, as without us, where the hub', () => {
  const http = (socket: Socket, status: string, body: object): void =>
    void socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(body)}`);
  const attempt = 'abcdefghijklmnopqrstuv';
  const words = { reason: 'the credential was revoked', hint: 'Enrol again.', attempt };
  const revoked = { ...words, code: 4403, name: 'agent-revoked', retry: false };
  const overloaded = { ...words, code: 4503, name: 'overloaded', retry: true };
  const shake = (socket: Socket, request: string): void => {
    const [, key = ''] = /sec-websocket-key: (.*)\r/i.exec(request) ?? [];
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n' +
        `sec-websocket-accept: ${accept}\r\nsec-websocket-protocol: telltale.v1\r\n\r\n`,
    );
  };
  const told = /^telltale run: The hub takes no report of agent web-1: the credential was revoked\. Enrol again\.\n$/;

  it.each<[string, (socket: Socket, request: string) => void, RegExp]>([
    ['refuses for good', (socket) => http(socket, '403 Forbidden', revoked), told],
    ['refuses for now', (socket) => http(socket, '503 Service Unavailable', overloaded), /^$/],
    ['is something else', (socket) => http(socket, '404 Not Found', {}), /^$/],
    ['resets each connection', (socket) => void socket.resetAndDestroy(), /^$/],
    ['never answers', () => {}, /^$/],
    ['takes the socket and says nothing', shake, /^$/],
  ])('%s', async (how, answer, stderr) => {
    const sockets = new Set<Socket>();
    let tries = 0;
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        tries++;
        answer(socket, bytes.toString());
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const own = join(place, how, 'web-1');
    mkdirSync(own, { recursive: true });
    const credential = { hub: `http://127.0.0.1:${port}`, agent: 'web-1', credential: 'c' };
    writeFileSync(join(own, 'credential.json'), JSON.stringify(credential));
    try {
      // A machine that was busy itself is asked again.
      let took = Infinity;
      for (let count = 0; count < 3 && took >= 1000; count++) {
        // Long enough for the report to have met the hub.
        const command = ['sh', '-c', 'sleep 1; echo done; exit 4'];
        const running = begin(process.execPath, [bin, 'run', '--', ...command], how);
        await running.said('done');
        const said = performance.now();
        const { code, out, err } = await running.ended;
        took = performance.now() - said;
        expect({ code, out: out.toString() }).toEqual({ code: 4, out: 'done\n' });
        expect(err).toMatch(stderr);
      }
      expect(took).toBeLessThan(1000);
      expect(tries).toBeGreaterThan(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});
