// How `npm start` hands over, on a checkout of stand-ins: which process builds, which becomes the hub, and what is left
// where one of them ends. What is really built and run is for the tests of the commands.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { root } from './support/hub-process.ts';
import { until, within } from './support/until.ts';

let folder = '';
const launchers: ChildProcessWithoutNullStreams[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telltale-launch-'));
  for (const path of ['scripts', 'packages/telltale/bin']) mkdirSync(join(folder, path), { recursive: true });
  for (const name of ['start.cjs', 'launch.cjs', 'prepare.mjs', 'run.mjs'])
    cpSync(join(root, 'scripts', name), join(folder, 'scripts', name));
  writeFileSync(join(folder, 'packages/telltale/package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'packages/telltale/bin/telltale.js'), says('the hub', 'process.argv.slice(2)'));
  install('');
});
afterEach(() => {
  // What a failed test left running.
  for (const launcher of launchers.splice(0)) launcher.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function says(who: string, what = "''"): string {
  return `console.log('${who}', process.pid, ...${what});`;
}

function install(body: string): void {
  writeFileSync(join(folder, 'scripts/install.mjs'), `export async function install() { ${body} }`);
}

function build(body: string): void {
  writeFileSync(
    join(folder, 'scripts/build.mjs'),
    `import { Fault } from './run.mjs'; export async function build() { ${body} }`,
  );
}

interface Started {
  readonly pid: number;
  output(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

function start(...args: readonly string[]): Started {
  return follow(spawn(process.execPath, [join(folder, 'scripts/start.cjs'), ...args]));
}

/** In a shell, as npm does. */
function startInShell(): Started {
  const env = { ...process.env, npm_lifecycle_event: 'start' };
  // The last word keeps a shell from becoming what it runs.
  const script = `"${process.execPath}" "${join(folder, 'scripts/start.cjs')}"; :`;
  return follow(spawn('sh', ['-c', script], { env }));
}

function follow(child: ChildProcessWithoutNullStreams): Started {
  launchers.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  // The end of its output: nobody who was started by it is left.
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { pid: child.pid ?? 0, output: () => output, ended };
}

describe('npm start', () => {
  it('installs and builds in a process that is gone when the hub runs, which is the one that was started', async () => {
    install(says('installs'));
    build(says('builds'));
    const { pid, output, ended } = start('--port', '9000');
    expect(await ended).toEqual({ code: 0, signal: null });
    const builder = /builds (\d+)/.exec(output())?.[1];
    expect(builder).not.toBe(String(pid));
    expect(output()).toBe(`installs ${builder}\nbuilds ${builder}\nthe hub ${pid} start --port 9000\n`);
  });

  it('says what does not build in its own words and with exit code 1, and runs no hub', async () => {
    build("throw new Fault('The dashboard does not build.');");
    const { output, ended } = start();
    expect(await ended).toEqual({ code: 1, signal: null });
    expect(output()).toBe('The dashboard does not build.\n');
  });

  it('runs no hub where the build was killed', async () => {
    build("process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});");
    const { output, ended } = start();
    expect(await ended).toEqual({ code: 137, signal: null });
    expect(output()).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends with its build when it gets a %s alone', async (signal) => {
    build(`${says('builds')} setInterval(() => {}, 1000); await new Promise(() => {});`);
    const { pid, output, ended } = start();
    await until('the build', output, (text) => text.includes('builds'));
    process.kill(pid, signal);
    expect(await within('the end of both', ended)).toEqual({ code: null, signal });
  });

  it('ends with its build when npm is asked to end, of which its shell alone hears', async () => {
    build(`${says('builds')} setInterval(() => {}, 1000); await new Promise(() => {});`);
    const { pid, output, ended } = startInShell();
    await until('the build', output, (text) => text.includes('builds'));
    process.kill(pid, 'SIGTERM');
    expect(await within('the end of all three', ended)).toEqual({ code: null, signal: 'SIGTERM' });
  });
});
