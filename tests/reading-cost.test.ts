// What reading costs a page: two thousand messages a second into twenty components, and twenty-four charts that move ten
// times a second. A real Chromium, production builds, a real gateway; the main thread's share of a processor is measured.

import { createGateway, stream, type Gateway, type GatewayOptions } from '@telltale/gateway';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { isLongRun, randomFrom, testSeed } from '../packages/gateway/src/testing/random.ts';
import { everyMs, charts, points } from './pages/charts-size.ts';
import type { ChartsTold } from './pages/charts-page.tsx';
import type { ReadingTold } from './pages/reading-page.tsx';
import type { Beside } from './pages/strip-beside.ts';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import { serveBuilt } from './support/built-page.ts';
import { type Busy, busyWords, watchMainThread } from './support/main-thread.ts';
import { until } from './support/until.ts';

const components = 20;
const perSecond = 2_000;
/** How long is measured, in milliseconds. */
const measuredMs = isLongRun ? 20_000 : 3_000;
const feedMs = 10;
/**
 * In so many parts the charts are measured, and held to the least of them: beside others the same work takes up to twice the
 * time of a processor, for it finds nothing where it left it.
 */
const parts = isLongRun ? 4 : 1;

/** Publishes at an even pace, whatever the timers do; returns its end. */
function feed(rate: number, publish: (n: number) => void): () => number {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1_000) * rate);
    while (sent < due) publish(sent++);
  }, feedMs);
  return () => {
    clearInterval(timer);
    return sent;
  };
}

