// What a person sees of one machine: how it stands, each second while somebody looks; its log files, each line once and in
// order, whole and live; its runs. A real Chromium, a real hub, machines that report by plain frames.

import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgentsHub, type AgentsHub } from './support/agents-hub.ts';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { watchForHarm } from './support/harm.ts';
import { hostileTexts } from './support/hostile-texts.ts';
import { focused } from './support/keys.ts';
import { copyToEnd, readDown, scrollToHole } from './support/output-page.ts';
import type { PlainAgent } from './support/plain-agents.ts';
import { startPlainRun } from './support/plain-run.ts';
import { until } from './support/until.ts';

/** What the log holds before somebody opens it: more than a page has at first, and more than it fetches at once. */
const written = 4_000;
const line = (text: string): object => ({ type: 'line', at: Date.now(), text });
const nth = (number: number): string => `part ${number} of many`;
const counted = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe.runIf(hasBrowser)('an agent', () => {
  let browser: Browser;
  let house: AgentsHub;
  let web: PlainAgent;
  let admin: Visitor;
  const log = (): Locator => admin.page.getByRole('log', { name: 'Log /var/log/app.log of web-1' });
  /** What stands under the lines. */
  const foot = (): Locator => admin.page.locator('section', { has: log() }).locator('footer');
  const write = (...numbers: readonly number[]): void =>
    web.publish('logs/web-1/app', ...numbers.map((number) => line(`\u001B[32mpart\u001B[0m ${number} of many`)));

  beforeAll(async () => {
    [browser, house] = await Promise.all([launchBrowser(), startAgentsHub()]);
    web = await house.enrol('web-1');
    admin = await visit(browser);
    await house.signIn(admin, '/agents');
  });
  afterAll(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
  });

  it('[REP4] has a page that makes it report each second while somebody looks', async () => {
    const { page } = admin;
    web.tell({ files: [{ file: 'app', title: '/var/log/app.log' }] });
    for (let from = 1; from <= written; from += 500) write(...counted(from, from + 499));
    await page
      .getByRole('row', { name: /^web-1/ })
      .getByRole('link')
      .click();
    await page.getByRole('heading', { level: 1, name: 'web-1' }).waitFor();
    await until('the pace of who is watched', web.intervalMs, (ms) => ms === 1_000);
    web.sample(12, { intervalMs: 1_000 });
    await page.getByTestId('tile-cpu').getByText('12', { exact: true }).waitFor();
    await log().getByText(nth(written)).waitFor();
    expect(await barriers(page)).toEqual([]);
    // Long as it is, it scrolls inside of the frame: the window has nothing to scroll.
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBe(0);
    await page.getByRole('link', { name: 'Agents' }).first().click();
    await until('the slow pace', web.intervalMs, (ms) => ms === 10_000);
    await page.goBack();
  });

  it('shows a log in its colours, looked through, and whole: what was skipped is opened', async () => {
    const { page } = admin;
    await log().getByText(nth(written)).waitFor();
    write(written + 1);
    const newest = log().getByText(nth(written + 1));
    await newest.waitFor();
    const colours = await newest.evaluate((text) =>
      [text, ...text.children].map((element) => getComputedStyle(element).color),
    );
    expect(new Set(colours).size).toBe(2);

    await page.keyboard.press('Control+f');
    await page.keyboard.type('PART 399');
    const found = page.getByRole('group', { name: 'Found' });
    // 3990 to 3999; the 399th is not here yet.
    await found.getByText('10 lines').waitFor();
    await page.keyboard.press('Enter');
    await found.getByText('1 of 10', { exact: true }).waitFor();
    await page.locator('[data-current="true"] mark').first().waitFor();
    await page.keyboard.press('Escape');
    await found.waitFor({ state: 'detached' });

    await log().focus();
    await page.keyboard.press('Home');
    await log().getByText(nth(1), { exact: true }).waitFor();
    const hole = page.getByRole('note').filter({ hasText: 'lines skipped' });
    await log().evaluate((box) => box.scrollTo({ top: box.scrollHeight / 3 }));
    await scrollToHole(log());
    expect(await hole.innerText()).toMatch(/^Up to (\d\s)?500 lines skipped\. The hub has them\./);
    await hole.getByRole('button', { name: 'Show them' }).focus();
    await page.keyboard.press('Enter');
    await hole.waitFor({ state: 'detached' });
    expect(await log().evaluate((box) => box === document.activeElement)).toBe(true);
    await log().evaluate((box) => box.scrollTo({ top: 0 }));
    await log().getByText(nth(1), { exact: true }).waitFor();
    const copied = await copyToEnd(log());
    expect(copied.split('\n')).toEqual(counted(1, written + 1).map(nth));
  });

  it('pauses its log alone by a key pressed there, and the page by the same key pressed elsewhere', async () => {
    const { page } = admin;
    const bar = page.locator('header').first();
    await log().focus();
    await page.keyboard.press('End');
    await foot().getByText('Following.').waitFor();
    await log()
      .getByText(nth(written + 1))
      .waitFor();
    await page.keyboard.press('l');
    await foot().getByText('Paused.').waitFor();
    await bar.getByRole('button', { name: 'Pause' }).waitFor();
    const isInSight = (number: number): Promise<boolean> =>
      log().evaluate((box, text) => {
        const found = [...box.querySelectorAll('[data-text]')].find((row) => row.textContent === text);
        return found !== undefined && found.getBoundingClientRect().bottom <= box.getBoundingClientRect().bottom;
      }, nth(number));
    write(5_001, 5_002, 5_003);
    await foot().getByText('3 new lines').waitFor();
    expect(await isInSight(5_003)).toBe(false);
    await page.keyboard.press('l');
    await until(
      'the newest line in sight',
      () => isInSight(5_003),
      (isThere) => isThere,
    );
    await foot().getByText('Following.').waitFor();
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('l');
    await bar.getByRole('button', { name: 'Go live' }).first().waitFor();
    await foot().getByText('Following.').waitFor();
    await page.keyboard.press('l');
    await bar.getByRole('button', { name: 'Pause' }).waitFor();
  });

  it('lists its runs, live, and opens one by a key', async () => {
    const { page } = admin;
    const run = 'nightly'.padEnd(24, '0');
    using nightly = await startPlainRun(house.url, web, { run, name: 'nightly', machine: 'machine-of-web-1-0123' });
    await nightly.say({ type: 'started', at: Date.now(), name: 'nightly' });
    const runs = page.getByRole('grid', { name: 'Runs on web-1' });
    const row = runs.getByRole('row', { name: /^nightly/ });
    await row.getByText('Running').waitFor();
    await nightly.say({ type: 'progress', at: Date.now(), done: 0.62 });
    await row.getByText('62 %').waitFor();
    await nightly.say({ type: 'ended', at: Date.now(), outcome: 'failed', exitCode: 3 });
    await row.getByText('Failed, exit 3').waitFor();
    await row.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'nightly' }).waitFor();
    expect(await focused(page)).toBe('nightly');
  });

  it('runs nothing of what its machine sends, and keeps its shape', async () => {
    const { page } = admin;
    const harm = watchForHarm(page, house.url);
    const faults = admin.faults.length;
    const texts = hostileTexts.map(([, text]) => text);
    const evil = await house.enrol('evil');
    const [title, platform, version] = ['image', 'svg', 'script'].map(
      (name) => hostileTexts.find(([tries]) => tries === name)?.[1],
    );
    const files = texts.slice(-64).map((text, index) => ({ file: `f-${index}`, title: text.slice(0, 512) }));
    evil.tell({ title, platform, version, files });
    await page.goto(`${house.url}/agents/evil`);
    await page.getByText(`${platform}, 4 cores`).waitFor();
    // Tall ones last, where the page begins.
    const lines = texts.filter((text) => text.length <= 16_384);
    lines.sort((one, other) => one.split('\n').length - other.split('\n').length);
    for (const text of lines) evil.publish('logs/evil/f-0', line(text));
    const evilLog = page.getByRole('log');
    await until(
      'the last line',
      () => evilLog.locator('[data-kind="line"]').count(),
      (count) => count > 0,
    );
    // Eight processes and eight disks have room.
    for (let first = 0; first < texts.length; first += 8) {
      const some = texts.slice(first, first + 8).map((text, index) => `${first + index}: ${text}`.slice(0, 256));
      evil.sample(12, { intervalMs: 1_000, disks: some.map((mount) => ({ mount, used: 4, total: 10 })) });
      const processes = some.map((name, pid) => ({
        key: String(pid),
        data: { pid, name, user: name, cpu: 1, rss: 1 },
      }));
      evil.socket.send({ type: 'publish', id: 1e6 + first, channel: 'processes/evil', batch: processes });
      for (const table of ['Disks of evil', 'Top processes of evil']) {
        await page
          .getByRole('table', { name: table })
          .getByRole('rowheader', { name: `${first}: ` })
          .waitFor();
      }
      expect(await harm.found()).toEqual([]);
    }
    await evilLog.focus();
    await page.keyboard.press('Home');
    await evilLog.getByText(lines[0] as string, { exact: true }).waitFor();
    expect((await readDown(evilLog, 20)).length).toBeGreaterThan(lines.length - 10);
    expect(await harm.found()).toEqual([]);
    const longest = files.find(({ title: path }) => path.startsWith('WWW'));
    await page.getByLabel('Log file').selectOption(longest?.file ?? '');
    await page.getByText('Nothing has been written since its agent follows it.').waitFor();
    expect(await harm.found()).toEqual([]);
    expect(await barriers(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByLabel('Log file').waitFor();
    expect(await harm.found()).toEqual([]);
    expect(admin.faults.slice(faults)).toEqual([]);
  });
});
