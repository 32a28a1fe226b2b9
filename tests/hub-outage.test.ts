// What a page says when its hub is killed, or freezes, and how it comes back: the built command, a real Chromium.

import type { ChatPage } from '@telltale/hub/api';
import type { Browser, Page } from 'playwright-core';
import type { MessagesFrame, ServerFrame, SubscribedFrame } from '@telltale/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launchBrowser, visit, type Visitor } from './support/browser.ts';
import { gateOf, type Gate } from './support/gate.ts';
import { type HubProcess, startHubProcess, testPassword } from './support/hub-process.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { promised } from './support/pace.ts';
import { until } from './support/until.ts';

/** The CPU chart as rows of text, newest first. */
async function tableRows(page: Page): Promise<readonly string[]> {
  const texts = await page.getByRole('region', { name: 'CPU as table' }).locator('tbody tr').allInnerTexts();
  return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim());
}

/** The rows of samples, without those of holes. */
const isSample = (row: string): boolean => /^\d\d:\d\d:\d\d [\d.]+$/.test(row);

/** Shows the CPU chart as a table, and waits for this many samples in it. */
async function showTable(page: Page, count: number): Promise<readonly string[]> {
  await page.getByRole('button', { name: 'Show CPU as table' }).click();
  return await until(
    `${count} samples`,
    () => tableRows(page),
    (rows) => rows.filter(isSample).length >= count,
  );
}

/** A mark that a reload would wipe away. */
const mark = (page: Page): Promise<void> => page.evaluate(() => void Object.assign(window, { isMarked: true }));
const isMarked = (page: Page): Promise<boolean> =>
  page.evaluate(() => (window as unknown as { isMarked?: boolean }).isMarked === true);

/** All that is stored in the room that everybody may read. */
async function saidIn(hub: HubProcess): Promise<readonly string[]> {
  const answer = await fetch(`${hub.url}/api/rooms/general/messages?limit=50`);
  const { messages } = (await answer.json()) as ChatPage;
  return messages.map(({ text }) => text);
}

/** Says something in a second tab that the hub stores, and hears no answer until the gate is open. */
async function sayUnanswered(
  { context }: Visitor,
  hub: HubProcess,
  text: string,
): Promise<{ readonly talk: Page; readonly gate: Gate }> {
  const talk = await context.newPage();
  const gate = await gateOf(talk);
  await talk.goto(`${hub.url}/chat/general`);
  // Behind the gate nothing more arrives, also not who else is there.
  await talk.getByText('2 here', { exact: true }).waitFor();
  await talk.getByRole('textbox', { name: /^Message/ }).fill(text);
  gate.mute();
  await talk.keyboard.press('Enter');
  await talk.getByText('waiting for the hub to store it').waitFor();
  await until(
    'the hub to have it',
    () => saidIn(hub),
    (texts) => texts.includes(text),
  );
  return { talk, gate };
}

/** From now on, how many the page says are in its room; answers all that it has said. */
async function countHere(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(() => {
    const counts = new Set<string>();
    const look = (): void => {
      const [found] = /\d+ here(, \d+ away)?/.exec(document.body.textContent ?? '') ?? [];
      if (found !== undefined) counts.add(found);
    };
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { counts });
  });
  return () => page.evaluate(() => [...(window as unknown as { counts: Set<string> }).counts]);
}