describe.runIf(hasBrowser)('a page that reads', () => {
  const browsers: Browser[] = [];
  let faults: string[];
  afterAll(async () => {
    await Promise.all(browsers.map((browser) => browser.close()));
  });
  beforeEach(() => {
    faults = [];
  });

  /** Opens a built page on the server of a gateway, which is stopped with the test. */
  async function open(
    name: string,
    options: GatewayOptions<Record<string, ReturnType<typeof stream>>>,
    viewport: { width: number; height: number },
    { query = '' }: { readonly query?: string } = {},
  ): Promise<{ readonly page: Page; readonly gateway: Gateway }> {
    const site = await serveBuilt(name);
    onTestFinished(() => site[Symbol.asyncDispose]());
    const gateway = createGateway(options) as unknown as Gateway;
    gateway.attach(site.server);
    onTestFinished(() => gateway.stop({ returnWindowMs: 0 }));
    const browser = await launchBrowser();
    browsers.push(browser);
    const page = await browser.newPage({ viewport });
    onTestFinished(() => page.close());
    page.on('pageerror', (error) => faults.push(String(error)));
    await page.goto(`${site.url}/${query}`);
    return { page, gateway };
  }
  async function told<Told>(page: Page): Promise<Told> {
    expect(faults).toEqual([]);
    return (await page.evaluate('window.told')) as Told;
  }

  async function measure<Told>(
    page: Page,
    forMs: number = measuredMs,
  ): Promise<{ readonly busy: Busy; readonly before: Told; readonly after: Told }> {
    const thread = await watchMainThread(page);
    const before = await told<Told>(page);
    await thread.busy();
    await new Promise((resolve) => setTimeout(resolve, forMs));
    const busy = await thread.busy();
    return { busy, before, after: await told<Told>(page) };
  }

  it.each([
    { what: `${components} streams`, query: '', channels: components },
    { what: 'one stream', query: '?shared', channels: 1 },
  ])(
    `[CLI6] takes ${perSecond} messages a second of $what into ${components} components: one render each per frame`,
    async ({ what, query, channels }) => {
      const { page, gateway } = await open(
        'reading-page.tsx',
        { channels: { readings: stream('readings/:n', { read: () => true }) } },
        { width: 1280, height: 900 },
        { query },
      );
      const text = 'x'.repeat(150);
      const end = feed(perSecond, (n) => void gateway.publish(`readings/${n % channels}`, { n, text }));
      onTestFinished(() => void end());
      await until(
        'all components to read',
        () => told<ReadingTold>(page),
        ({ newest }) => newest.every((n) => n > 2 * perSecond),
      );
      const { busy, before, after } = await measure<ReadingTold>(page);
      const frames = after.frames - before.frames;
      const renders = after.renders.map((count, index) => count - (before.renders[index] ?? 0));
      const read = Math.max(...after.newest) - Math.max(...before.newest);
      console.log(
        `${perSecond} messages/s of ${what}: ${busyWords(busy)} of the main thread, ${(read / busy.seconds).toFixed(0)} read/s, ` +
          `${(frames / busy.seconds).toFixed(0)} frames/s, ${(Math.max(...renders) / busy.seconds).toFixed(0)} renders/s each`,
      );
      expect(after.most).toBe(1);
      expect(Math.min(...renders)).toBeGreaterThan(busy.seconds);
      expect(Math.max(...renders)).toBeLessThanOrEqual(frames + 1);
      const published = end();
      await until(
        'the newest message',
        () => told<ReadingTold>(page),
        ({ newest }) => Math.max(...newest) === published - 1,
      );
      // Beside others a rasterizer in software takes what it gets: only a quiet machine says something of the share.
      if (isLongRun) expect(busy.task).toBeLessThan(25);
    },
  );

  it(`draws ${charts} charts of 4 lines with ${points} points ten times a second, painting bit by bit what could be painted at once`, async () => {
    const { page, gateway } = await open(
      'charts-page.tsx',
      {
        channels: {
          metrics: stream('metrics/:agent', { read: () => true, retention: { count: 2 * points, bytes: 4e6 } }),
        },
      },
      { width: 1920, height: 1080 },
    );
    const value = (n: number, line: number): number => 50 + 40 * Math.sin(n / (7 + 5 * line)) + ((n * 7919) % 13);
    const sampleAt = (n: number, at: number): object => ({
      at,
      // Longer than it is: a machine that is busy must not turn the charts to lines that are late.
      intervalMs: 1_000,
      cpu: { total: value(n, 0), cores: [1, 2], load: [value(n, 1), value(n, 2), value(n, 3)] },
      memory: { used: 1, total: 2 },
      disks: [],
      uptime: 1,
    });
    const first = Date.now() - points * everyMs;
    const publish = (n: number): void => {
      for (let chart = 0; chart < charts; chart++) {
        void gateway.publish(`metrics/m${chart}`, sampleAt(n + chart * 31, first + n * everyMs));
      }
    };
    for (let n = 0; n < points; n++) publish(n);
    const end = feed(1_000 / everyMs, (n) => publish(points + n));
    onTestFinished(() => void end());
    await until(
      'charts that are full and move',
      () => told<ChartsTold>(page),
      (seen) => seen.points > points / 2 && seen.drawings > 4 * charts,
      30_000,
    );
    expect(await page.locator('canvas').count()).toBe(charts);
    expect(await page.evaluate('document.documentElement.scrollHeight <= innerHeight')).toBe(true);
    const seen: { readonly busy: Busy; readonly drawings: number; readonly points: number; readonly lines: number }[] =
      [];
    for (let part = 0; part < parts; part += 1) {
      const { busy, before, after } = await measure<ChartsTold>(page, measuredMs / parts);
      seen.push({ ...after, busy, drawings: (after.drawings - before.drawings) / charts / busy.seconds });
    }
    // A machine that is busy draws less often, and must not look cheaper for it.
    const atFullRate = seen.map(({ busy, drawings }) => busy.task * Math.max(1, 1_000 / everyMs / drawings));
    const least = Math.min(...atFullRate);
    const quietest = seen[atFullRate.indexOf(least)] as (typeof seen)[number];
    console.log(
      `${charts} charts × 4 lines × ${quietest.points} points: ${busyWords(quietest.busy)} of the main thread, ` +
        `${quietest.drawings.toFixed(1)} drawings/s each; at ten a second ${least.toFixed(1)} % at the quietest, ` +
        `${(atFullRate.reduce((sum, share) => sum + share, 0) / parts).toFixed(1)} % in the mean`,
    );
    expect(quietest.lines).toBe(4 * charts);
    expect(quietest.points).toBeGreaterThan(points / 2);
    expect(quietest.drawings).toBeGreaterThan(0);
    if (isLongRun) expect(least).toBeLessThan(30);

    // What was painted bit by bit is the picture that is painted at once.
    const draw = randomFrom(testSeed);
    const random = Array.from({ length: 2_000 }, draw);
    for (const isWhole of [true, false]) {
      const { painted, apart } = (await page.evaluate(
        `paintedBeside(${isWhole}, ${JSON.stringify(random)})`,
      )) as Beside;
      expect(painted).toBeGreaterThan(10_000);
      expect(apart, `pixels apart, seed ${testSeed}`).toBe(0);
    }
    expect(faults).toEqual([]);
  });
});
