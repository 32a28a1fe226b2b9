// `telltale start` as people run it: the built command in its own process, with signals, a taken port, a hub beside the
// command, and nothing on standard output but what a person needs.

import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bin = join(root, 'packages/telltale/bin/telltale.js');

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/telltale'], {
    cwd: root,
  });
}, 120_000);

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** The exit code and how long it took from now, within the time or with what was written. */
  exited(withinMs: number): Promise<{ code: number | null; ms: number }>;
  wrote(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
}

function start(words: readonly string[], env: Record<string, string> = {}): Running {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [bin, 'start', ...words], { env: { PATH, HOME, ...env }, cwd: directory() });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (written.out += String(chunk)));
  child.stderr.on('data', (chunk) => (written.err += String(chunk)));
  const until = <Found>(find: () => Found | undefined, events: () => () => void, withinMs: number): Promise<Found> =>
    new Promise((resolve, reject) => {
      const found = find();
      if (found !== undefined) return resolve(found);
      const stop = events();
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`waited ${withinMs} ms; wrote: ${JSON.stringify(written)}`));
      }, withinMs);
      const look = (): void => {
        const later = find();
        if (later === undefined) return;
        clearTimeout(timer);
        stop();
        resolve(later);
      };
      child.stdout.on('data', look);
      child.on('exit', look);
    });
  return {
    child,
    out: () => written.out,
    err: () => written.err,
    async exited(withinMs) {
      const begun = performance.now();
      const gone = (): { code: number | null } | undefined =>
        child.exitCode !== null || child.signalCode !== null ? { code: child.exitCode } : undefined;
      const { code } = await until(gone, () => () => undefined, withinMs);
      return { code, ms: performance.now() - begun };
    },
    wrote: (pattern, withinMs = 10_000) =>
      until(
        () => pattern.exec(written.out) ?? undefined,
        () => () => undefined,
        withinMs,
      ),
  };
}

