// What happens to a page while it is open: its token runs out, its account is disabled, its network goes and comes, the
// laptop under it sleeps. A real Chromium against a real hub.

import { Writable } from 'node:stream';
import { openStorageHere, readSettings, startHub, type Hub } from '@telltale/hub';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { startHubProcess, temporaryDirectory, testPassword, type HubProcess } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { holds, until } from './support/until.ts';

/** Sockets the page has opened so far, and how many of them are open. */
function watchSockets(page: Page): { opened: number; open: number } {
  const count = { opened: 0, open: 0 };
  page.on('websocket', (socket) => {
    count.opened++;
    count.open++;
    socket.on('close', () => count.open--);
  });
  return count;
}

async function signIn(visitor: Visitor, url: string, username: string): Promise<void> {
  const { page } = visitor;
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('User').fill(username);
  await page.getByLabel('Password').fill(testPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await visitor.sees(/Live/);
}

let users = 0;

/** A user nobody has used yet, also when a test is tried once more: its name, which begins with `name`. */
async function addUser(hub: HubProcess, name: string): Promise<string> {
  users += 1;
  const added = await hub.command(['user', 'add', `${name}-${users}`], `${testPassword}\n`);
  expect(added.stderr).toBe('');
  return `${name}-${users}`;
}

describe.runIf(hasBrowser)('an open page', () => {
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

  it('[CLI5] [SES9] [SES10] shows nothing when its token expires, because it has a new one in time', async () => {
    // So long that a renewal which a busy machine holds up comes in time yet.
    const lifeSeconds = 16;
    const dataDir = temporaryDirectory();
    const read = readSettings({ env: {}, flags: { port: '0', dataDir, adminPassword: testPassword } });
    if (read.kind === 'faults') throw new Error(read.faults.join('\n'));
    let log = '';
    const logSink = new Writable({
      write(chunk, _encoding, done) {
        log += String(chunk);
        done();
      },
    });
    const short: Hub = await startHub({
      settings: read.settings,
      storage: openStorageHere,
      accessTokenSeconds: lifeSeconds,
      logSink,
    });
    try {
      await using visitor = await visit(browser);
      const sockets = watchSockets(visitor.page);
      await signIn(visitor, short.url, 'admin');
      await until(
        'one session',
        () => [...short.gateway.sessions()],
        (all) => all.length === 1,
      );
      const [session] = short.gateway.sessions();
      const openedAt = Date.now();
      const { opened } = sockets;
      const first = session?.identity.expiresAt ?? 0;
      expect(first).toBeLessThan(openedAt + (lifeSeconds + 1) * 1000);
      // Beside it a client that does not renew, to see that the hub means it.
      const { access_token: token } = (await (
        await fetch(`${short.url}/api/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username: 'admin', password: testPassword }),
        })
      ).json()) as { access_token: string };
      using careless = openPlainSocket(`${short.url.replace('http', 'ws')}/ws/?token=${token}`);
      await careless.frame('welcome');

      // And a second tab with the same cookie, which each renewal turns.
      const tab = await visitor.context.newPage();
      let tabSockets = 0;
      tab.on('websocket', () => tabSockets++);
      await tab.goto(short.url);
      await tab.getByTestId('connection-pill').getByText('Live').first().waitFor();

      await until(
        'the third token',
        () => session?.identity.expiresAt ?? 0,
        (expiresAt) => expiresAt > first + lifeSeconds * 1000,
        3 * lifeSeconds * 1000,
      );
      expect(Date.now()).toBeGreaterThan(first);
      expect(await careless.end(lifeSeconds * 1000)).toMatchObject({ code: 4419 });

      const left = [...short.gateway.sessions()];
      expect(left).toHaveLength(2);
      expect(left.map(({ id }) => id)).toContain(session?.id);
      expect(tabSockets).toBe(1);
      expect(sockets).toEqual({ opened, open: 1 });
      const said = (await visitor.said()).filter(({ at }) => at > openedAt);
      expect(said.filter(({ text }) => !/Live/.test(text))).toEqual([]);
      expect(log).not.toContain(token);
    } finally {
      await short.stop();
    }
  }, 180_000);

  it('[CLI1] says that its account was disabled, and stops trying', async () => {
    const mara = await addUser(hub, 'mara');
    await using visitor = await visit(browser);
    const { page } = visitor;
    const sockets = watchSockets(page);
    await signIn(visitor, hub.url, mara);

    const disabled = await hub.command(['user', 'disable', mara]);
    const at = Date.now();
    expect(disabled.code).toBe(0);
    const told = await visitor.sees(/Account disabled.*4410/, { since: at - 2000 });
    expect(told.at - at).toBeLessThan(promised(2500));
    const { opened } = sockets;
    await holds(
      'a page that has stopped',
      () => ({ ...sockets }),
      (now) => now.opened === opened && now.open === 0,
      5000,
    );
    expect(await page.getByTestId('connection-pill').innerText()).toMatch(/Account disabled/);

    // The gate says it too, and the password does not help.
    await page.getByTestId('connection-pill').getByText('Sign in').click();
    await until(
      'the reason at the gate',
      () => page.innerText('main'),
      (text) => /Account disabled/.test(text),
    );
    await page.getByLabel('User').fill(mara);
    await page.getByLabel('Password').fill(testPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await until(
      'the refusal',
      () => page.innerText('main'),
      (text) => /This account is disabled/.test(text),
    );
  });

  it('says that its login has ended while the hub was away, and never goes on as nobody in its name', async () => {
    await using own = await startHubProcess();
    const eve = await addUser(own, 'eve');
    await using visitor = await visit(browser);
    await signIn(visitor, own.url, eve);
    await own.kill9();
    await own.command(['user', 'passwd', eve], `${testPassword} too\n`);
    const backAt = Date.now();
    await own.restart();
    const ended = await visitor.sees(/Login ended/, { since: backAt });
    expect((await visitor.said()).filter(({ at, text }) => at > backAt && /Live/.test(text))).toEqual([]);
    expect(ended.text).toContain('4401');
    await visitor.page.getByRole('link', { name: 'Sign in' }).first().click();
    await visitor.page.getByText('Login ended').waitFor();
  });

  it('takes a one-time link in its address, says what is wrong with it, and keeps it in no history', async () => {
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(hub.url);
    await visitor.sees(/Live/);
    const loadedAt = await page.evaluate(() => performance.timeOrigin);
    await page.goto(`${hub.url}/#start=%`);
    await page.getByText('The one-time link did not work').waitFor();
    expect(page.url()).toBe(`${hub.url}/`);
    await page.goto(hub.startLink());
    await page.getByRole('link', { name: 'Users' }).first().waitFor();
    expect(page.url()).toBe(`${hub.url}/`);
    expect(await page.evaluate(() => performance.timeOrigin), 'the page was not loaded anew').toBe(loadedAt);
  });

  it('[CLI3] says at once that the browser is offline, and is live at once when it is back', async () => {
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    await page.goto(hub.url);
    await visitor.sees(/Live/);

    const cutAt = Date.now();
    await context.setOffline(true);
    const away = await visitor.sees(/Offline since \d\d:\d\d.*no network/, { since: cutAt });
    expect(away.at - cutAt).toBeLessThan(promised(1000));
    const sockets = watchSockets(page);
    await holds(
      'an offline page that does not try',
      () => sockets.opened,
      (opened) => opened === 0,
      3000,
    );

    const backAt = Date.now();
    await context.setOffline(false);
    const live = await visitor.sees(/Live/, { since: backAt });
    expect(live.at - backAt).toBeLessThan(promised(2000));
    expect((await visitor.said()).filter(({ at, text }) => at > backAt && /Reconnecting/.test(text))).toEqual([]);
  });
});