// At the same time: most of it is waiting.
describe.runIf(hasBrowser).concurrent('a page whose hub goes away', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  it('[CLI1] [CLI6] says within 2 s that the hub was killed and when it tries again, and is live again within one backoff', async () => {
    await using hub = await startHubProcess();
    await using visitor = await visit(browser);
    const { page } = visitor;
    await page.goto(hub.startLink());
    await visitor.sees(/Live/);
    await showTable(page, 4);
    await mark(page);
    const value = page.locator('#tile-cpu b');
    const robinAt = `${hub.url.replace('http', 'ws')}/ws/chat/general/?token=${await hub.token('robin')}`;
    const robin = openPlainSocket(robinAt);
    await robin.frame('welcome');
    const { talk, gate } = await sayUnanswered(visitor, hub, 'stored, and never answered');
    const counts = await countHere(talk);
    // The newest: the table shows no more than its last ones.
    const before = (await tableRows(page)).filter(isSample).slice(0, 4);

    const killedAt = Date.now();
    await hub.kill9();
    const told = await visitor.sees(/Reconnecting in \d+ s.*try \d/, { since: killedAt });
    expect(told.at - killedAt).toBeLessThan(promised(2000));
    expect(told.lamps).toMatch(/HUB[^:]*: No answer/i);

    // Values stay, each with its time and its age, and the age grows.
    const held = await value.innerText();
    expect(held).toMatch(/^\d/);
    const tile = page.locator('#tile-cpu');
    await until(
      'the age of the value',
      () => tile.innerText(),
      (text) => /[2-9] s ago/.test(text),
    );
    expect(await tile.getAttribute('data-state')).toBe('stale');
    expect(await value.innerText()).toBe(held);
    expect(await tableRows(page)).toEqual(expect.arrayContaining([...before]));
    // A tab that is behind another may stand still for the browser.
    await page.bringToFront();
    await page.getByRole('button', { name: /^Connection:/ }).click();
    const panel = page.getByRole('dialog', { name: 'Connection' });
    await until(
      'the reason',
      () => panel.innerText(),
      (text) => /1006[^]*[A-Z].{15,}\./.test(text),
    );
    await page.keyboard.press('Escape');

    await talk.bringToFront();
    await talk.getByRole('textbox', { name: /^Message/ }).fill('said without a hub');
    await talk.keyboard.press('Enter');
    await talk.getByText('waiting, sent when the line is back').nth(1).waitFor();
    gate.open();

    await hub.restart();
    const upAt = Date.now();
    // A hub that begins anew knows nobody; who comes back a moment later was not away.
    await talk.getByRole('button', { name: /^Connection: Live/ }).waitFor({ timeout: 35_000 });
    using robinAgain = openPlainSocket(robinAt);
    await robinAgain.frame('welcome');
    const live = await visitor.sees(/Live/, { since: upAt, withinMs: 35_000 });
    // One backoff: nothing was tried in vain after the hub was up.
    const waits = (await visitor.said()).filter(
      ({ at, text }) => at > upAt && at < live.at && /Reconnecting/.test(text),
    );
    const tries = new Set(waits.map(({ text }) => /try (\d+)/.exec(text)?.[1]));
    expect(tries.size, JSON.stringify(waits)).toBeLessThanOrEqual(1);
    expect(await isMarked(page)).toBe(true);

    // Older curves stay, and the hole between says why.
    const rows = await until(
      'samples after the hole',
      () => tableRows(page),
      (all) => all.findIndex((row) => /restarted/.test(row)) >= 2,
    );
    const hole = rows.findIndex((row) => /hub restarted, \d+ s/.test(row));
    expect(hole, rows.join('\n')).toBeGreaterThan(1);
    expect(rows.slice(hole + 1)).toEqual(expect.arrayContaining([...before]));
    expect(
      rows.filter((row) => /restarted|away|answer/.test(row)),
      rows.join('\n'),
    ).toHaveLength(1);
    // What was said in between is there once, in the order it was said in.
    await until(
      'what was said',
      () => saidIn(hub),
      (texts) => texts.includes('said without a hub'),
    );
    await talk.locator('[data-kind="waiting"]').first().waitFor({ state: 'detached' });
    expect(await saidIn(hub)).toEqual(['stored, and never answered', 'said without a hub']);
    expect(await counts()).toEqual(['2 here']);

    await page.getByRole('button', { name: 'Show CPU as chart' }).click();
    const summary = page.getByRole('figure', { name: 'CPU' }).locator('figcaption');
    await until(
      'the gap in the summary',
      () => summary.innerText(),
      (text) => /, [1-9]\d* gaps?$/.test(text),
    );
  });

  it('[CLI4] [RES2] says within 25 s that the hub froze, says that new attempts time out, and repeats nothing afterwards', async () => {
    await using hub = await startHubProcess();
    await using visitor = await visit(browser);
    const { page } = visitor;
    const sockets: { openedAt: number; frames: ServerFrame[] }[] = [];
    page.on('websocket', (socket) => {
      const frames: ServerFrame[] = [];
      sockets.push({ openedAt: Date.now(), frames });
      socket.on('framereceived', ({ payload }) =>
        frames.push(...[JSON.parse(String(payload)) as ServerFrame | ServerFrame[]].flat()),
      );
    });
    await page.goto(hub.startLink());
    await visitor.sees(/Live/);
    await showTable(page, 4);
    await mark(page);

    const stoppedAt = Date.now();
    hub.stop();
    const told = await visitor.sees(/Reconnecting|Connecting, try/, { since: stoppedAt, withinMs: 35_000 });
    expect(told.at - stoppedAt).toBeLessThan(25_000);
    expect(told.lamps).toMatch(/HUB[^:]*: No answer/i);
    await page.getByRole('button', { name: /^Connection:/ }).click();
    const panel = page.getByRole('dialog', { name: 'Connection' });
    await until(
      'the words of a time-out',
      () => panel.innerText(),
      (text) => /did not answer in time/.test(text),
      25_000,
    );
    await page.keyboard.press('Escape');

    const before = sockets.length;
    const heard = sockets[0]?.frames.filter(isMetrics).at(-1);
    hub.cont();
    const contAt = Date.now();
    await visitor.sees(/Live/, { since: contAt, withinMs: 35_000 });
    expect(await isMarked(page)).toBe(true);

    // It resumed where it stood: the next offset, each once.
    const last = await until(
      'the samples after it',
      () =>
        sockets
          .at(-1)
          ?.frames.filter(isMetrics)
          .flatMap(({ messages }) => messages) ?? [],
      (messages) => messages.length >= 3,
    );
    expect(sockets.length).toBeGreaterThanOrEqual(before);
    const subscribed = sockets
      .at(-1)
      ?.frames.find(
        (frame): frame is SubscribedFrame => frame.type === 'subscribed' && frame.channel === 'metrics/local',
      );
    expect(subscribed?.start).toBe('resumed');
    const offsets = last.map(({ offset }) => offset);
    const from = (heard?.to ?? 0) + 1;
    expect(offsets).toEqual(offsets.map((_, index) => from + index));
    await until(
      'the hole',
      () => tableRows(page),
      (all) => all.some((row) => /did not answer|stopped/.test(row)),
    );
    // The session before is over: nobody is counted twice.
    await until(
      'one session',
      () => page.locator('#tile-sessions').innerText(),
      (text) => /\b1\s+connected/.test(text),
    );
  });

  it('says at the gate that the hub does not answer, and lets one in when it is back', async () => {
    await using hub = await startHubProcess({ mode: 'production' });
    await using visitor = await visit(browser);
    const { page } = visitor;
    const gate = (): Promise<string> => page.locator('main').innerText();
    await page.goto(hub.url);
    await page.getByText('Hub reachable').waitFor();
    await mark(page);
    await hub.kill9();
    await until('the notice', gate, (text) => /The hub does not answer/.test(text));
    await page.getByLabel('User').fill('admin');
    await page.getByLabel('Password').fill(testPassword);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await until('the answer to a sign-in', gate, (text) => /Not signed in[^]*does not answer/.test(text));
    await hub.restart();
    await page.getByText('Hub reachable').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.sees(/Live/);
    expect(await isMarked(page)).toBe(true);
  });
});

function isMetrics(frame: ServerFrame): frame is MessagesFrame {
  return frame.type === 'messages' && frame.channel === 'metrics/local';
}
