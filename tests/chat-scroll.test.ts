// A room of thousands of messages on the screen: what is seen is drawn and nothing else, from the newest to the very first
// and back, and whoever is led to a message far back gets there, or reads why not. A real Chromium, a real hub.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import { hasBrowser, launchBrowser, visit } from './support/browser.ts';
import { type ChatHub, startChatHub } from './support/chat-hub.ts';
import { watchScrolling } from './support/scrolling.ts';
import { until } from './support/until.ts';

/** In the room that is scrolled through. */
const said = isLongRun ? 10_000 : 3_000;
let tries = 0;
const isNoticed = (fault: string): boolean => !/status of 401|WebSocket|ERR_/.test(fault);
const messages = (page: Page) => page.getByRole('log');

describe.runIf(hasBrowser)('a long room', () => {
  let browser: Browser;
  let chat: ChatHub;
  beforeAll(async () => {
    [browser, chat] = await Promise.all([launchBrowser(), startChatHub(['mira'])]);
  });
  afterAll(async () => {
    await browser.close();
    await chat[Symbol.asyncDispose]();
  });

  it(`of ${said} messages draws what is seen, smoothly to the very first, stays where one reads, and goes to any of them`, async () => {
    // A try that failed leaves its room full.
    // As long as a name can be.
    const name = `web-${++tries}`.padEnd(64, '-x');
    const room = `chat/agent.${name}`;
    const agent = await chat.agent(name);
    using plain = chat.plain(`/ws/${room}/`, 'robin');
    await plain.frame('welcome');
    await chat.say(agent.socket, room, { text: 'this machine speaks' });
    const each = 500;
    // The agent's is message 1.
    for (let batch = 0; batch < said / each; batch += 1) {
      plain.send({
        type: 'publish',
        id: 1_000 + batch,
        channel: room,
        batch: Array.from({ length: each }, (_, index) => ({ data: { text: `message ${batch * each + index + 2}` } })),
      });
    }
    await plain.frame('result', ({ id }) => id === 999 + said / each, 30_000);
    await using visitor = await visit(browser);
    const { page } = visitor;
    await chat.signIn(visitor, 'mira', `/${room}`);
    await messages(page)
      .getByText(`message ${said + 1}`, { exact: true })
      .waitFor();
    const box = messages(page);
    const look = () =>
      box.evaluate((log) => {
        const { top } = log.getBoundingClientRect();
        const rows = [...log.querySelectorAll<HTMLElement>('[data-kind="message"]')];
        const first = rows.find((row) => row.getBoundingClientRect().top >= top);
        return {
          number: Number(first?.dataset['key']),
          height: log.scrollHeight,
          isFirst: (log.querySelector('[data-kind="top"]')?.textContent ?? '').startsWith('The beginning'),
        };
      });
    /** Until what was scrolled to has been drawn: by the frame behind the one that scrolls. */
    const drawing = (): Promise<unknown> =>
      page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go))));
    /** By the wheel, never further than what is drawn beside what is seen, so that nothing is passed over. */
    const wheelUntil = (what: string, pleases: (seen: Awaited<ReturnType<typeof look>>) => boolean) =>
      until(
        what,
        async () => {
          await page.mouse.wheel(0, -900);
          await drawing();
          return await look();
        },
        pleases,
        60_000,
      );
    await box.hover();
    const scrolling = await watchScrolling(box, '[data-kind="message"]');
    await wheelUntil('older messages', ({ number }) => number < said - 1_000);
    // Whatever comes now in front of it and behind it, what is read stands still.
    const before = await until(
      'the view to stand',
      async () => {
        const one = await look();
        await new Promise((resolve) => setTimeout(resolve, 150));
        const other = await look();
        return one.number === other.number && one.height === other.height ? one : undefined;
      },
      (seen) => seen !== undefined,
    );
    await chat.say(plain, room, { text: 'one more' });
    await chat.say(plain, room, { text: 'and another', reply: 2 });
    await page.getByRole('button', { name: '2 new' }).waitFor();
    expect((await look()).number).toBe(before?.number);
    const began = Date.now();
    await wheelUntil('the beginning of the room', ({ isFirst }) => isFirst);
    await box.getByText('this machine speaks').waitFor();
    const { drawn, torn, mostDrawn, frames, longestMs, p95Ms, longestTaskMs } = await scrolling.stop();
    console.log(
      `${drawn.length} messages back in ${Date.now() - began} ms: ${frames} frames, 95 % of them within ${p95Ms.toFixed(0)} ms, the longest ${longestMs.toFixed(0)} ms; the longest task ${longestTaskMs.toFixed(0)} ms`,
    );
    expect(torn).toBeUndefined();
    expect(drawn.length).toBe(said + 1);
    expect([drawn[0], drawn.at(-1)]).toEqual([1, said + 1]);
    expect(mostDrawn).toBeLessThan(80);
    // Beside others a frame waits for its turn, and says nothing of what scrolling costs.
    if (isLongRun) {
      expect(Math.max(longestMs, longestTaskMs)).toBeLessThan(200);
      expect(p95Ms).toBeLessThan(50);
    }
    // An agent is shown as one, and a person is not.
    const headOf = (text: string) => box.getByRole('article').filter({ hasText: text }).first();
    expect(await headOf('this machine speaks').getByText('agent', { exact: true }).count()).toBe(1);
    expect(await headOf('robin').getByText('agent', { exact: true }).count()).toBe(0);
    // From the very first back to the newest, and by what answers it to the second, as often as one likes.
    await page.getByRole('button', { name: '2 new' }).click();
    const answer = box.getByRole('button', { name: 'an earlier message' });
    const second = box.locator('[data-key="2"] [data-shown]');
    for (let times = 0; times < 2; times += 1) {
      await answer.click();
      await second.waitFor();
      await page.getByRole('button', { name: 'To the newest' }).click();
      await answer.waitFor();
    }
    // At the end it follows.
    await chat.say(plain, room, { text: 'seen at once' });
    await box.getByText('seen at once').waitFor();
    await page.getByRole('button', { name: /^(\d+ new|To the newest)$/ }).waitFor({ state: 'detached' });
    // What cannot be shown is said, and why.
    await page.route(/before=/, (route) => route.abort());
    await answer.click();
    await page.getByText(/^That message was not loaded\. \S/).waitFor();
    await page.unroute(/before=/);
    await page.getByRole('button', { name: 'Try again' }).click();
    await second.waitFor();
    expect(await page.getByText('That message was not loaded').count()).toBe(0);
    // An address asks for it as often as it is gone to.
    await page.goto(`${chat.hub.url}/${room}?at=2`);
    await second.waitFor();
    await page.getByRole('list', { name: 'Rooms' }).getByRole('link', { name, exact: true }).click();
    await page.getByRole('button', { name: 'To the newest' }).click();
    await answer.waitFor();
    await page.goBack();
    await second.waitFor();
    await page.goto(`${chat.hub.url}/${room}?at=999999`);
    await page.getByText('That message is not in this room, or not any more.').waitFor();
    expect(visitor.faults.filter(isNoticed)).toEqual([]);
  });
});
