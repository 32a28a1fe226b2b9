// What chat has to do with what people look at: a chart, lines and a run that somebody points at, which show the others
// the same and lead them there; and a name that reaches who looks elsewhere. A real Chromium, a real hub in production, a
// machine that reports by plain frames.

import { randomBytes } from 'node:crypto';
import type { ChartPicture } from '@telltale/hub/api';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { startChatHub, type ChatHub } from './support/chat-hub.ts';
import { tabTo } from './support/keys.ts';
import { type PlainAgent } from './support/plain-agents.ts';
import { startPlainRun } from './support/plain-run.ts';
import { until } from './support/until.ts';

const field = (page: Page): Locator => page.getByRole('textbox', { name: /^Message/ });
const messages = (page: Page): Locator => page.getByRole('log', { name: /^Messages/ });
/** A name that no other try of a test has. */
const unique = (): string => randomBytes(4).toString('hex');
const send = async (page: Page, text: string): Promise<void> => {
  await field(page).fill(text);
  await page.keyboard.press('Enter');
};
/** The message with this text, with all it carries. */
const messageOf = (page: Page, text: string): Locator => messages(page).getByRole('article').filter({ hasText: text });
const hasKeys = (place: Locator): Promise<unknown> =>
  until(
    `the keys to be on ${String(place)}`,
    () => place.evaluateAll((found) => found.length === 1 && found[0] === document.activeElement),
    (isOn) => isOn,
  );
const agoMs = 2 * 3_600_000;
const earlier = ({ from, to }: { readonly from: number; readonly to: number }): { from: number; to: number } => ({
  from: from - agoMs,
  to: to - agoMs,
});
const earlierPicture = ({ times, holes }: ChartPicture): Pick<ChartPicture, 'times' | 'holes'> => ({
  times: times.map((at) => at - agoMs),
  holes: holes.map((hole) => ({ ...hole, ...earlier(hole) })),
});
const isInView = (place: Locator): Promise<boolean> =>
  place.evaluate((element) => {
    const box = element.closest('[role="log"]')?.getBoundingClientRect();
    const { top, bottom } = element.getBoundingClientRect();
    return box !== undefined && top >= box.top - 1 && bottom <= box.bottom + 1;
  });

