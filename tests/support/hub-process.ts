// The built command as a process of its own: a hub that a test can kill, freeze and start again on the same port and
// data directory. Knows the command's words and its environment; nothing of what is inside.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'packages/telltale/bin/telltale.js');

/** A secret and a password good enough for production. */
export const testSecret = 'Vq3-x8!Lm2zR7tY4wB9nK6cJ1dF5gH0p';
export const testPassword = 'a quiet correct horse';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HubProcessOptions {
  readonly mode?: 'development' | 'production';
  /** Origins of pages beside the hub's own, production only. */
  readonly origins?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Words of a program that becomes the hub by `exec`, as a shell with limits does. */
  readonly through?: readonly string[];
}

export interface HubProcess extends AsyncDisposable {
  readonly port: number;
  /** `http://localhost:<port>`: the hub's own origin in both modes. */
  readonly url: string;
  readonly dataDir: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Everything that all its processes printed, both outputs. */
  output(): string;
  /** The one-time link of the newest start; development only. */
  startLink(): string;
  /** `ws://localhost:<port>` and the path. */
  socketUrl(path: string): string;
  /** SIGKILL; resolves when the process is gone. */
  kill9(): Promise<void>;
  /** Starts it again, same port and data directory; resolves when it is up, with how long that took in milliseconds. */
  restart(): Promise<number>;
  /** SIGSTOP: the port is open and nobody is at home. */
  stop(): void;
  /** SIGCONT. */
  cont(): void;
  /** Asks it to end as Ctrl-C does; resolves with its exit code. */
  interrupt(): Promise<number | null>;
  /** Runs the command beside it, on the same data directory. */
  command(words: readonly string[], input?: string): Promise<Ended>;
  /** A token by `telltale token`. */
  token(subject: string, ...flags: string[]): Promise<string>;
}

/** This process's environment without settings of a hub. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/^TELLTALE_(?!TEST_)/.test(name)) delete env[name];
  return { ...env, ...more };
}

/** A port that nobody has at the moment, on either loopback address. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs the built command to its end. `cwd` defaults to a directory without anything in it. */
export async function runCommand(
  words: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
    readonly cwd?: string;
    readonly nodeFlags?: readonly string[];
  } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), program, ...words], {
    cwd: options.cwd ?? tmpdir(),
    env: cleanEnvironment(options.env),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(options.input ?? '');
  const giveUp = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(giveUp);
  return { code, stdout, stderr };
}

/** Hubs that run. One whose test gave up while it started has nobody who ends it: it ends with the process of the tests. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A fresh directory below the system's temporary one. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'telltale-test-'));
}

/** Starts a hub on a free port with a fresh data directory; resolves when it answers. */
export async function startHubProcess(options: HubProcessOptions = {}): Promise<HubProcess> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const dataDir = temporaryDirectory();
  const settings: Record<string, string> = { TELLTALE_DATA_DIR: dataDir };
  if (options.mode === 'production') {
    Object.assign(settings, {
      TELLTALE_MODE: 'production',
      TELLTALE_HOST: '127.0.0.1',
      TELLTALE_SECRET: testSecret,
      TELLTALE_ALLOWED_ORIGINS: [url, ...(options.origins ?? [])].join(','),
      TELLTALE_ADMIN_PASSWORD: testPassword,
      TELLTALE_LOG_LEVEL: 'debug',
    });
  }
  Object.assign(settings, options.env);

  let output = '';
  let child: ChildProcess | undefined;
  let ended: Promise<number | null> = Promise.resolve(null);

  const begin = async (): Promise<number> => {
    const begun = performance.now();
    const before = output.length;
    const words = [program, 'start', '--port', String(port)];
    const [shell, ...through] = options.through ?? [];
    const [first, rest] =
      shell === undefined ? [process.execPath, words] : [shell, [...through, process.execPath, ...words]];
    const started = spawn(first, rest, {
      cwd: dataDir,
      env: cleanEnvironment(settings),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    running.add(started);
    const take = (text: string): void => void (output += text);
    started.stdout.setEncoding('utf8').on('data', take);
    started.stderr.setEncoding('utf8').on('data', take);
    let hasEnded = false;
    ended = new Promise((resolve) => {
      started.once('exit', (code) => {
        hasEnded = true;
        running.delete(started);
        resolve(code);
      });
    });
    await until(
      `the hub on port ${port}`,
      async () => {
        if (hasEnded) return 'ended';
        if (!/ mode on http/.test(output.slice(before))) return output.slice(before);
        const { status } = await fetch(`http://127.0.0.1:${port}/readyz`);
        return status === 200 ? 'ready' : `readyz answers ${status}`;
      },
      (state) => state === 'ready' || state === 'ended',
      30_000,
    );
    if (hasEnded) throw new Error(`the hub ended at its start; it printed: ${output.slice(before)}`);
    return performance.now() - begun;
  };
  const pid = (): number => {
    if (child?.pid === undefined) throw new Error('the hub has no process');
    return child.pid;
  };
  await begin();

  return {
    port,
    url,
    dataDir,
    get pid() {
      return pid();
    },
    output: () => output,
    startLink() {
      const links = [...output.matchAll(/http:\/\/\S+\/#start=\S+/g)];
      const link = links.at(-1)?.[0];
      if (link === undefined) throw new Error(`the hub printed no start link; it printed: ${output}`);
      return link;
    },
    socketUrl: (path) => `ws://localhost:${port}${path}`,
    async kill9() {
      process.kill(pid(), 'SIGKILL');
      await ended;
    },
    restart: begin,
    stop: () => void process.kill(pid(), 'SIGSTOP'),
    cont: () => void process.kill(pid(), 'SIGCONT'),
    async interrupt() {
      process.kill(pid(), 'SIGINT');
      return await ended;
    },
    command: (words, input) =>
      runCommand(words, { env: settings, cwd: dataDir, ...(input === undefined ? {} : { input }) }),
    async token(subject, ...flags) {
      const keys = ['TELLTALE_MODE', 'TELLTALE_SECRET', 'TELLTALE_DATA_DIR'];
      const env = Object.fromEntries(Object.entries(settings).filter(([name]) => keys.includes(name)));
      const minted = await runCommand(['token', '--sub', subject, ...flags], { env, cwd: dataDir });
      if (minted.code !== 0) throw new Error(`telltale token ended with ${minted.code}: ${minted.stderr}`);
      return minted.stdout.trim();
    },
    async [Symbol.asyncDispose]() {
      if (child !== undefined && child.exitCode === null && child.signalCode === null) {
        // Also ends one that is stopped.
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
