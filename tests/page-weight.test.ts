// What a page costs who opens it: bytes before it stands, things its own policy forbids, stops of the Tab key nobody
// can see, and what reconnecting leaves behind. A real Chromium against a hub in production.

import type { Browser, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { startHubProcess, testPassword, type HubProcess } from './support/hub-process.ts';
import { until } from './support/until.ts';

describe.runIf(hasBrowser)('a page of a hub in production', () => {
  let browser: Browser;
  let hub: HubProcess;
  beforeAll(async () => {
    browser = await launchBrowser();
    hub = await startHubProcess({ mode: 'production' });
  });
  afterAll(async () => {
    await browser.close();
    await hub[Symbol.asyncDispose]();
  });

  async function signIn(visitor: Visitor): Promise<void> {
    const { page } = visitor;
    await page.goto(hub.url);
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill(testPassword);
    await page.keyboard.press('Enter');
    await visitor.sees(/Live/);
    const chart = page.getByRole('slider', { name: 'CPU, crosshair' });
    await until(
      'samples',
      () => chart.getAttribute('aria-valuemax'),
      (value) => Number(value) >= 2,
    );
  }

  it('loads at most 220 kB of compressed JavaScript, from the hub alone, and breaks none of its own policy', async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.addInitScript(() => {
      const told: string[] = [];
      Object.assign(window, { forbidden: told });
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        told.push(`${violatedDirective} ${blockedURI}`),
      );
    });
    const scripts: Promise<number>[] = [];
    const hosts = new Set<string>();
    // What the page fetches for later, each after a question whether the hub answers, is none of its first weight.
    const first = new Set<Request>();
    const asked: string[] = [];
    let isAhead = false;
    const begun = (request: Request): void => {
      const { host, pathname } = new URL(request.url());
      hosts.add(host);
      asked.push(pathname);
      isAhead ||= pathname === '/healthz';
      if (!isAhead && request.resourceType() === 'script') first.add(request);
    };
    const finished = (request: Request): void => {
      if (first.has(request)) scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    };
    page.on('request', begun);
    page.on('requestfinished', finished);
    await signIn(visitor);
    // Waited for on a quick machine too: what is fetched for later without that question is always counted.
    await until(
      'chat and the last of the pages',
      () => asked,
      (paths) => ['chat-panel', 'settings'].every((name) => paths.some((path) => path.includes(`/${name}-`))),
    );
    page.off('request', begun);
    page.off('requestfinished', finished);
    const sizes = await Promise.all(scripts);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`initial JavaScript: ${Math.round(bytes / 1000)} kB over the wire in ${sizes.length} files`);
    expect(sizes.length).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(220_000);
    expect([...hosts]).toEqual([new URL(hub.url).host]);

    for (const name of ['Users', 'Account', 'Overview']) {
      await page.getByRole('link', { name }).first().click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
    }
    expect(await page.evaluate(() => (window as unknown as { forbidden: string[] }).forbidden)).toEqual([]);
    // A browser without a login asks to renew it and is told 401; Chromium writes that to the console by itself.
    expect(visitor.faults.filter((fault) => !/status of 401/.test(fault))).toEqual([]);
  });

  it('shows the focus at every stop of the Tab key', async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await signIn(visitor);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const stops: string[] = [];
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        if (element === null || element === document.body) return undefined;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        const isShown = (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
        const label = element.getAttribute('aria-label') ?? element.innerText;
        return { label: label.trim().replaceAll(/\s+/g, ' ').slice(0, 60), isShown };
      });
      if (stop === undefined) break;
      expect(stop.isShown, `focus on "${stop.label}"`).toBe(true);
      stops.push(stop.label);
    }
    expect(stops[0]).toBe('Skip to content');
    for (const name of ['Pause', 'CPU, crosshair', 'Show CPU as table']) expect(stops).toContain(name);
  });

  it('keeps nothing of the connections it had', async () => {
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    await signIn(visitor);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable');
    const measure = async (): Promise<{ listeners: number; nodes: number }> => {
      await devtools.send('HeapProfiler.collectGarbage');
      const { metrics } = await devtools.send('Performance.getMetrics');
      const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
      return { listeners: of('JSEventListeners'), nodes: of('Nodes') };
    };
    const reconnect = async (): Promise<void> => {
      let since = Date.now();
      await context.setOffline(true);
      await visitor.sees(/Offline/, { since });
      since = Date.now();
      await context.setOffline(false);
      await visitor.sees(/Live/, { since });
    };
    await reconnect();
    // The page brings its later parts in after the first sample: what it weighs is taken once it has stopped growing.
    let before = await measure();
    await until(
      'the page to stand',
      async () => {
        await page.waitForTimeout(2000);
        const last = before;
        before = await measure();
        return Math.abs(before.nodes - last.nodes);
      },
      (grown) => grown < 10,
      30_000,
    );
    for (let n = 0; n < 20; n++) await reconnect();
    // What is dead may take the collector a while; what is kept never falls.
    await until(
      'listeners and nodes to fall back',
      async () => {
        const after = await measure();
        return { listeners: after.listeners - before.listeners, nodes: after.nodes - before.nodes };
      },
      ({ listeners, nodes }) => listeners < 10 && nodes < 100,
      20_000,
    );
    await until(
      'one session',
      () => page.locator('#tile-sessions').innerText(),
      (text) => /\b1\s+connected/.test(text),
    );
  });
});
