// What an operator sees of connections: a refusal while it happens, with its cure, one attempt as a thread, a session that
// is ended with a reason that its page reads; and what a page finds out when its hub is gone. A real Chromium, a real hub
// in production, strangers that connect by plain sockets.

import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { openStorageHere, readSettings, startHub, type Hub } from '@telltale/hub';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { freePort, temporaryDirectory, testPassword, testSecret } from './support/hub-process.ts';
import { openPlainSocket, type PlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.runIf(hasBrowser)('the connections', () => {
  let browser: Browser;
  let hub: Hub;
  let port: number;
  let operator: Visitor;
  let token: string | undefined;
  const sockets: PlainSocket[] = [];

  async function ask<Answer>(path: string, body: object): Promise<Answer> {
    const response = await fetch(hub.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  }
  async function signIn(visitor: Visitor, user: string): Promise<void> {
    const { page } = visitor;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(`${hub.url}/sign-in`);
    await page.getByLabel('User').fill(user);
    await page.getByLabel('Password').fill(testPassword);
    await page.keyboard.press('Enter');
    await visitor.sees(/Live/);
  }
  /** A page of this origin tries to connect; answers with the attempt's id. */
  async function attemptFrom(origin: string, program = 'Firefox/145.0 (Linux)'): Promise<string> {
    const attempt = randomBytes(16).toString('base64url');
    const url = `ws://127.0.0.1:${port}/ws/dashboard/?attempt=${attempt}`;
    using socket = openPlainSocket(url, { origin, 'user-agent': program });
    await socket.end();
    return attempt;
  }
  const group = (name: RegExp): Locator => operator.page.getByRole('button', { name });

  beforeAll(async () => {
    port = await freePort();
    const read = readSettings({
      env: {
        TELLTALE_MODE: 'production',
        TELLTALE_SECRET: testSecret,
        TELLTALE_ALLOWED_ORIGINS: `http://localhost:${port}`,
        TELLTALE_ADMIN_PASSWORD: testPassword,
      },
      flags: { port: String(port), host: '127.0.0.1', dataDir: temporaryDirectory() },
    });
    if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    [browser, hub] = await Promise.all([
      launchBrowser(),
      startHub({ settings: read.settings, storage: openStorageHere, logSink: nowhere }),
    ]);
    const signedIn = { username: 'admin', password: testPassword };
    token = (await ask<{ access_token: string }>('/api/login', signedIn)).access_token;
    await ask('/api/users', { username: 'ada', role: 'viewer', password: testPassword });
    await ask('/api/users', { username: 'olga', role: 'operator', password: testPassword });
    operator = await visit(browser);
    await signIn(operator, 'olga');
    await operator.page.getByRole('link', { name: /^Connections/ }).click();
    await operator.page.getByRole('grid', { name: 'Connected now' }).waitFor();
  });
  afterAll(async () => {
    for (const socket of sockets) socket[Symbol.dispose]();
    await operator.context.close();
    await browser.close();
    await hub.stop();
  });

  it('that are refused appear while they happen, counted by their reason, with the line that cures it', async () => {
    const { page } = operator;
    await page.getByText('Nothing was refused and nothing has ended in the last 15 min.').waitFor();
    await attemptFrom('https://ops.example.com', '<b>fox</b>');
    await group(/^4403 Origin not allowed https:\/\/ops\.example\.com/).waitFor();
    await page.getByText(/It tried once from 1 address and was told to stop each time/).waitFor();
    const setting = `TELLTALE_ALLOWED_ORIGINS=http://localhost:${port},https://ops.example.com`;
    await page.locator('code', { hasText: setting }).waitFor();
    await attemptFrom('https://ops.example.com', '<b>fox</b>');
    await page.getByText(/It tried 2 times from 1 address/).waitFor();
    // What a stranger calls itself is text.
    await page.getByRole('rowheader', { name: '<b>fox</b>' }).waitFor();
    // The bars count the same, and the lamp of every page leads here.
    await until(
      'two refused bars',
      () => page.getByRole('slider', { name: 'Attempts, crosshair' }).getAttribute('aria-valuetext'),
      (text) => /2 refused, no storm\. Refused: 2 × 4403 origin not allowed/.test(text ?? ''),
    );
    await page.getByRole('link', { name: /^1 caution/ }).waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it('are shared in chat as they are counted now, and lead back to their page', async () => {
    const { page } = operator;
    // The bar that still grows is not shared.
    const growing = Math.floor(Date.now() / 10_000);
    await until(
      'the bar to be full',
      () => Promise.resolve(Math.floor(Date.now() / 10_000)),
      (bar) => bar > growing,
    );
    await page.waitForTimeout(2_000);
    await page.getByRole('button', { name: 'Share Attempts in chat' }).press('Enter');
    await page.getByRole('textbox', { name: /^Message/ }).waitFor();
    const text = `who is this, ${randomBytes(4).toString('hex')}?`;
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    const said = page.getByRole('article').filter({ hasText: text });
    await said
      .getByRole('img', {
        name: /^Attempts admitted per 10 s [\d.]+, min 0, .*; Attempts not admitted [\d.]+, min 0, max [12]\.0,/,
      })
      .waitFor();
    await said.getByRole('link', { name: /Attempts, this hub/ }).press('Enter');
    await page.waitForURL(/\/connections\?range=all$/);
    await page.getByRole('complementary', { name: 'Chat' }).getByRole('button', { name: 'Close chat' }).press('Enter');
    await page.goto(`${hub.url}/connections`);
  });

  it('open as a thread of their checks, beside the list, at an address that can be sent to whoever asks', async () => {
    const { page } = operator;
    const attempt = await attemptFrom('https://late.example.com');
    await group(/^4403 Origin not allowed https:\/\/late\.example\.com/).click();
    const link = page.getByRole('link', { name: `Attempt ${attempt.slice(0, 6)}…${attempt.slice(-4)}` });
    await link.click();
    const panel = page.getByRole('region', { name: /^Attempt \S/ });
    await panel.getByText('Refused at origin: 4403').waitFor();
    const steps = await panel
      .getByRole('list', { name: 'What happened, in order' })
      .getByRole('listitem')
      .allInnerTexts();
    const words = steps.map((text) => text.replaceAll(/\s+/g, ' ').trim());
    expect(words.map((text) => /(Arrived|passed|refused|not reached|never began)/.exec(text)?.[1])).toEqual([
      'Arrived',
      'passed',
      'passed',
      'refused',
      'not reached',
      'not reached',
      'not reached',
      'never began',
    ]);
    expect(words[3]).toContain('https://late.example.com');
    await panel.getByText(new RegExp(`attempt=${attempt}`)).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/connections/${attempt}`);
    expect(await barriers(page)).toEqual([]);
    // Its page asks why: that is told as well, without a press.
    const answer = await fetch(`${hub.url}/ws/attempts/${attempt}`);
    expect(await answer.json()).toMatchObject({ state: 'refused' });
    await panel.getByText(/^yes, .* after it was refused$/).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await until(
      'the keys back where they were',
      () => link.evaluate((element) => element === document.activeElement),
      (isThere) => isThere,
    );
    await page.goto(`${hub.url}/connections/${'A'.repeat(22)}`);
    await page.getByText(/The hub remembers nothing of A{22}\./).waitFor();
  });

  it('are found, and ended by keyboard alone with a reason that the other page reads', async () => {
    await using other = await visit(browser);
    await signIn(other, 'ada');
    // The page is for operators; whoever is none is told so, and is not led there.
    await other.page.goto(`${hub.url}/connections`);
    await other.page.getByText('The connections page is for operators.').waitFor();
    await other.page.getByRole('heading', { name: 'No right here' }).waitFor();
    expect(await other.page.getByRole('link', { name: /^Connections/ }).count()).toBe(0);
    const { page } = operator;
    await page.goto(`${hub.url}/connections`);
    const row = page.getByRole('row', { name: /^ada/ });
    await row.waitFor();
    const sent = (): Promise<string> => row.getByRole('gridcell').nth(-2).innerText();
    const before = await sent();
    await until('another count of messages in the row', sent, (text) => text !== before && /^\d/.test(text));
    await page.getByRole('searchbox', { name: 'Find a connection' }).focus();
    await page.keyboard.type('ADA');
    await until(
      'one row',
      () => page.getByRole('grid', { name: 'Connected now' }).getByRole('rowheader').count(),
      (count) => count === 1,
    );
    await page.getByRole('button', { name: 'Messages' }).focus();
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
      });
    await press('Tab', 'Tab');
    expect(await focused()).toBe('More about ada');
    await press('Enter');
    await page.getByRole('dialog', { name: 'More about ada' }).waitFor();
    await page.getByLabel('Why it is ended').waitFor();
    await until(
      'the popover to have the keys',
      () => page.evaluate(() => document.activeElement?.getAttribute('role')),
      (role) => role === 'dialog',
    );
    // Behind the way to the attempt.
    await press('Tab', 'Tab');
    await page.keyboard.type('the wall screen moves');
    await press('Tab');
    expect(await focused()).toBe('End session of ada');
    await press('Enter');
    await until('the armed button', focused, (text) => text === 'Press again to end: End session of ada');
    await press('Enter');
    await other.sees(/Session ended by an operator/);
    await other.page.getByRole('link', { name: 'Sign in' }).click();
    await other.page.getByText(/^An operator ended this session: the wall screen moves\. .*\(4410\)$/).waitFor();
    await page.getByRole('row', { name: /^ada/ }).waitFor({ state: 'detached' });
    await group(/^4410 Ended by an operator ada/).waitFor();
  });

  it('that all end and come back show as a storm, with reconnects and ends a second, by code', async () => {
    const { page } = operator;
    const login = await ask<{ access_token: string }>('/api/login', { username: 'ada', password: testPassword });
    const headers = { authorization: `Bearer ${login.access_token}` };
    const many = Array.from({ length: 14 }, () => headers);
    // First they lose the line, then they close by themselves.
    for (const code of [1006, 1000]) {
      const opened = many.map((each) => openPlainSocket(`ws://127.0.0.1:${port}/ws/`, each));
      await Promise.all(opened.map((socket) => socket.frame('welcome')));
      for (const socket of opened) {
        if (code === 1006) socket[Symbol.dispose]();
        else socket.close(1000, '');
      }
    }
    const storm = page
      .getByRole('listitem')
      .filter({ hasText: /^Storm/ })
      .first();
    await storm.getByText(/reconnects? and \d+ ends? a second/).waitFor();
    const told = (name: string): Promise<string> =>
      storm.innerText().then((text) => new RegExp(`(\\d+) × ${name}`).exec(text)?.[1] ?? '');
    await until(
      'the ends by code',
      () => Promise.all([told('1006 connection lost'), told('1000 closed')]),
      (counts) => counts.every((count) => Number(count) >= 14),
    );
  });

  it('fit a phone, list and thread, in the dark', async () => {
    const attempt = await attemptFrom('https://ops.example.com');
    await using narrow = await visit(browser, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      colorScheme: 'dark',
      storageState: await operator.context.storageState(),
    });
    const { page } = narrow;
    await page.goto(`${hub.url}/connections`);
    await narrow.sees(/Live/);
    await page.getByRole('grid', { name: 'Connected now' }).waitFor();
    await page.getByRole('button', { name: /^4403 Origin not allowed https:\/\/ops/ }).waitFor();
    expect(await overflow(page)).toBe(0);
    expect(await barriers(page)).toEqual([]);
    await page.goto(`${hub.url}/connections/${attempt}`);
    await page.getByText('Refused at origin: 4403').waitFor();
    expect(await page.getByRole('grid').count()).toBe(0);
    expect(await overflow(page)).toBe(0);
    await operator.context.addCookies((await narrow.context.storageState()).cookies);
    expect(narrow.faults).toEqual([]);
  });

  it('whose hub is gone are looked into, and the pill says what was found', async () => {
    const { page } = operator;
    await page.goto(`${hub.url}/connections`);
    await operator.sees(/Live/);
    await page.getByRole('grid', { name: 'Connected now' }).waitFor();
    // The browser tells of the attempt that nobody remembers; nothing else went wrong.
    expect(operator.faults.filter((text) => !text.includes('404'))).toEqual([]);
    await until(
      'what examines a line',
      () => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name)),
      (names) => names.some((name) => /\/diagnose-/.test(name)),
    );
    await hub.stop();
    await page.getByRole('button', { name: /^Connection:/ }).click();
    const found = page.getByRole('region', { name: 'Why there is no line' });
    await found.getByText(/^It does not connect/).waitFor({ timeout: 30_000 });
    await found.getByRole('button', { name: /^What was looked at/ }).click();
    expect(await found.getByRole('listitem').count()).toBeGreaterThan(3);
    // What was there stays, and says that it is old.
    await page
      .getByText(/^as of \d\d:\d\d:\d\d/)
      .first()
      .waitFor();
  });
});
