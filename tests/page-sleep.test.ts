// A laptop that sleeps under an open page: its timers stand still, its clock jumps, and the network forgets its
// connections without a word. A real Chromium, the built hub, and a proxy between that swallows bytes.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit } from './support/browser.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { startHubProcess, type HubProcess } from './support/hub-process.ts';
import { holds, until } from './support/until.ts';

/** Counts the page's sockets, and the pings it sent over them. */
function watchLine(page: Page): { opened: number; pings: number } {
  const line = { opened: 0, pings: 0 };
  page.on('websocket', (socket) => {
    line.opened++;
    socket.on('framesent', ({ payload }) => {
      if (String(payload).startsWith('{"type":"ping"')) line.pings++;
    });
  });
  return line;
}

// Without a look on waking, silence shows only after 20 s.
const wakeMs = 15_000;

// At the same time: most of it is waiting.
describe.runIf(hasBrowser).concurrent('a page on a laptop that slept', () => {
  let browser: Browser;
  let hub: HubProcess;
  beforeAll(async () => {
    browser = await launchBrowser();
    hub = await startHubProcess();
  });
  afterAll(async () => {
    await browser.close();
    await hub[Symbol.asyncDispose]();
  });

  it('[CLI4] probes its line when its timers run again, and replaces one that the network has forgotten', async ({
    onTestFinished,
  }) => {
    await using proxy = await startCuttingProxy(hub.port);
    const laptop = await launchBrowser();
    onTestFinished(() => laptop.close());
    await using visitor = await visit(laptop);
    const { page } = visitor;
    const line = watchLine(page);
    await page.goto(`http://localhost:${proxy.port}`);
    await visitor.sees(/Live/);
    // Its process stands still, as all do on a laptop that sleeps, for longer than a heartbeat.
    const devtools = await laptop.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
    expect(renderers.length).toBeGreaterThan(0);
    for (const pid of renderers) process.kill(pid, 'SIGSTOP');
    proxy.cut();
    const asleepAt = Date.now();
    await holds(
      'a page that stands still',
      () => line.opened,
      (count) => count === 1,
      12_000,
    );

    const wokeAt = Date.now();
    for (const pid of renderers) process.kill(pid, 'SIGCONT');
    await until(
      'a new socket',
      () => line.opened,
      (count) => count === 2,
    );
    const live = await visitor.sees(/Live/, { since: wokeAt + 1000 });
    expect(live.at - wokeAt).toBeLessThan(wakeMs);
    expect((await visitor.said()).filter(({ at }) => at > asleepAt + 500 && at < wokeAt)).toEqual([]);
  });

  it('[CLI4] probes its line when its clock jumped, and keeps one that answers', async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    const line = watchLine(page);
    await page.clock.install();
    await page.goto(hub.url);
    await visitor.sees(/Live/);
    const before = line.pings;

    await page.clock.fastForward('01:00:00');
    await until(
      'a probe',
      () => line.pings,
      (count) => count > before,
      5000,
    );
    await until(
      'the page to be live',
      () => page.getByTestId('connection-pill').innerText(),
      (text) => /Live/.test(text),
    );
    await holds(
      'the same line',
      () => line.opened,
      (count) => count === 1,
      4000,
    );
    expect(await page.getByTestId('connection-pill').innerText()).toMatch(/Live/);
  });

  it('[CLI4] probes its line when its clock jumped, and replaces one that the network has forgotten', async () => {
    await using proxy = await startCuttingProxy(hub.port);
    await using visitor = await visit(browser);
    const { page } = visitor;
    const line = watchLine(page);
    await page.clock.install();
    await page.goto(`http://localhost:${proxy.port}`);
    await visitor.sees(/Live/);

    const before = line.pings;
    proxy.cut();
    const wokeAt = performance.now();
    await page.clock.fastForward('08:00:00');
    await until(
      'a probe',
      () => line,
      ({ pings, opened }) => pings > before && opened === 1,
      3000,
    );
    await until(
      'a new socket',
      () => line.opened,
      (count) => count === 2,
    );
    await until(
      'the page to be live',
      () => page.getByTestId('connection-pill').innerText(),
      (text) => /Live/.test(text),
    );
    expect(performance.now() - wokeAt).toBeLessThan(wakeMs);
  });

  it('[CLI4] [CLI5] comes back, and renews its token, over a network that has forgotten its HTTP connections too', async () => {
    await using proxy = await startCuttingProxy(hub.port);
    await using visitor = await visit(browser);
    const { page } = visitor;
    const fetched: string[] = [];
    page.on('requestfinished', (request) => fetched.push(new URL(request.url()).pathname));
    await page.clock.install();
    await page.goto(hub.startLink().replace(String(hub.port), String(proxy.port)));
    await visitor.sees(/Live/);
    const line = watchLine(page);
    // A module that hangs cannot be given up; a page that has been open for a moment has fetched all of them.
    await until(
      'the last of its pages',
      () => fetched,
      (paths) => paths.some((path) => /\/settings-[\w-]+\.js$/.test(path)),
      30_000,
    );

    proxy.cut();
    await page.clock.fastForward('00:30:00');
    await until(
      'a new socket',
      () => line.opened,
      (count) => count >= 1,
      30_000,
    );
    await until(
      'the page to be live',
      () => page.getByTestId('connection-pill').innerText(),
      (text) => /Live/.test(text),
      30_000,
    );
    expect(await page.innerText('body')).toMatch(/\badmin\b/);

    // The renewal it began on waking hangs in a dead connection: it gives up and asks again.
    const renewed = page.waitForResponse((answer) => answer.url().endsWith('/api/refresh') && answer.ok(), {
      timeout: 60_000,
    });
    await page.clock.fastForward('00:13:00');
    await renewed;
  });
});
