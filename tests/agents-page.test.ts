// What a person sees of machines: the list, live and worst first, adding one, deciding about a copied credential, and what
// is kept of them. All of it by the keyboard. A real Chromium, a real hub, machines that report by plain frames.

import type { AgentRow } from '@telltale/hub/api';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgentsHub, type AgentsHub } from './support/agents-hub.ts';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { watchForHarm } from './support/harm.ts';
import { hostileTexts } from './support/hostile-texts.ts';
import { focused, tabTo } from './support/keys.ts';
import { startPlainAgent, type PlainAgent } from './support/plain-agents.ts';
import { until } from './support/until.ts';

describe.runIf(hasBrowser)('the agents', () => {
  let browser: Browser;
  let house: AgentsHub;
  let admin: Visitor;
  const agents = new Map<string, PlainAgent>();
  const agent = (name: string): PlainAgent => agents.get(name) as PlainAgent;
  const row = (name: string) => admin.page.getByRole('row', { name: new RegExp(`^${name}\\b`) });
  const names = async (): Promise<readonly string[]> => {
    const found = await admin.page.getByRole('rowheader').allInnerTexts();
    return found.map((name) => name.split(/\s/)[0] ?? '');
  };

  beforeAll(async () => {
    [browser, house] = await Promise.all([launchBrowser(), startAgentsHub()]);
    for (const name of ['web-1', 'db-2', 'build-7']) agents.set(name, await house.enrol(name));
    admin = await visit(browser);
    await house.signIn(admin, '/');
    await admin.page.getByRole('link', { name: 'Agents' }).first().click();
    await admin.page.getByRole('grid', { name: 'Agents' }).waitFor();
  });
  afterAll(async () => {
    for (const one of agents.values()) one[Symbol.dispose]();
    await browser.close();
    await house[Symbol.asyncDispose]();
  });

  it('[REP5] stand worst first, each with its state and why, and change while one looks', async () => {
    const { page } = admin;
    await row('web-1').getByText('Live').waitFor();
    await row('web-1').getByText('40 %').first().waitFor();
    agent('db-2').cut();
    agent('build-7').socket.close(1000, 'shutting down');
    await row('db-2')
      .getByText(/^Line lost \d\d:\d\d:\d\d, .* ago\. It did not say goodbye$/)
      .waitFor();
    await row('build-7')
      .getByText(/^Closed by its machine at \d\d:\d\d, shutting down$/)
      .waitFor();
    expect(await names()).toEqual(['db-2', 'build-7', 'local', 'web-1']);
    agent('web-1').sample(73);
    await row('web-1').getByText('73 %').first().waitFor();
    agent('web-1').tell({ clockOffsetMs: 4_100, behindMs: 130_000 });
    await row('web-1').getByText('Catching up, 2 min 10 s behind. Its clock is 4.1 s ahead').waitFor();
    agent('web-1').tell();
    // The lamp of every page leads here.
    await page.getByRole('link', { name: /caution/ }).waitFor();
  });

  it('are filtered by state and name, in an address that can be shared', async () => {
    const { page } = admin;
    await page.getByRole('searchbox', { name: 'Filter agents' }).focus();
    await tabTo(page, /^Offline/);
    await page.keyboard.press('Space');
    await until(
      'two rows',
      () => page.getByRole('rowheader').count(),
      (count) => count === 2,
    );
    await page.getByRole('searchbox', { name: 'Filter agents' }).fill('BUILD');
    await until(
      'one row',
      () => page.getByRole('rowheader').count(),
      (count) => count === 1,
    );
    await until(
      'the address of that row',
      () => new URL(page.url()).search,
      (search) => search === '?state=offline&find=BUILD',
    );
    await page.getByRole('searchbox', { name: 'Filter agents' }).press('Escape');
    await tabTo(page, /^All/);
    await page.keyboard.press('Enter');
    await until(
      'an address of all',
      () => new URL(page.url()).search,
      (search) => search === '',
    );
  });

  it('are ordered by a head that is pressed, and keep to it while they report', async () => {
    const { page } = admin;
    // What the hub's own machine does just now is nobody's to say.
    const listed = async (): Promise<string> => (await names()).filter((name) => name !== 'local').join(' ');
    const reads = (order: string): Promise<unknown> => until('the order', listed, (found) => found === order);
    const press = async (title: string): Promise<void> => {
      await page.getByRole('searchbox', { name: 'Filter agents' }).focus();
      await tabTo(page, new RegExp(`^${title}$`));
      await page.keyboard.press('Enter');
    };
    const head = (title: string) => page.getByRole('columnheader', { name: title, exact: true });
    await press('CPU');
    await reads('web-1 build-7 db-2');
    expect(await head('CPU').getAttribute('aria-sort')).toBe('descending');
    expect(await head('Agent').getAttribute('aria-sort')).toBe('none');
    agent('web-1').sample(12);
    await reads('build-7 db-2 web-1');
    await page.keyboard.press('Enter');
    await reads('web-1 build-7 db-2');
    expect(await head('CPU').getAttribute('aria-sort')).toBe('ascending');
    await press('Agent');
    await reads('build-7 db-2 web-1');
    expect(new URL(page.url()).search).toBe('?sort=agent&direction=ascending');
    await page.reload();
    await reads('build-7 db-2 web-1');
    await press('Agent');
    await reads('web-1 db-2 build-7');
    await press('State and why');
    await page.keyboard.press('Enter');
    await reads('db-2 build-7 web-1');
    expect(new URL(page.url()).search).toBe('');
  });

  it('are walked through and opened by keyboard', async () => {
    const { page } = admin;
    await page.getByRole('button', { name: 'Version' }).focus();
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatch(/^db-2/);
    await page.keyboard.press('End');
    // Two stand behind the others; which of them is last, the age of their samples says.
    await until(
      'the last row',
      () => focused(page),
      (text) => /^(web-1|local)/.test(text),
    );
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await until(
      'the second row',
      () => focused(page),
      (text) => text.startsWith('build-7'),
    );
    // The whole list is one stop: the next is behind it.
    await page.keyboard.press('Tab');
    expect(await focused(page)).not.toMatch(/^(local|web-1|db-2)/);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'build-7' }).waitFor();
    await page.goBack();
    await page.getByRole('grid', { name: 'Agents' }).waitFor();
  });

  it('are added by a line to paste, which turns green when its machine arrives', async () => {
    const { page } = admin;
    await page.getByRole('button', { name: 'Add agent' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await page.keyboard.type('edge-4');
    await page.keyboard.press('Enter');
    await page.getByText('Waiting for edge-4').waitFor();
    await page.getByText(/SHA-256 of the command it fetches [0-9a-f]{64}/).waitFor();
    const line = await page.locator('code', { hasText: '--enrol' }).innerText();
    expect(await focused(page)).toMatch(/^Paste this on the machine/);
    expect(line).toContain(`--hub ${house.url} `);
    expect(line).toMatch(/ --name edge-4$/);
    await row('edge-4')
      .getByText(/^Never seen\. Its enrolment token is valid 59 min more$/)
      .waitFor();
    expect(await barriers(page)).toEqual([]);
    const enrolment = /--enrol (\S+)/.exec(line)?.[1] ?? '';
    const arrived = await startPlainAgent({ url: house.url, agent: 'edge-4', enrolment });
    agents.set('edge-4', arrived);
    await arrived.socket.frame('welcome');
    await page.getByText('edge-4 has arrived').waitFor();
    await row('edge-4').getByText('Live').waitFor();
    await page.keyboard.press('Shift+Tab');
    expect(await focused(page)).toBe('Close');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('Add agent');
    // Shown once: nothing of the page has it any more.
    expect(await page.content()).not.toContain(enrolment);
  });

  it('are not waited for once somebody has ended their token', async () => {
    const { page } = admin;
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await page.keyboard.type('edge-5');
    await page.keyboard.press('Enter');
    await page.getByText('Waiting for edge-5').waitFor();
    await row('edge-5').waitFor();
    await page.getByRole('button', { name: 'Copy' }).focus();
    await house.endEnrolment('edge-5');
    await page.getByText('The token is over').waitFor();
    // Nobody copies what works no more, and who was about to is not lost.
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0);
    expect(await focused(page)).toMatch(/^The token of this line works no more\./);
    await page.getByRole('button', { name: 'Make a new line' }).press('Enter');
    await page.getByLabel('Name').waitFor();
    await page.getByRole('button', { name: 'Close' }).press('Enter');
    expect(await focused(page)).toBe('Add agent');
  });

  it('are given another machine by a line that only that machine turns green', async () => {
    const { page } = admin;
    const { credential } = agent('edge-4');
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').waitFor();
    await page.keyboard.type('edge-4');
    await page.keyboard.press('Enter');
    const waiting = page.getByText('Waiting for the machine that becomes edge-4');
    await waiting.waitFor();
    // The machine that has the name is lost, and comes back.
    agent('edge-4').cut();
    await row('edge-4')
      .getByText(/Line lost/)
      .waitFor();
    using back = await startPlainAgent({ url: house.url, agent: 'edge-4', credential });
    await back.socket.frame('welcome');
    await row('edge-4').getByText('Live').waitFor();
    expect(await waiting.isVisible()).toBe(true);
    const line = await page.locator('code', { hasText: '--enrol' }).innerText();
    const enrolment = /--enrol (\S+)/.exec(line)?.[1] ?? '';
    const machine = 'the-new-machine-of-edge-4';
    const arrived = await startPlainAgent({ url: house.url, agent: 'edge-4', enrolment, machine });
    agents.set('edge-4', arrived);
    await page.getByText('edge-4 has arrived').waitFor();
    await page.getByText('Its credential was replaced: the old one is refused.').waitFor();
    expect((await back.socket.end()).code).toBe(4410);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    expect(await focused(page)).toBe('Add agent');
  });

  it('whose credential another machine has wait for a decision', async () => {
    const { page } = admin;
    const copied = { url: house.url, agent: 'web-1', credential: agent('web-1').credential };
    using first = await startPlainAgent({ ...copied, machine: 'a-machine-of-somebody-else' });
    expect((await first.socket.end()).reason).toContain('machine-mismatch');
    const copy = row('web-1 copy');
    await copy.getByText('Refused: credential in use on another machine').waitFor();
    // However long ago it was heard before.
    agent('web-1').sample(12);
    await row('web-1').getByText('Live').waitFor();
    // The worst is the first row, and what can be done about it is behind it.
    await page.getByRole('row').nth(1).focus();
    await tabTo(page, /^Keep the old one as web-1/);
    await page.keyboard.press('Enter');
    await copy.waitFor({ state: 'detached' });
    await until(
      'a row that has the keys',
      () => focused(page),
      (text) => text.startsWith('db-2'),
    );

    using second = await startPlainAgent({ ...copied, machine: 'a-machine-of-my-own-0123' });
    await second.socket.end();
    await copy.waitFor();
    await page.keyboard.press('Home');
    await tabTo(page, /^Allow that machine as web-1/);
    await page.keyboard.press('Enter');
    await copy.getByText('Press again to allow').waitFor();
    await page.keyboard.press('Enter');
    await copy.waitFor({ state: 'detached' });
    await until(
      'a row that has the keys',
      () => focused(page),
      (text) => text.startsWith('db-2'),
    );
    expect((await agent('web-1').socket.end()).code).toBe(4410);
    const moved = await startPlainAgent({ ...copied, machine: 'a-machine-of-my-own-0123' });
    agents.set('web-1', moved);
    await moved.socket.frame('welcome');
    moved.tell();
    await row('web-1').getByText('Live').waitFor();
  });

  it('whose credential is revoked are turned away at once, and can be forgotten', async () => {
    const { page } = admin;
    await row('edge-4').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'edge-4' }).waitFor();
    await tabTo(page, /^Revoke the credential of edge-4$/);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Press again to revoke: Revoke the credential of edge-4' }).waitFor();
    await page.keyboard.press('Enter');
    expect((await agent('edge-4').socket.end()).code).toBe(4410);
    await page
      .getByText(/^Revoked at \d\d:\d\d$/)
      .first()
      .waitFor();
    expect(await focused(page)).toBe('Remove edge-4');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Press again to remove: Remove edge-4' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'Agents' }).waitFor();
    expect(await focused(page)).toBe('Agents');
    await row('edge-4').waitFor({ state: 'detached' });
    await page.goto(`${house.url}/agents/edge-4`);
    await page.getByText('This hub has no agent called edge-4').waitFor();
  });

  it('are kept what they reported for as long as an administrator saves in the settings', async () => {
    const { page } = admin;
    await page.goto(`${house.url}/settings`);
    const days = page.getByRole('group', { name: 'Runs' }).getByLabel('Days');
    const readAgain = async (): Promise<string> => {
      await page.reload();
      return await days.inputValue();
    };
    expect(await days.inputValue()).toBe('30');
    await days.fill('60');
    await days.press('Enter');
    await page.getByText('Saved. The hub keeps to it from now on').waitFor();
    expect(await readAgain()).toBe('60');
    // What deletes something is armed first.
    await days.fill('7');
    await days.press('Enter');
    await tabTo(page, /^Save, and delete what is over$/);
    await page.keyboard.press('Enter');
    await until(
      'an armed button',
      () => focused(page),
      (name) => name === 'Press again to delete what is over',
    );
    await page.keyboard.press('Enter');
    await page.getByText('Saved. The hub keeps to it from now on').waitFor();
    await until(
      'the focus',
      () => focused(page),
      (name) => name === 'Save',
    );
    expect(await readAgain()).toBe('7');
  });

  it('have no barrier that axe finds in the dark either, nor do settings', async () => {
    const { page } = admin;
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    for (const [path, heading] of [
      ['/agents', 'Agents'],
      ['/agents/db-2', 'db-2'],
      ['/settings', 'Settings'],
    ] as const) {
      await page.goto(house.url + path);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await page
        .getByText(/Live|Line lost|Save/)
        .first()
        .waitFor();
      expect(await barriers(page), path).toEqual([]);
    }
  });

  it('fit a phone, where nothing is out of reach', async () => {
    await using narrow = await visit(browser, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      storageState: await admin.context.storageState(),
    });
    const { page } = narrow;
    for (const path of ['/agents', '/agents/web-1', '/settings']) {
      await page.goto(house.url + path);
      await narrow.sees(/Live/);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, path).toBe(0);
      if (path === '/agents') expect(await barriers(page)).toEqual([]);
    }
    const reached = new Set<string>();
    await page.getByRole('button', { name: 'More' }).click();
    for (const link of await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').all()) {
      reached.add((await link.innerText()).trim());
    }
    expect([...reached].sort()).toEqual([
      'Account',
      'Agents',
      'Chat',
      'Connections',
      'Overview',
      'Runs',
      'Settings',
      'Users',
    ]);
    await admin.context.addCookies((await narrow.context.storageState()).cookies);
  });

  it('run nothing of what machines call themselves and say, and keep the shape of the list', async () => {
    const { page } = admin;
    const harm = watchForHarm(page, house.url);
    const faults = admin.faults.length;
    // As no machine gets them past the hub: a page trusts no text, whoever has looked at it before.
    // Each of a length that a row has room for.
    const rows = hostileTexts.map(([, text], index) => hostileRow(`evil-${index}`, text.slice(0, 2_000)));
    for (const data of rows) {
      expect(await house.hub.gateway.publish('agents', data, { key: data.agent })).toMatchObject({ kind: 'appended' });
    }
    await page.goto(`${house.url}/agents?find=evil-`);
    await until(
      'all of them',
      () => page.getByRole('status').allInnerTexts(),
      (texts) => texts.some((text) => text.startsWith(`${2 * rows.length} of `)),
    );
    const grid = page.getByRole('grid', { name: 'Agents' });
    const seen = new Set<string>();
    await until(
      'each row',
      async () => {
        const drawn = await grid.evaluate((element) => {
          const { right } = element.getBoundingClientRect();
          const found = [...element.querySelectorAll<HTMLElement>('[role=row][data-index]')].map((one) => ({
            name: one.querySelector('[role=rowheader]')?.textContent ?? '',
            isInShape: one.offsetHeight <= 35 && one.getBoundingClientRect().right <= right + 1,
          }));
          element.parentElement?.scrollBy({ top: 400 });
          return found;
        });
        expect(drawn.filter(({ isInShape }) => !isInShape)).toEqual([]);
        for (const { name } of drawn) seen.add(name);
        return seen.size;
      },
      (count) => count === 2 * rows.length,
    );
    expect(await harm.found()).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByText('evil-0').first().waitFor();
    for (let screen = 0; screen < 4; screen += 1) {
      expect(await harm.found()).toEqual([]);
      await page.mouse.wheel(0, 2_000);
    }
    expect(admin.faults.slice(faults)).toEqual([]);
  });
});

/** A machine that harms by its title, its version, its last word and the machine that has its credential. */
function hostileRow(agent: string, text: string): AgentRow {
  const now = Date.now();
  return {
    agent,
    title: text,
    platform: text,
    cores: 4,
    version: text,
    isTooOld: true,
    state: 'closed',
    since: now,
    reason: text,
    lastSeenAt: now,
    clockOffsetMs: 0,
    roundTripMs: 12,
    behindMs: 0,
    spooledBytes: 0,
    conflict: { title: text, address: '10.0.0.9', since: now, at: now, count: 1 },
    files: [],
    runs: 0,
    expiresAt: null,
    credential: null,
  };
}
