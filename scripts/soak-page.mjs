// The page of a soak: a dashboard in Chromium that is taken through its pages, round after round, and measured at the end
// of each, after a forced collection. Knows DevTools' words for heap, nodes and listeners.

import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { Fault } from './run.mjs';
import { toolPath } from './tools.mjs';

/**
 * Opens a dashboard by a link that signs in.
 *
 * @returns {Promise<{ page: import('playwright-core').Page, faults: readonly string[], close(): Promise<void>,
 *   round(paths: readonly string[], roundMs: number): Promise<void>,
 *   measure(): Promise<Omit<import('./soak-verdict.mjs').Sample, 'atMs' | 'hubBytes'>> }>}
 */
export async function openDashboard(/** @type {string} */ link) {
  const executablePath = toolPath('chromium');
  if (executablePath === undefined) throw new Fault('Found no Chromium: apt-get install chromium');
  const browser = await chromium.launch({
    executablePath,
    // Ctrl-C ends the round first.
    handleSIGINT: false,
    handleSIGTERM: false,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  /** A page that fails each second must not fill this program's memory: the first ones tell. */
  const faults = [];
  const keep = (fault) => faults.length < 20 && faults.push(fault);
  page.on('pageerror', (error) => keep(String(error)));
  page.on('crash', () => keep('the page crashed'));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(link);
  await page.locator('[data-testid="connection-pill"]', { hasText: 'Live' }).waitFor();

  const goTo = async (path) => {
    await page.evaluate((to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
    }, path);
    await page.locator('h1:not(:text-is("Loading"))').waitFor();
  };
  const metrics = async () => {
    const { metrics: all } = await devtools.send('Performance.getMetrics');
    return Object.fromEntries(all.map(({ name, value }) => [name, value]));
  };
  let last = { at: performance.now(), busySeconds: (await metrics()).TaskDuration };

  return {
    page,
    faults,
    close: () => browser.close(),
    /** All pages, each for its share of the time, and back to the first. */
    async round(paths, roundMs) {
      const until = performance.now() + roundMs;
      for (const [index, path] of [...paths.slice(1), paths[0]].entries()) {
        await goTo(path);
        await wait(Math.max(0, (until - performance.now()) / (paths.length - index)));
      }
    },
    async measure() {
      const { TaskDuration: busySeconds } = await metrics();
      const now = { at: performance.now(), busySeconds };
      const busyPercent = ((now.busySeconds - last.busySeconds) / (now.at - last.at)) * 100_000;
      // The second finds what the first one's finalizers let go of.
      for (let times = 0; times < 2; times++) await devtools.send('HeapProfiler.collectGarbage');
      const found = await metrics();
      last = { at: performance.now(), busySeconds: found.TaskDuration };
      return {
        heapBytes: found.JSHeapUsedSize,
        nodes: found.Nodes,
        listeners: found.JSEventListeners,
        documents: found.Documents,
        busyPercent,
      };
    },
  };
}