describe('telltale start', () => {
  it('says that it runs, where, the one-time link and how to stop, and ends cleanly within two seconds', async () => {
    const hub = start(['--port', '0', '--data-dir', directory()]);
    await hub.wrote(/Press Ctrl-C to stop\n/);
    const [, url = ''] = /^Telltale runs in development mode on (http:\/\/localhost:\d+)\n/.exec(hub.out()) ?? [];
    const [, open, code] =
      hub
        .out()
        .split('\n')[1]
        ?.match(/^Open (\S+\/#start=([\w-]{32})) to sign in/) ?? [];
    expect(open).toBe(`${url}/#start=${code}`);
    expect(hub.out().split('\n')).toHaveLength(4);
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      const answer = await fetch(`${url.replace('localhost', host)}/healthz`).catch((error: unknown) => error);
      // A machine without IPv6 has no [::1].
      if (answer instanceof Response) expect(answer.status).toBe(200);
      else expect(host).toBe('[::1]');
    }
    hub.child.kill('SIGINT');
    expect(await hub.exited(3000)).toMatchObject({ code: 0 });
    expect(hub.err()).toContain('Telltale has stopped');
    expect(hub.err()).not.toContain(code);
  });

  it('ends cleanly by SIGTERM too', async () => {
    const hub = start(['--port', '0', '--data-dir', directory()]);
    await hub.wrote(/Press Ctrl-C/);
    hub.child.kill('SIGTERM');
    const { code, ms } = await hub.exited(3000);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2000);
  });

  it('on a port that is taken says so in one sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const hub = start(['--port', String(port), '--data-dir', directory()]);
    expect((await hub.exited(10_000)).code).toBe(1);
    expect(hub.err()).toBe(
      `Port ${port} is taken by another program: stop it, or choose another port with TELLTALE_PORT or --port.\n`,
    );
    expect(hub.out()).toBe('');
  });

  it.each([
    [
      'a damaged database',
      (place: string) => writeFileSync(join(place, 'telltale.db'), 'nonsense '.repeat(1000)),
      / is damaged /,
    ],
    ['an unknown setting', () => undefined, /TELLTALE_PROT is not a setting/],
  ])('with %s ends with one sentence and no stack', async (name, prepare, sentence) => {
    const place = directory();
    prepare(place);
    const hub = start(
      ['--port', '0', '--data-dir', place],
      name === 'an unknown setting' ? { TELLTALE_PROT: '1' } : {},
    );
    expect((await hub.exited(10_000)).code).toBe(1);
    expect(hub.err()).toMatch(sentence);
    expect(hub.err().trim().split('\n')).toHaveLength(1);
    expect(hub.err()).not.toMatch(/ at .*:\d+/);
  });

  it('is noticed by a command on the same data directory, and notices it within two seconds', async () => {
    const place = directory();
    const hub = start(['--port', '0', '--data-dir', place]);
    const [, url = ''] = await hub.wrote(/on (http:\S+)\n/);
    // Beside this process, not in its stead: while it stood still, the hub would let its connections go.
    const command = async (words: readonly string[], input = ''): Promise<string> => {
      const child = execFile(process.execPath, [bin, ...words, '--data-dir', place]);
      let said = '';
      child.stderr?.on('data', (text: string) => (said += text));
      child.stdin?.end(input);
      await once(child, 'close');
      return said;
    };
    await command(['user', 'add', 'alice'], 'long enough\n');
    const answer = await fetch(`${url}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'alice', password: 'long enough' }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const me = (): Promise<number> =>
      fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
    expect(await me()).toBe(200);
    await command(['user', 'disable', 'alice']);
    const disabled = performance.now();
    await expect.poll(me, { timeout: 2000, interval: 50 }).toBe(403);
    expect(performance.now() - disabled).toBeLessThan(2000);
    const backup = join(directory(), 'backup.db');
    expect(await command(['backup', backup])).toBe('');
    expect(await command(['restore', backup])).toMatch(/A hub runs on/);
    expect(await me()).toBe(403);
  });

  it('in production writes JSON lines, and no link', async () => {
    const hub = start(['--port', '0', '--host', '127.0.0.1', '--data-dir', directory()], {
      TELLTALE_MODE: 'production',
      TELLTALE_SECRET: 'kX9-v2!pQ7zR4tY8wB3nM6cL1dF5gH0j',
      TELLTALE_ALLOWED_ORIGINS: 'https://ops.example.com',
    });
    await hub.wrote(/Press Ctrl-C/);
    expect(hub.out()).toBe('Telltale runs in production mode on https://ops.example.com\nPress Ctrl-C to stop\n');
    for (const line of hub.err().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  });
});

describe('the shim', () => {
  const run = (
    file: string,
    nodeFlags: readonly string[] = [],
  ): { status: number | null; err: string; out: string } => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [...nodeFlags, file, '--version'], {
      encoding: 'utf8',
    });
    return { status, err: stderr, out: stdout };
  };

  it('on a Node that is too old says which is needed', () => {
    const old = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.4" } })';
    const { status, err } = run(bin, ['--import', `data:text/javascript,${encodeURIComponent(old)}`]);
    expect(status).toBe(1);
    expect(err).toBe(
      'Telltale needs Node 20.19 or newer; found 18.20.4. Install a newer one from https://nodejs.org.\n',
    );
  });

  it('in a checkout that was not built says what to run', () => {
    const place = directory();
    mkdirSync(join(place, 'bin'));
    writeFileSync(join(place, 'package.json'), '{"type":"module"}');
    copyFileSync(bin, join(place, 'bin', 'telltale.js'));
    const { status, err } = run(join(place, 'bin', 'telltale.js'));
    expect(status).toBe(1);
    expect(err).toBe('Telltale has not been built yet: run "npm start" once, or "npm run build".\n');
  });

  it.each([
    [['--help'], false],
    [['start', '--help'], true],
  ])('with %j loads the hub: %s', (words, expected) => {
    const index = JSON.stringify(join(root, 'packages/telltale/dist/index.js'));
    const script = `import(${index}).then((telltale) => telltale.main(${JSON.stringify(words)})).then(() =>
      console.log('\\n' + Object.keys(require('node:module')._cache).some((file) => file.includes('fastify'))))`;
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stdout.trim().split('\n').at(-1)).toBe(String(expected));
  });

  it('runs what was built', () => {
    expect(run(bin)).toEqual({ status: 0, err: '', out: '0.1.0\n' });
  });
});
