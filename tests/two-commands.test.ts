// `npm start` as a person meets it: a Node that is too old, a second start, Ctrl-C, a setting behind `--`. Runs on the
// built checkout, as `npm test` leaves it.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { promised } from './support/pace.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const patience = 30_000;

let folder = '';
const groups: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-start-'));
});
afterEach(() => {
  for (const group of groups.splice(0)) endGroup(group);
  rmSync(folder, { recursive: true, force: true });
});

/** What a failed test left running. */
function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

interface Started {
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  /** Sends a signal to the whole group, as a terminal does for Ctrl-C, or to npm alone. */
  signal(name: 'SIGINT' | 'SIGTERM', whom: 'group' | 'npm'): void;
  /** Resolves when npm has ended and everybody has let go of its output: the hub too. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Runs `npm start -- …` in a process group of its own; resolves when the URL is on the screen. */
function npmStart(args: readonly string[] = []): Promise<Started> {
  const env = { ...process.env, TELLTALE_DATA_DIR: folder, npm_config_update_notifier: 'false' };
  const child = spawn('npm', ['start', '--', '--port', '0', ...args], { cwd: root, env, detached: true });
  const pid = child.pid ?? 0;
  groups.push(pid);
  let output = '';
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return new Promise((resolve, reject) => {
    const give = (why: string): void => reject(new Error(`${why}; it printed: ${output}`));
    const timer = setTimeout(() => {
      give(`npm start printed no URL in ${patience} ms`);
    }, patience);
    void ended.then(({ code }) => {
      clearTimeout(timer);
      give(`npm start ended with ${code}`);
    });
    const onText = (text: string): void => {
      output += text;
      const url = /\bon (http:\/\/\S+)/.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve({
        url,
        ended,
        output: () => output,
        signal: (name, whom) => process.kill(whom === 'group' ? -pid : pid, name),
      });
    };
    child.stdout.setEncoding('utf8').on('data', onText);
    child.stderr.setEncoding('utf8').on('data', onText);
  });
}

describe('npm start', () => {
  beforeAll(() => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The build failed: ${stdout}${stderr}`);
  });

  it('says one sentence on a Node that is too old', () => {
    const pretend = join(folder, 'old-node.cjs');
    for (const version of ['4.9.1', '18.20.8', '20.18.3']) {
      writeFileSync(pretend, `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
      const args = ['-r', pretend, join(root, 'scripts/start.cjs')];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stdout).toBe('');
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringContaining(`needs Node 20.19 or newer, and this is Node ${version}`),
      ]);
    }
  });

  it('says it in words that an old Node can read', () => {
    const code = readFileSync(join(root, 'scripts/start.cjs'), 'utf8').replaceAll(/^\/\/.*$/gm, '');
    expect(code).not.toMatch(/=>|`|\b(const|let|class|async|await|import|export)\b|\?\.|\?\?|node:/);
  });

  it('is up within seconds when nothing changed, and Ctrl-C ends it within 2 s without a word from npm', async () => {
    const begun = performance.now();
    const started = await npmStart();
    expect(performance.now() - begun).toBeLessThan(promised(15_000));
    expect(started.output()).not.toMatch(/Installing|Building/);
    const page = await fetch(started.url);
    expect(page.status).toBe(200);
    expect(await page.text()).toMatch(/<html/i);

    const interrupted = performance.now();
    started.signal('SIGINT', 'group');
    // npm's shell may die of the signal itself, and then npm does.
    expect([
      { code: 0, signal: null },
      { code: null, signal: 'SIGINT' },
    ]).toContainEqual(await started.ended);
    expect(performance.now() - interrupted).toBeLessThan(promised(2000));
    expect(started.output()).not.toMatch(/npm (error|ERR)|\n\s+at /);
    await expect(fetch(started.url)).rejects.toThrow(/fetch failed/);
  });

  it('ends as cleanly when a service manager asks npm to end', async () => {
    const started = await npmStart();
    const asked = performance.now();
    started.signal('SIGTERM', 'npm');
    await started.ended;
    expect(performance.now() - asked).toBeLessThan(promised(2000));
    await expect(fetch(started.url)).rejects.toThrow(/fetch failed/);
  });

  it('passes on what stands behind --, and the exit code of a wrong setting', async () => {
    await expect(npmStart(['--prot', '1'])).rejects.toThrow(/ended with [1-9]\d*; it printed: [^]*--prot/);
  });
});
