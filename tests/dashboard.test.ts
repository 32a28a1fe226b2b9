// What the dashboard promises to everybody who looks at it: no barrier that axe finds, all of it by keyboard, a phone's
// width, nothing against its own content policy. A real Chromium against a real hub.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { startHubProcess, type HubProcess } from './support/hub-process.ts';
import { until } from './support/until.ts';

/** Signs in by the one-time link, or by the cookie it left, and waits for curves. */
async function enter(visitor: Visitor, url: string): Promise<void> {
  await visitor.page.goto(url);
  await visitor.sees(/Live/);
  await until(
    'samples',
    () => visitor.page.getByRole('slider', { name: 'CPU, crosshair' }).getAttribute('aria-valuemax'),
    (count) => Number(count) >= 2,
  );
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.runIf(hasBrowser)('the dashboard', () => {
  let browser: Browser;
  let hub: HubProcess;
  let admin: Visitor;
  beforeAll(async () => {
    browser = await launchBrowser();
    hub = await startHubProcess();
    admin = await visit(browser);
    await enter(admin, hub.startLink());
  });
  afterAll(async () => {
    await admin.context.close();
    await hub[Symbol.asyncDispose]();
    await browser.close();
  });

  it('takes the one-time code out of the address at once', () => {
    expect(admin.page.url()).toBe(`${hub.url}/`);
  });

  it.each([
    { colorScheme: 'dark', rules: [] },
    { colorScheme: 'light', rules: ['color-contrast'] },
  ] as const)('has no barrier that axe finds, in $colorScheme', async ({ colorScheme, rules }) => {
    const { page } = admin;
    // Without motion, so that nothing is measured while it still fades in.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(`${hub.url}/`);
    await admin.sees(/Live/);
    await page.getByRole('rowheader').first().waitFor();
    expect(await barriers(page, ...rules)).toEqual([]);

    await page.getByRole('button', { name: 'Show CPU as table' }).click();
    await page.getByRole('region', { name: 'CPU as table' }).waitFor();
    expect(await barriers(page, ...rules)).toEqual([]);
    await page.getByRole('button', { name: 'Show CPU as chart' }).click();

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused at').first().waitFor();
    expect(await barriers(page, ...rules)).toEqual([]);

    await page.getByRole('button', { name: /^Connection:/ }).click();
    await page.getByRole('dialog', { name: 'Connection' }).waitFor();
    expect(await barriers(page, ...rules)).toEqual([]);
    await page.keyboard.press('Escape');

    for (const name of ['Users', 'Account']) {
      await page.getByRole('link', { name }).first().click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.getByRole('rowheader').first().waitFor();
      expect(await barriers(page, ...rules), name).toEqual([]);
    }
    await using stranger = await visit(browser, { colorScheme });
    await stranger.page.goto(`${hub.url}/sign-in`);
    await stranger.page.getByText('Hub reachable').waitFor();
    expect(await barriers(stranger.page, ...rules)).toEqual([]);
  });

  it('fits a phone on every page, without sideways scrolling and without a barrier', async () => {
    await using phone = await visit(browser, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      storageState: await admin.context.storageState(),
    });
    const { page } = phone;
    for (const path of ['/', '/users', '/account']) {
      await page.goto(hub.url + path);
      await phone.sees(/Live/);
      await page.getByRole('rowheader').first().waitFor();
      expect(await overflow(page), path).toBe(0);
      expect(await barriers(page), path).toEqual([]);
    }
    // Who has not signed in may not read which rooms there are, and finds the one that everybody reads.
    await using stranger = await visit(browser, { viewport: { width: 390, height: 844 } });
    await stranger.page.goto(`${hub.url}/chat`);
    await stranger.page.getByRole('link', { name: 'General', exact: true }).click();
    await stranger.page.getByRole('region', { name: 'Room General' }).waitFor();
    await stranger.page.getByText('Sign in to write here.').waitFor();
    expect(await barriers(stranger.page)).toEqual([]);
    // The cookie was renewed there: the first browser context takes it over, or its login would end.
    await admin.context.addCookies((await phone.context.storageState()).cookies);
  });

  it('is worked by keyboard alone: charts, panel, pause', async () => {
    const { page } = admin;
    await enter(admin, `${hub.url}/`);
    const crosshair = page.getByRole('slider', { name: 'CPU, crosshair' });
    await crosshair.focus();
    await page.keyboard.press('End');
    expect(await crosshair.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d, all cores [\d.]+ %$/);
    const newest = Number(await crosshair.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowLeft');
    expect(Number(await crosshair.getAttribute('aria-valuenow'))).toBeLessThan(newest);
    await page.keyboard.press('Home');
    expect(Number(await crosshair.getAttribute('aria-valuenow'))).toBe(0);
    // One crosshair for the page: every chart stands at the same time. Read at once, since the window moves on.
    const times = await page
      .getByRole('slider', { name: /, crosshair$/ })
      .evaluateAll((sliders) => sliders.map((slider) => slider.getAttribute('aria-valuetext')?.slice(0, 8)));
    expect(times.length).toBeGreaterThan(1);
    expect(new Set(times).size, times.join(' ')).toBe(1);
    const outline = await crosshair.evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe('solid');

    await page.keyboard.press('l');
    await admin.sees(/Paused/);
    await page.keyboard.press('l');
    await page.getByRole('button', { name: /^Connection:/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Connection' }).waitFor();
    await page.keyboard.press('Escape');
    await until(
      'focus to come back to the pill',
      () => page.evaluate(() => document.activeElement?.id),
      (id) => id === 'connection',
    );
  });

  it('stops drawing while paused and keeps what comes', async () => {
    const { page } = admin;
    await enter(admin, `${hub.url}/`);
    await page.getByRole('button', { name: 'Pause' }).click();
    const crosshair = page.getByRole('slider', { name: 'CPU, crosshair' });
    const held = await crosshair.getAttribute('aria-valuemax');
    await page
      .getByText(/Paused at .* [2-9] new points/)
      .first()
      .waitFor();
    expect(await crosshair.getAttribute('aria-valuemax')).toBe(held);
    await page.getByRole('button', { name: 'Go live' }).first().click();
    await until(
      'what came meanwhile',
      () => crosshair.getAttribute('aria-valuemax'),
      (count) => Number(count) >= Number(held) + 2,
    );
  });

  it('does nothing that its own content policy forbids', () => {
    expect(admin.faults.filter((text) => /Content Security Policy|Refused to/i.test(text))).toEqual([]);
  });
});
