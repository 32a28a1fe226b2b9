// Who is at their page, as the others in a room see it: one person with five tabs is one, away when none of them is looked
// at or nobody has moved for a while, and here again at once. A real Chromium, a real hub in production.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { startChatHub, type ChatHub } from './support/chat-hub.ts';
import { holds, until } from './support/until.ts';

interface Hideable extends Window {
  hide(isHidden: boolean): void;
}

// Runs in the page before anything else does: a page of a headless browser is never hidden, here it is told otherwise.
const watchHidden = (): void => {
  let isHidden = false;
  Object.defineProperty(document, 'hidden', { get: () => isHidden });
  Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
  (window as unknown as Hideable).hide = (next) => {
    isHidden = next;
    document.dispatchEvent(new Event('visibilitychange'));
  };
};

const hide = (pages: readonly Page[], isHidden: boolean): Promise<unknown> =>
  Promise.all(pages.map((page) => page.evaluate((next) => (window as unknown as Hideable).hide(next), isHidden)));

describe.runIf(hasBrowser)('who is in a room', () => {
  let browser: Browser;
  let chat: ChatHub;
  let ada: Visitor;
  beforeAll(async () => {
    [browser, chat] = await Promise.all([launchBrowser(), startChatHub(['ada', 'jonas', 'mira'])]);
    ada = await visit(browser);
    await chat.signIn(ada, 'ada', '/chat/general');
  });
  afterAll(async () => {
    await browser.close();
    await chat[Symbol.asyncDispose]();
  });
  const here = (words: string): Promise<void> => ada.page.getByText(words, { exact: true }).waitFor();

  it('[CHT6] is one person with five tabs, and away when none of them is looked at', async () => {
    await here('1 here');
    await using jonas = await visit(browser);
    await jonas.context.addInitScript(watchHidden);
    await chat.signIn(jonas, 'jonas', '/chat/general');
    await here('2 here');
    const more = await Promise.all(Array.from({ length: 4 }, () => jonas.context.newPage()));
    const tabs = [jonas.page, ...more];
    for (const page of more) {
      await page.goto(`${chat.hub.url}/chat/general`);
      await page.getByText('2 here', { exact: true }).waitFor();
    }
    expect([...chat.hub.gateway.sessions()].filter(({ identity }) => identity.subject === 'jonas')).toHaveLength(5);
    // One of them that is looked at is enough.
    await hide(more, true);
    await holds(
      'jonas here',
      () => ada.page.getByText(/^\d here/).innerText(),
      (text) => text === '2 here',
      1_000,
    );
    await hide(tabs, true);
    await here('1 here, 1 away');
    await ada.page.getByRole('button', { name: '1 here, 1 away' }).click();
    await ada.page.getByText('jonas (away)', { exact: true }).waitFor();
    await ada.page.keyboard.press('Escape');
    await hide(more.slice(0, 1), false);
    await here('2 here');
  });

  it('[CHT6] is away when nobody has moved for five minutes, and here at the first move', async () => {
    await using mira = await visit(browser);
    const { page } = mira;
    await chat.signIn(mira, 'mira');
    await page.clock.install();
    await page.goto(`${chat.hub.url}/chat/general`);
    await mira.sees(/Live/);
    await here('2 here');
    await page.clock.fastForward(5 * 60_000);
    await until(
      'mira away',
      () => ada.page.getByText(/^\d here/).innerText(),
      (text) => text === '1 here, 1 away',
    );
    await page.mouse.move(200, 200);
    await here('2 here');
  });
});