describe.runIf(hasBrowser)('chat, beside what people look at', () => {
  let browser: Browser;
  let chat: ChatHub;
  let agent: PlainAgent;
  let ada: Visitor;
  let jonas: Visitor;
  beforeAll(async () => {
    [browser, chat] = await Promise.all([launchBrowser(), startChatHub(['ada', 'jonas', 'mira'])]);
    agent = await chat.agent('web-1', { files: [{ file: 'app.log', title: '/var/log/app.log' }] });
    [ada, jonas] = await Promise.all([visit(browser), visit(browser)]);
    await Promise.all([chat.signIn(ada, 'ada'), chat.signIn(jonas, 'jonas', '/chat/general')]);
  });
  afterAll(async () => {
    agent[Symbol.dispose]();
    await browser.close();
    await chat[Symbol.asyncDispose]();
  });
  const toRoom = (page: Page): Promise<unknown> => page.goto(`${chat.hub.url}/chat/general`);

  it('shows a chart of the moment it was shared at, and leads to that moment', async () => {
    const text = `high since noon ${unique()}`;
    const began = Date.now();
    for (let ago = 60; ago >= 0; ago -= 10) agent.sample(20 - ago / 10, { at: began - ago * 1_000 });
    const [{ page }, { page: other }] = [ada, jonas];
    const sees = (on: Page, words: RegExp): Promise<string> =>
      until(
        `a chart of CPU with ${words}`,
        async () => (await on.getByRole('figure', { name: 'CPU' }).locator('figcaption').textContent()) ?? '',
        (summary) => words.test(summary),
      );
    await Promise.all([page.goto(`${chat.hub.url}/agents/web-1`), toRoom(other)]);
    await sees(page, / 20 %, min 14, max 20/);
    await page.getByRole('button', { name: 'Share CPU in chat' }).click();
    const shared = page.getByText(/^chart cpu of web-1, \d\d:\d\d–\d\d:\d\d$/);
    await shared.waitFor();
    // Not sent so far, it is there after a reload, and once it is sent it is not.
    await page.reload();
    await shared.waitFor();
    await send(page, text);
    await messageOf(page, text).waitFor();
    await page.reload();
    await field(page).waitFor();
    expect(await page.getByText('Sharing', { exact: true }).count()).toBe(0);
    const card = messageOf(other, text);
    const picture = card.getByRole('img', { name: /^CPU .*20 %, min 14, max 20/ });
    await picture.waitFor();
    const opens = card.getByRole('link', { name: /^Open CPU, web-1 \d\d:\d\d–\d\d:\d\d$/ });
    const { searchParams } = new URL((await opens.getAttribute('href')) ?? '', chat.hub.url);
    const [from, to] = [Number(searchParams.get('from')), Number(searchParams.get('to'))];
    expect(to - from).toBe(15 * 60_000);
    expect(Math.abs(to - began)).toBeLessThan(60_000);

    // What comes later is neither in the card nor where it leads.
    agent.sample(90);
    await sees(page, / 90 %, min 14, max 90/);
    await picture.waitFor();
    await opens.click();
    await other.getByText('As it was then.').waitFor();
    expect(new URL(other.url()).pathname).toBe('/agents/web-1');
    await sees(other, / 20 %, min 14, max 20/);
    agent.sample(95);
    await sees(page, / 95 %, min 14, max 95/);
    await sees(other, / 20 %, min 14, max 20/);
    await other.getByRole('button', { name: 'Show now' }).click();
    await sees(other, / 95 %, min 14, max 95/);

    // Of a time whose samples are gone, the message has the picture, and it leads to its place.
    const { messages: all } = await chat.page('general');
    const given = all.find((message) => message.text === text)?.card;
    if (given?.type !== 'chart' || given.picture === undefined) throw new Error('found no picture in the card');
    using plain = chat.plain('/ws/chat/general/', 'robin');
    await plain.frame('welcome');
    const old = { ...given, ...earlier(given), picture: { ...given.picture, ...earlierPicture(given.picture) } };
    expect(await chat.say(plain, 'chat/general', { text: `back then ${text}`, card: old })).toMatchObject({
      type: 'result',
    });
    await toRoom(other);
    const kept = messageOf(other, `back then ${text}`);
    await kept.getByRole('img', { name: /^CPU .*20 %, min 14, max 20/ }).waitFor();
    await kept.getByRole('link', { name: /^Open CPU, web-1/ }).click();
    await other.getByText('No samples of that time are kept any more: CPU is drawn as the message has it.').waitFor();
    await sees(other, / 20 %, min 14, max 20/);
    // Also by the address alone.
    await other.reload();
    await sees(other, / 20 %, min 14, max 20/);
  });

  it('carries lines of a log as they were, and leads to where they stand', async () => {
    const tag = unique();
    let id = 0;
    const print = async (from: number, to: number): Promise<void> => {
      id += 1_000_000;
      const batch = Array.from({ length: to - from + 1 }, (_, index) => ({
        data: { type: 'line', at: Date.now(), text: `${tag} request ${from + index}.` },
      }));
      agent.socket.send({ type: 'publish', id, channel: 'logs/web-1/app.log', batch });
      await agent.socket.frame('result', (frame) => frame.id === id);
    };
    const [{ page }, { page: other }] = [ada, jonas];
    await print(1, 40);
    await Promise.all([page.goto(`${chat.hub.url}/agents/web-1?log=app.log`), toRoom(other)]);
    const output = (on: Page): Locator => on.getByRole('log', { name: /^Log / });
    await output(page).getByText(`${tag} request 40.`).waitFor();
    // By keys alone: they begin at the newest line, Shift selects, Escape lets go of it, S shares.
    const keys = page.keyboard;
    const isAt = (number: number): Promise<unknown> =>
      hasKeys(
        output(page)
          .getByRole('row')
          .filter({ hasText: `${tag} request ${number}.` }),
      );
    const selected = output(page).getByRole('row', { selected: true });
    await tabTo(page, /^Log /);
    await keys.press('ArrowUp');
    await isAt(40);
    for (let count = 0; count < 3; count += 1) await keys.press('Shift+ArrowUp');
    await isAt(37);
    await page.getByText('4 lines selected').waitFor();
    expect(await barriers(page)).toEqual([]);
    await keys.press('Escape');
    await hasKeys(output(page));
    expect(await selected.count()).toBe(0);
    for (const key of ['ArrowUp', 'ArrowUp', 'Shift+ArrowUp', 'Shift+ArrowUp']) await keys.press(key);
    await isAt(37);
    expect(await selected.count()).toBe(3);
    await keys.press('s');
    await page.getByText('3 lines of logs/web-1/app.log').waitFor();
    await hasKeys(field(page));
    await send(page, `these ${tag}`);
    const card = messageOf(other, `these ${tag}`);
    await card.getByLabel('Lines of app.log, web-1').waitFor();
    expect((await card.getByLabel('Lines of app.log, web-1').innerText()).split('\n')).toEqual(
      [37, 38, 39].map((number) => `${tag} request ${number}.`),
    );
    // Far behind the newest by the time somebody opens it.
    await print(41, 400);
    const foot = page.locator('footer').filter({ hasText: 'Paused.' });
    await until(
      'the newest lines',
      () => foot.innerText(),
      (words) => words.includes('360 new lines'),
    );
    await card.getByRole('link', { name: /app\.log/ }).click();
    const row = output(other).locator('[data-current="true"]');
    await row.getByText(`${tag} request 37.`, { exact: true }).waitFor();
    await until(
      'the line in view',
      () => isInView(row),
      (isSeen) => isSeen,
    );
    await other.getByText('Paused.').waitFor();
    expect(await isInView(output(other).getByText(`${tag} request 39.`, { exact: true }))).toBe(true);
    // One that is not kept any more is missed in words.
    const gone = new URL(other.url());
    gone.searchParams.set('at', 'k0:1');
    await other.goto(gone.href);
    await other.getByText('The line that this address leads to is not kept any more.').waitFor();

    // More than a message carries is not left out without a word.
    await output(page).evaluate((log) => {
      const drawn = [...log.querySelectorAll('[data-text]')];
      const [first, last] = [drawn[0]?.firstChild, drawn.at(-1)?.firstChild];
      if (first == null || last == null || drawn.length <= 20) throw new Error(`found ${drawn.length} lines drawn`);
      getSelection()?.setBaseAndExtent(first, 0, last, 3);
    });
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const most = page.getByText(/^the first 20 of \d\d+ lines of logs\/web-1\/app\.log$/);
    await most.waitFor();
    await page.getByRole('button', { name: 'Do not share it' }).click();
    await most.waitFor({ state: 'detached' });
    // On a phone nothing of it is cut off: the foot under the newest line is in its panel.
    await page.setViewportSize({ width: 390, height: 844 });
    const panel = page.locator('section').filter({ has: foot });
    const end = async (place: Locator): Promise<number> => {
      const { y, height } = (await place.boundingBox()) ?? { y: NaN, height: NaN };
      return y + height;
    };
    expect(await end(foot)).toBeLessThanOrEqual(await end(panel));
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('shows a run as it stands now, and leads to it and to its output', async () => {
    const name = `nightly-${unique()}`;
    const run = `run${unique()}`.padEnd(24, '0');
    using reported = await startPlainRun(chat.hub.url, agent, { run, name, machine: 'machine-of-web-1-0123' });
    const at = Date.now();
    const lines = Array.from({ length: 12 }, (_, index) => ({ type: 'line', at, text: `part ${index + 1}` }) as const);
    await reported.say({ type: 'started', at, name, command: './nightly.sh', by: 'cron' }, ...lines);
    const [{ page }, { page: other }] = [ada, jonas];
    await Promise.all([page.goto(`${chat.hub.url}/runs/${run}`), toRoom(other)]);
    await page
      .getByRole('log', { name: /^Output/ })
      .getByText('part 12')
      .waitFor();
    await page.getByRole('button', { name: 'Share in chat' }).click();
    await send(page, `watch ${name}`);
    const card = messageOf(other, `watch ${name}`).getByRole('link', { name });
    await card.getByText('Running').waitFor();
    // Without a selection it is what one sees.
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByText(`12 lines of runs/${run}`).waitFor();
    await send(page, `output of ${name}`);
    const printed = messageOf(other, `output of ${name}`);
    await printed.getByText('part 1\npart 2\n').waitFor();
    // On a phone the page has in its content what its bar has no room for.
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await page.getByRole('button', { name: 'Share in chat' }).click();
    await page.getByText(/^Choose where to share: /).waitFor();
    await page.getByRole('link', { name: /^General/ }).click();
    await send(page, `from a phone ${name}`);
    await messageOf(other, `from a phone ${name}`).getByRole('link', { name }).waitFor();
    await page.setViewportSize({ width: 1280, height: 720 });
    await reported.say({ type: 'ended', at: Date.now(), outcome: 'succeeded', exitCode: 0 });
    await card.getByText('Succeeded').waitFor();
    await card.click();
    await other.getByRole('heading', { level: 1, name }).waitFor();
    await other.goBack();
    await printed.getByRole('link', { name: /^Output of run/ }).click();
    await other.locator('[data-current="true"]').getByText('part 1', { exact: true }).waitFor();
    expect(other.url()).toContain(`/runs/${run}?at=`);
  });

  it('tells whoever is named by their browser, where they allow it and look elsewhere, and leads to the message', async () => {
    await using mira = await visit(browser);
    await Promise.all([mira, jonas].map(({ page }) => page.addInitScript(watchNotices)));
    await Promise.all([chat.signIn(mira, 'mira', '/chat'), jonas.page.goto(`${chat.hub.url}/chat`)]);
    // The browser is asked when they press, and what it answers stands there.
    const asks = ({ page }: Visitor): Locator => page.getByRole('button', { name: 'Tell me when I am named' });
    await Promise.all([mira, jonas].map((visitor) => asks(visitor).waitFor()));
    await mira.context.grantPermissions(['notifications'], { origin: `http://localhost:${chat.port}` });
    await Promise.all([mira, jonas].map((visitor) => asks(visitor).click()));
    await mira.page.getByText('This browser tells you when somebody names you.').waitFor();
    await jonas.page.getByText('Notices of this page are off in this browser.').waitFor();
    await Promise.all(
      [mira, jonas].map(({ page, sees }) => page.goto(`${chat.hub.url}/account`).then(() => sees(/Live/))),
    );
    using plain = chat.plain('/ws/chat/general/', 'robin');
    await plain.frame('welcome');
    // Whom nothing is told yet finds it counted instead.
    for (const { page } of [mira, jonas])
      await page.locator('[role="status"][aria-live="polite"]').waitFor({ state: 'attached' });
    const told = (page: Page): Promise<readonly Told[]> => page.evaluate(() => (window as unknown as Watched).told);
    const look = ({ page }: Visitor, isAway: boolean): Promise<void> =>
      page.evaluate((next) => void ((window as unknown as Watched).isAway = next), isAway);
    const name = async (text: string): Promise<void> => {
      expect(await chat.say(plain, 'chat/general', { text })).toMatchObject({ type: 'result' });
      await Promise.all([mira, jonas].map(({ page }) => page.getByText(text).first().waitFor()));
    };
    const [seen, unseen] = [unique(), unique()];
    // Who has the page in front is told there; who has not allowed it, there as well.
    await look(jonas, true);
    await name(`@mira @jonas ${seen}`);
    await look(mira, true);
    await name(`@mira @jonas the **disk** ${unseen}`);
    const notices = await until(
      'the notice of the browser',
      () => told(mira.page),
      ({ length }) => length > 0,
    );
    expect(notices).toEqual([
      {
        title: 'robin named you in general',
        body: expect.stringContaining(unseen) as string,
        permission: 'granted',
      },
    ]);
    expect(await told(jonas.page)).toEqual([]);

    // However much was said since.
    const batch = Array.from({ length: 150 }, (_, index) => ({ data: { text: `talk ${index + 1}.` } }));
    plain.send({ type: 'publish', id: 9_000, channel: 'chat/general', batch });
    await plain.frame('result', ({ id }) => id === 9_000);
    await mira.page.evaluate(() => (window as unknown as Watched).press());
    const there = messageOf(mira.page, unseen);
    await there.waitFor();
    await until(
      'the message in view',
      () => isInView(there),
      (isSeen) => isSeen,
    );
    expect(new URL(mira.page.url()).pathname).toBe('/chat/general');
    expect(await messageOf(mira.page, 'talk 150.').count()).toBe(0);

    // A machine is shown as one.
    agent.publish('chat/agent.web-1', { text: `@mira ${unseen} is full` });
    const byMachine = mira.page.getByTestId('chat-notices').getByText('named you in agent.web-1');
    expect(await byMachine.innerText()).toBe('web-1 agent named you in agent.web-1');
    expect((await told(mira.page)).at(-1)?.title).toBe('agent web-1 named you in agent.web-1');
  });
});

interface Told {
  readonly title: string;
  readonly body: string;
  readonly permission: string;
}

interface Watched extends Window {
  told: Told[];
  /** Presses each notice that was not pressed. */
  press(): void;
  isAway: boolean;
}

// Runs in the page before anything else does. A page of a headless browser always has the keys: here it is told otherwise.
// Notices are the browser's own, and are counted.
const watchNotices = (): void => {
  const page = window as unknown as Watched;
  page.told = [];
  page.isAway = false;
  document.hasFocus = () => !page.isAway;
  const press = new EventTarget();
  window.Notification = class extends Notification {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      page.told.push({ title: this.title, body: this.body, permission: Notification.permission });
      press.addEventListener('click', () => this.dispatchEvent(new Event('click')), { once: true });
    }
  };
  page.press = () => void press.dispatchEvent(new Event('click'));
};
