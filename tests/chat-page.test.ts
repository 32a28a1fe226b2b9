// Chat on the screen: people at several browsers and a plain client in one room, a line that goes away while somebody
// writes, a browser that somebody else signs in at, and texts that mean harm. A real Chromium, a real hub in production.

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './support/barriers.ts';
import { hasBrowser, launchBrowser, visit } from './support/browser.ts';
import { startChatHub, type ChatHub } from './support/chat-hub.ts';
import { gateOf } from './support/gate.ts';
import { nameRooms, nameSomebody, postAll, recordNotices } from './support/hostile-chat.ts';
import { hostileTexts } from './support/hostile-texts.ts';
import { until } from './support/until.ts';

const isNoticed = (fault: string): boolean => !/status of 401|WebSocket|ERR_/.test(fault);

const toChat = (page: Page, name: RegExp) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name });
const field = (page: Page) => page.getByRole('textbox', { name: /^(Message|Change message)/ });
const messages = (page: Page) => page.getByRole('log');
const hasKeys = (place: Locator): Promise<void> => place.and(place.page().locator(':focus')).waitFor();
/** Goes on by the keyboard until the keys are on what is meant. */
const tabTo = async (place: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
  const page = place.page();
  await place.waitFor();
  const focused = place.and(page.locator(':focus'));
  for (let presses = 0; (await focused.count()) === 0; presses += 1) {
    expect(presses, `${key} does not lead to ${String(place)}`).toBeLessThan(40);
    await page.keyboard.press(key);
  }
};
/** Enter on a button that the keys are brought to. */
const press = async (page: Page, name: string | RegExp, key?: 'Shift+Tab'): Promise<void> => {
  await tabTo(page.getByRole('button', { name, exact: true }), key);
  await page.keyboard.press('Enter');
};
/** What can be done with the message that the keys or the pointer are on is this, and nothing else. */
const hasTools = async (page: Page, names: readonly string[]): Promise<void> => {
  const buttons = page.getByRole('toolbar', { name: 'Message' }).getByRole('button');
  await buttons.first().waitFor();
  expect(await buttons.evaluateAll((all) => all.map((button) => button.ariaLabel))).toEqual(names);
};
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.runIf(hasBrowser)('chat', () => {
  let browser: Browser;
  let chat: ChatHub;
  beforeAll(async () => {
    [browser, chat] = await Promise.all([launchBrowser(), startChatHub(['ada', 'jonas', 'mira', 'olga'])]);
  });
  afterAll(async () => {
    await browser.close();
    await chat[Symbol.asyncDispose]();
  });
  const operate = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(chat.hub.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${chat.tokenOf('olga', 'operator')}` },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
  };

  it('is one room for three browsers and a plain client, with what is unread right on two devices', async () => {
    using plain = chat.plain('/ws/chat/general/', 'robin');
    await using ada = await visit(browser);
    await using jonas = await visit(browser);
    await using jonasPhone = await visit(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await Promise.all([
      chat.signIn(ada, 'ada'),
      chat.signIn(jonas, 'jonas'),
      chat.signIn(jonasPhone, 'jonas'),
      plain.frame('welcome'),
    ]);
    // Beside any page, by a key, and remembered.
    await ada.page.keyboard.press('c');
    await field(ada.page).waitFor();
    await ada.page.reload();
    await field(ada.page).waitFor();
    await ada.page.getByRole('button', { name: 'Close chat' }).last().click();
    const opens = ada.page.getByRole('button', { name: 'Open chat beside the page' });
    await hasKeys(opens);
    await ada.page.reload();
    await ada.sees(/Live/);
    await opens.waitFor();
    expect(await field(ada.page).count()).toBe(0);
    await opens.click();
    await field(ada.page).fill('The disk of **db-2** is full');
    await ada.page.keyboard.press('Enter');
    const { messages: came } = await plain.frame(
      'messages',
      (frame) => frame.channel === 'chat/general' && frame.messages.length > 0,
    );
    expect(came[0]).toMatchObject({
      from: { subject: 'ada' },
      data: { type: 'said', text: 'The disk of **db-2** is full' },
    });
    await messages(ada.page).locator('strong', { hasText: 'db-2' }).waitFor();
    // Named by a plain client, somebody who looks elsewhere is told, and both of their devices count.
    await chat.say(plain, 'chat/general', { text: '@jonas look' });
    await toChat(jonas.page, /^Chat 2$/).waitFor();
    const notice = jonas.page.getByText('robin named you in general');
    await notice.waitFor();
    await jonas.page.getByRole('button', { name: 'Open', exact: true }).click();
    await messages(jonas.page).getByText('@jonas').waitFor();
    await notice.waitFor({ state: 'detached' });
    await toChat(jonas.page, /^Chat$/).waitFor();
    await toChat(jonasPhone.page, /^Chat$/).tap();
    await jonasPhone.page.getByRole('link', { name: /^General$/ }).tap();
    await messages(jonasPhone.page).getByText('@jonas').waitFor();
    // A phone's whole screen: one bar, with the way back and how the line is, then the room.
    expect(await overflow(jonasPhone.page)).toBe(0);
    const open = jonasPhone.page.getByRole('region', { name: 'Room General' });
    const { x, y, width, height } = (await open.boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 };
    expect([x, y, width, y + height]).toEqual([0, 48, 390, 844]);
    expect(await jonasPhone.page.getByRole('navigation', { name: 'Pages' }).count()).toBe(0);
    expect(await jonasPhone.page.getByRole('button', { name: /^Connection: Live/ }).isVisible()).toBe(true);
    await jonasPhone.page.getByRole('link', { name: 'All rooms' }).tap();
    await toChat(jonasPhone.page, /^Chat$/).waitFor();
    await hasKeys(jonasPhone.page.getByRole('heading', { level: 1, name: 'Chat' }));
    await jonasPhone.page.getByRole('link', { name: /^General$/ }).tap();
    await hasKeys(jonasPhone.page.getByRole('heading', { level: 1, name: 'General' }));
    // Two devices are one person; who types is said to the others alone.
    await ada.page.getByText('3 here', { exact: true }).waitFor();
    await field(jonas.page).pressSequentially('On it');
    await ada.page.getByText('jonas is typing', { exact: true }).waitFor();
    expect(await jonasPhone.page.getByTestId('chat-typing').innerText()).toBe('');
    await jonas.page.keyboard.press('Enter');
    await messages(ada.page).getByText('On it').waitFor();
    await messages(jonasPhone.page).getByText('On it').waitFor();
    // A screen reader is told of others, never of oneself.
    await until(
      'what is announced',
      () => ada.page.getByTestId('chat-announcer').innerText(),
      (text) => /jonas: On it|new messages/.test(text),
    );
    expect(await jonas.page.getByTestId('chat-announcer').innerText()).toBe('');
    // By fingers: Enter begins a line there, and a message that is touched has its tools.
    const { page: phone } = jonasPhone;
    await field(phone).tap();
    for (const key of ['1', 'Enter', '2']) await phone.keyboard.press(key);
    await phone.getByRole('button', { name: 'Send', exact: true }).tap();
    await until(
      'what was written on the phone',
      async () => (await chat.page('general', 1)).messages[0]?.text,
      (text) => text === '1\n2',
    );
    await messages(phone).getByRole('article').filter({ hasText: 'look' }).tap();
    await phone.getByRole('button', { name: 'React', exact: true }).tap();
    await phone.getByRole('button', { name: 'thumbs up' }).tap();
    await messages(ada.page).getByRole('button', { name: '👍 1: jonas' }).waitFor();
    expect(await overflow(phone)).toBe(0);
    expect(await Promise.all([ada, jonas, jonasPhone].map(({ page }) => barriers(page)))).toEqual([[], [], []]);
    expect([...ada.faults, ...jonas.faults, ...jonasPhone.faults].filter(isNoticed)).toEqual([]);
  });

  it('answers, reacts, changes and takes back by the keyboard alone, and an operator takes back what is not theirs', async () => {
    await using olga = await visit(browser);
    await chat.signIn(olga, 'olga', '/chat');
    const { page } = olga;
    // A room of its own, made on the screen; the keys come back to what opened a form, and go on to the field.
    await press(page, 'New room');
    await hasKeys(page.getByLabel('Title'));
    await press(page, 'Cancel');
    await hasKeys(page.getByRole('button', { name: 'New room' }));
    await page.keyboard.press('Enter');
    await hasKeys(page.getByLabel('Title'));
    await page.keyboard.type('Desk');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Desk' }).waitFor();
    await hasKeys(field(page));
    using desk = chat.plain('/ws/chat/desk/', 'robin');
    await desk.frame('welcome');
    await chat.say(desk, 'chat/desk', { text: 'from a program' });
    await messages(page).getByText('from a program').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.getByRole('toolbar', { name: 'Message' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Reaction' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /1: you$/ }).waitFor();
    // What is taken back is gone with the keys on it: the message has them then.
    await hasKeys(page.getByRole('button', { name: 'React', exact: true }));
    await tabTo(page.getByRole('button', { name: /1: you$/ }), 'Shift+Tab');
    await page.keyboard.press('Space');
    await hasKeys(page.locator('[data-key="1"]'));
    await press(page, 'Answer');
    await hasKeys(field(page));
    await page.keyboard.type('thanks');
    await page.keyboard.press('Enter');
    await messages(page).getByRole('button', { name: 'robin from a program' }).waitFor();
    await until(
      'the answer to be stored',
      async () => (await chat.page('desk')).messages.at(-1),
      (last) => last?.text === 'thanks' && last.reply === 1,
    );
    await page.locator('[data-kind="waiting"]').waitFor({ state: 'detached' });
    await hasKeys(field(page));
    await page.keyboard.press('ArrowUp');
    await press(page, 'Change');
    await hasKeys(field(page));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('many thanks');
    await page.keyboard.press('Enter');
    await messages(page).getByText('changed').waitFor();
    await desk.frame('messages', (frame) =>
      frame.messages.some(({ data }) => (data as { type: string }).type === 'edited'),
    );
    await page.keyboard.press('ArrowUp');
    await page.locator('[role="article"]:focus').waitFor();
    await page.keyboard.press('ArrowUp');
    const first = page.locator('[data-key="1"]');
    await hasKeys(first);
    await press(page, 'Delete message');
    await hasKeys(page.getByRole('button', { name: 'Press again: Delete message' }));
    await page.keyboard.press('Enter');
    await messages(page).getByText('Deleted by olga').waitFor();
    await hasKeys(first);
    await until(
      'nothing of it to be kept',
      async () => (await chat.page('desk')).messages,
      (kept) => kept[0]?.deleted !== null && kept[0]?.text === '' && kept[1]?.text === 'many thanks',
    );
    // Another title, put away, and taken out again.
    await press(page, 'Rename or archive Desk', 'Shift+Tab');
    await page.getByRole('dialog', { name: 'Room Desk' }).waitFor();
    await tabTo(page.getByLabel('Title'));
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Night desk');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Night desk' }).waitFor();
    await page.getByRole('link', { name: /^Night desk/ }).waitFor();
    const tools = page.getByRole('button', { name: 'Rename or archive Night desk' });
    await hasKeys(tools);
    await page.keyboard.press('Enter');
    await press(page, 'Archive Night desk');
    await chat.say(desk, 'chat/desk', { text: 'not for the archive' });
    await messages(page).getByText('not for the archive').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('This room is archived: it is read, and nobody writes here any more.').waitFor();
    await hasKeys(tools);
    expect(await chat.say(desk, 'chat/desk', { text: 'too late' })).toMatchObject({ type: 'error', retryable: false });
    expect(await barriers(page)).toEqual([]);
    // What should not stand there goes also from there, by the keyboard too.
    await tabTo(messages(page));
    for (const text of ['many thanks', 'not for the archive']) {
      await page.keyboard.press('ArrowDown');
      await hasKeys(messages(page).getByRole('article').filter({ hasText: text }));
    }
    await hasTools(page, ['Delete message']);
    await press(page, 'Delete message');
    await page.keyboard.press('Enter');
    await messages(page).getByText('not for the archive').waitFor({ state: 'detached' });
    await tabTo(tools, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await press(page, 'Take out of the archive');
    await field(page).waitFor();
    await hasKeys(tools);
    expect(await chat.say(desk, 'chat/desk', { text: 'in time' })).toMatchObject({ type: 'result' });
    await messages(page).getByText('in time').waitFor();
    // Where operators alone write, a viewer is told so.
    await press(page, 'New room', 'Shift+Tab');
    await page.keyboard.type('Orders');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Op');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor();
    await hasKeys(field(page));
    await using mira = await visit(browser);
    await chat.signIn(mira, 'mira', '/chat/orders');
    await mira.page.getByText('Operators write here; you read.').waitFor();
    expect(await field(mira.page).count()).toBe(0);
    // What they said while they might is theirs to delete, and nothing else.
    await operate('/api/rooms/writers', { room: 'orders', writers: 'viewers' });
    await field(mira.page).fill('said by mira in time');
    await mira.page.keyboard.press('Enter');
    const own = messages(mira.page).getByRole('article').filter({ hasText: 'said by mira in time' });
    await messages(page).getByText('said by mira in time').waitFor();
    await operate('/api/rooms/writers', { room: 'orders', writers: 'operators' });
    await mira.page.getByText('Operators write here; you read.').waitFor();
    await own.hover();
    await hasTools(mira.page, ['Delete message']);
    await mira.page.getByRole('button', { name: 'Delete message' }).click();
    await mira.page.getByRole('button', { name: 'Press again: Delete message' }).click();
    await messages(page).getByText('said by mira in time').waitFor({ state: 'detached' });
    expect([...olga.faults, ...mira.faults].filter(isNoticed)).toEqual([]);
  });

  it('loses nothing that was typed over a line that breaks and a reload, and gives it to nobody else', async () => {
    using plain = chat.plain('/ws/chat/general/', 'robin');
    await plain.frame('welcome');
    await chat.say(plain, 'chat/general', { text: 'is it up?' });
    const { messages: asked } = await chat.page('general', 1);
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    const gate = await gateOf(context);
    await chat.signIn(visitor, 'jonas', '/chat/general');
    await field(page).fill('sent, and never answered');
    gate.mute();
    await page.keyboard.press('Enter');
    await page.getByText('waiting for the hub to store it').waitFor();
    await until(
      'the hub to have it',
      async () => (await chat.page('general')).messages.at(-1)?.text,
      (text) => text === 'sent, and never answered',
    );
    gate.shut();
    await field(page).fill('written without a line');
    await page.keyboard.press('Enter');
    await page.getByText('waiting, sent when the line is back').last().waitFor();
    await messages(page).getByRole('article').filter({ hasText: 'is it up?' }).hover();
    await page.getByRole('button', { name: 'Answer', exact: true }).click();
    await field(page).pressSequentially('half a sen');
    const second = await context.newPage();
    await second.goto(`${chat.hub.url}/chat/general`);
    await field(second).fill('of another tab');
    await Promise.all([page, second].map((tab) => tab.reload()));
    await messages(page).getByText('written without a line').waitFor();
    expect(await page.getByText('waiting, sent when the line is back').count()).toBe(2);
    expect(await field(page).inputValue()).toBe('half a sen');
    await page.getByText('Answering robin').waitFor();
    expect(await field(second).inputValue()).toBe('of another tab');
    // What a tab leaves, the next takes over; and a browser that keeps nothing is no secret.
    await second.close();
    const third = await context.newPage();
    await third.goto(`${chat.hub.url}/chat/general`);
    await until(
      'what the closed tab had',
      () => field(third).inputValue(),
      (text) => text === 'of another tab',
    );
    await third.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await field(third).pressSequentially('!');
    await third.getByText('this browser keeps nothing, so do not leave the page').waitFor();
    await field(third).fill('');
    await third.close();

    // Somebody else at the same browser has none of it.
    await page.goto('about:blank');
    await context.clearCookies();
    gate.open();
    await chat.signIn(visitor, 'mira', '/chat/general');
    await messages(page).getByText('sent, and never answered').first().waitFor();
    expect(await field(page).inputValue()).toBe('');
    expect(await page.getByText('written without a line').count()).toBe(0);
    await field(page).fill('said by mira');
    await page.keyboard.press('Enter');
    await messages(page).getByText('said by mira').waitFor();

    await page.goto('about:blank');
    await context.clearCookies();
    await chat.signIn(visitor, 'jonas', '/chat/general');
    expect(await field(page).inputValue()).toBe('half a sen');
    await until(
      'all of it once',
      async () => (await chat.page('general')).messages.slice(-3).map(({ from, text }) => `${from.subject}: ${text}`),
      (last) =>
        last.join('\n') ===
        ['jonas: sent, and never answered', 'mira: said by mira', 'jonas: written without a line'].join('\n'),
    );
    await page
      .getByText(/^waiting/)
      .first()
      .waitFor({ state: 'detached' });
    const { messages: all } = await chat.page('general');
    for (const text of ['sent, and never answered', 'written without a line']) {
      expect(all.filter((message) => message.text === text)).toHaveLength(1);
    }

    await page.getByText('Answering robin').waitFor();
    await field(page).fill('half a sentence');
    await page.keyboard.press('Enter');
    await until(
      'the answer',
      async () => (await chat.page('general', 1)).messages.map(({ text, reply }) => [text, reply]),
      (last) => JSON.stringify(last) === JSON.stringify([['half a sentence', asked[0]?.offset]]),
    );

    // What the hub would refuse is said before it is sent, and stays where it can be changed.
    await field(page).fill('x'.repeat(4_212));
    await page.keyboard.press('Enter');
    await page.getByText('not sent: too long by 212 characters').waitFor();
    expect((await field(page).inputValue()).length).toBe(4_212);
  });

  it('says why what waited was refused, and lets it be written anew, tried again and let go', async () => {
    // Another one for each try: a room is made once.
    const room = `hall-${Date.now().toString(36)}`;
    await operate('/api/rooms', { room, title: 'Hall' });
    await using visitor = await visit(browser);
    const { page, context } = visitor;
    const gate = await gateOf(context);
    await chat.signIn(visitor, 'jonas', `/chat/${room}`);
    const say = async (text: string): Promise<void> => {
      await field(page).fill(text);
      await page.keyboard.press('Enter');
      await messages(page).getByText(text).waitFor();
    };
    await say('said in time');
    await page.getByText(/^waiting/).waitFor({ state: 'detached' });
    gate.shut();
    for (const text of ['to be discarded', 'to be written anew', 'to be tried again']) await say(text);
    await messages(page).getByRole('article').filter({ hasText: 'said in time' }).hover();
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await field(page).fill('said much later');
    await page.keyboard.press('Enter');
    await field(page).fill('begun');
    // Meanwhile the room talks on, so that the message is not here after a reload, and is archived.
    using plain = chat.plain(`/ws/chat/${room}/`, 'robin');
    await plain.frame('welcome');
    plain.send({
      type: 'publish',
      id: 9_001,
      channel: `chat/${room}`,
      batch: Array.from({ length: 150 }, (_, index) => ({ data: { text: `talk ${index + 1}.` } })),
    });
    await plain.frame('result', ({ id }) => id === 9_001);
    await operate('/api/rooms/archive', { room, archived: true });
    gate.open();
    const refused = page.getByText(/^not sent: the room hall-\w+ was archived on \d{4}-\d\d-\d\d: it can be read/);
    await refused.nth(2).waitFor({ timeout: 15_000 });
    const kept = page.getByLabel('You had begun to write');
    expect(await kept.inputValue()).toBe('begun');
    await page.reload();
    // What waits is there before the room, and moves down when that comes: also from under a button that is being pressed.
    await messages(page).getByText('talk 150.').waitFor();
    const rowOf = (text: string) => page.locator('[data-kind="waiting"]').filter({ hasText: text });
    await rowOf('to be discarded').getByRole('button', { name: 'Discard' }).click();
    await rowOf('to be written anew').getByRole('button', { name: 'Edit' }).click();
    await until(
      'both',
      () => kept.inputValue(),
      (text) => text === 'begun\nto be written anew',
    );
    await rowOf('said much later')
      .getByText(/^not changed: the room hall-\w+ was archived/)
      .waitFor();
    expect(await messages(page).getByText('said in time').count()).toBe(0);
    await rowOf('said much later').getByRole('button', { name: 'Edit' }).click();
    await operate('/api/rooms/archive', { room, archived: false });
    await page.getByText('Changing a message').waitFor();
    expect(await field(page).inputValue()).toBe('said much later');
    await field(page).press('Enter');
    await until(
      'the draft',
      () => field(page).inputValue(),
      (text) => text === 'begun\nto be written anew',
    );
    await rowOf('to be tried again').getByRole('button', { name: 'Try again' }).click();
    await rowOf('to be tried again').waitFor({ state: 'detached' });
    await field(page).press('Enter');
    await until(
      'what was written anew',
      async () => {
        const { messages: all } = await chat.page(room);
        return [all[0], ...all.slice(-2)].map((message) => message?.text);
      },
      (texts) => JSON.stringify(texts) === '["said much later","to be tried again","begun\\nto be written anew"]',
    );
    await page.locator('[data-kind="waiting"]').first().waitFor({ state: 'detached' });
    expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => /\.(post|begun)\./.test(key)))).toEqual(
      [],
    );
  });

  it('runs none of what others write in messages, titles, cards and notices, and keeps its shape', async () => {
    using plain = chat.plain('/ws/chat/general/', 'a\u200Bda\u202E');
    await plain.frame('welcome');
    const [posts, titles] = [await postAll(chat, plain), await nameRooms(chat)];
    for (const [name, why] of [...posts, ...titles]) expect(why, name).toMatch(/^400.*(found|expected)|^4400 .*found/);
    expect(hostileTexts.length).toBeGreaterThanOrEqual(60);
    expect(posts.size).toBeLessThanOrEqual(6);
    expect(titles.size).toBeLessThanOrEqual(16);
    await using visitor = await visit(browser, { viewport: { width: 1280, height: 900 } });
    const { page } = visitor;
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).host));
    page.on('dialog', (dialog) => void asked.add(`dialog ${dialog.message()}`));
    page.on('popup', (popup) => asked.add(`popup ${popup.url()}`));
    const notices = await recordNotices(page);
    await chat.signIn(visitor, 'mira');
    // What was there before the page knew of it would be no news.
    await chat.say(plain, 'chat/hostile-0', { text: 'unread' });
    await toChat(page, /^Chat \d/).waitFor();
    await page.getByTestId('chat-notices').waitFor({ state: 'attached' });
    // The hub tells of the newest 50 that are unread.
    for (const [from, to] of [
      [0, 40],
      [40, hostileTexts.length],
    ] as const) {
      await nameSomebody(chat, plain, 'mira', from, to);
      await until(
        'the browser to be told of each',
        async () => (await notices()).map(({ body }) => body.slice(6, 40)),
        (count) => count.length === to,
      );
    }
    for (const { title, body } of await notices()) {
      expect(title).toBe('a\uFFFDda\uFFFD named you in hostile-0');
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(body).toMatch(/^@mira [^\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]{0,194}$/u);
    }
    await page.getByText('named you in').first().waitFor();
    const foreign = (): Promise<readonly string[]> =>
      page.evaluate(() =>
        [
          ...document.body.querySelectorAll(
            'script, iframe, object, embed, img, style, link, base, meta, math, details, template, foreignObject, animate',
          ),
        ].map(({ outerHTML }) => outerHTML),
      );
    expect(await foreign()).toEqual([]);
    await page.goto(`${chat.hub.url}/chat/general`);
    await messages(page)
      .getByText('a footnote', { exact: false })
      .or(messages(page).getByText('x[^1]'))
      .first()
      .waitFor();
    const rooms = page.getByRole('link').filter({ has: page.locator('bdi') });
    await until(
      'every room that was named',
      () => rooms.count(),
      (count) => count >= hostileTexts.length - titles.size,
    );
    expect(await foreign()).toEqual([]);
    const elements = new Set<string>();
    const links = new Set<string>();
    let widest = 0;
    const box = messages(page);
    // From the newest to the first, everything is drawn once.
    await until(
      'the beginning of the room',
      async () => {
        const seen = await box.evaluate((log) => {
          const column = log.getBoundingClientRect();
          const within = [...log.querySelectorAll('*')];
          const rows = [...log.querySelectorAll('[data-kind]')];
          const result = {
            names: [...new Set(within.map(({ tagName }) => tagName.toLowerCase()))],
            hrefs: [...log.querySelectorAll('a')].map(({ href, rel }) => `${href} ${rel}`),
            over: Math.max(...rows.map((row) => row.getBoundingClientRect().right - column.right)),
            wide: Math.max(...rows.map((row) => (row.firstElementChild?.scrollWidth ?? 0) - row.clientWidth)),
            isFirst: (log.querySelector('[data-kind="top"]')?.textContent ?? '').startsWith('The beginning'),
          };
          log.scrollTop -= 500;
          return result;
        });
        for (const name of seen.names) elements.add(name);
        for (const href of seen.hrefs) links.add(href);
        widest = Math.max(widest, seen.over, seen.wide);
        return seen.isFirst;
      },
      (isFirst) => isFirst,
      15_000,
    );
    expect(await page.evaluate(() => (window as unknown as { pwned?: unknown }).pwned)).toBeUndefined();
    expect(await page.evaluate(() => ({}) as { polluted?: unknown }).then(({ polluted }) => polluted)).toBeUndefined();
    expect([...asked]).toEqual([`localhost:${chat.port}`]);
    const allowed = 'a article b bdi br button code div li ol p path pre span strong svg time ul circle g rect';
    expect([...elements].filter((name) => !allowed.split(' ').includes(name))).toEqual([]);
    const own = `${chat.hub.url}/agents/local?`;
    const cards = [...links].filter((link) => link.startsWith(own)).map((link) => link.slice(own.length));
    expect(cards.filter((link) => !/^(log=app&at=a:1|from=0&to=1(&shared=general:\d+)?) $/.test(link))).toEqual([]);
    expect(cards.length).toBeGreaterThan(1);
    const others = [...links].filter((link) => !link.startsWith(own));
    expect(others.filter((link) => !/^(https?|mailto):\S+ noopener noreferrer nofollow$/.test(link))).toEqual([]);
    expect(others.length).toBeGreaterThan(2);
    // What is clipped may show three pixels of its marks.
    expect(widest).toBeLessThanOrEqual(3);
    expect(await overflow(page)).toBe(0);
    await messages(page).getByText('a\uFFFDda\uFFFD').first().waitFor();
    expect(visitor.faults.filter(isNoticed)).toEqual([]);
  });
});
