// The first command on a fresh machine, whole: clone, `npm start`, a URL that answers with the page.

import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit } from './support/browser.ts';
import { cleanEnvironment, root, temporaryDirectory } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { until, within } from './support/until.ts';

const folder = temporaryDirectory();
const clone = join(folder, 'telltale');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly link: string;
  readonly output: string;
  readonly tookMs: number;
  /** Ctrl-C in the terminal; resolves when everybody has gone, with how long that took. */
  interrupt(): Promise<number>;
}

/** `npm start` in the clone; resolves when the one-time link is on the screen. */
async function npmStart(withinMs: number): Promise<Run> {
  const begun = performance.now();
  const child = spawn('npm', ['start', '--', '--port', '0'], { cwd: clone, env: cleanEnvironment(), detached: true });
  const pid = child.pid ?? 0;
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      hasEnded = true;
      resolve();
    });
  });
  const link = (): string | undefined => /http:\/\/\S+#start=\S+/.exec(output)?.[0];
  try {
    await until(
      'the one-time link',
      () => output.slice(-1500),
      () => hasEnded || link() !== undefined,
      withinMs,
    );
    if (hasEnded) throw new Error(`npm start ended; it printed: ${output}`);
  } catch (error) {
    if (!hasEnded) process.kill(-pid, 'SIGKILL');
    throw error;
  }
  return {
    link: link() ?? '',
    output,
    tookMs: performance.now() - begun,
    async interrupt() {
      const asked = performance.now();
      process.kill(-pid, 'SIGINT');
      await within('the end of npm start', ended, 10_000);
      return performance.now() - asked;
    },
  };
}

describe('a fresh clone', () => {
  it('installs, builds and starts by npm start alone, signs one in by its link, and is fast the second time', async () => {
    const cloned = spawnSync('git', ['clone', '--quiet', root, clone], { encoding: 'utf8' });
    expect(cloned.stderr).toBe('');
    const first = await npmStart(900_000);
    expect(first.output).toMatch(/Installing the dependencies/);
    expect(first.output).toMatch(/Building the dashboard/);
    expect(first.output).toMatch(/Telltale runs in development mode on http:\/\/localhost:\d+/);
    if (hasBrowser) {
      const browser = await launchBrowser();
      await using visitor = await visit(browser);
      await visitor.page.goto(first.link);
      await visitor.sees(/Live/);
      expect(await visitor.page.innerText('body')).toMatch(/\badmin\b/);
      await browser.close();
    }
    expect(await first.interrupt()).toBeLessThan(promised(2500));
    // Nothing it made is in git's way.
    const status = spawnSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' });
    expect(status.stdout).toBe('');

    const second = await npmStart(60_000);
    console.log(
      `npm start: ${Math.round(first.tookMs / 1000)} s in a fresh clone, ${(second.tookMs / 1000).toFixed(1)} s again`,
    );
    expect(second.output).not.toMatch(/Installing|Building/);
    expect(second.tookMs).toBeLessThan(promised(15_000));
    expect(await second.interrupt()).toBeLessThan(promised(2500));
  }, 1_200_000);
});
