// Puts the texts that mean harm wherever chat shows what others wrote: messages, titles of rooms, what cards carry, and what a
// person is told of. What the page makes of it, the test says.

import type { ChatPost } from '@telltale/hub/api';
import type { Page } from 'playwright-core';
import type { ChatHub } from './chat-hub.ts';
import { hostileTexts } from './hostile-texts.ts';
import type { PlainSocket } from './plain-socket.ts';

/** What a page gave the browser to show outside of it. */
export interface BrowserNotice {
  readonly title: string;
  readonly body: string;
}

/** Names of those that were refused, each with the reason. */
export type Refused = ReadonlyMap<string, string>;

const lines = hostileTexts.map(([, text]) => text.slice(0, 1_000));
const linesOfCard = 20;

/** Each as a room's title. */
export async function nameRooms(chat: ChatHub): Promise<Refused> {
  const refused = new Map<string, string>();
  const headers = {
    authorization: `Bearer ${chat.tokenOf('olga', 'operator')}`,
    'content-type': 'application/json',
  };
  for (const [index, [name, title]] of hostileTexts.entries()) {
    const body = JSON.stringify({ room: `hostile-${index}`, title });
    const answer = await fetch(`${chat.hub.url}/api/rooms`, { method: 'POST', headers, body });
    if (answer.status !== 200) refused.set(name, `${answer.status} ${await answer.text()}`);
  }
  return refused;
}

/** Each as a line of a card, as the name of a card's chart, and last as a message, in the room `general`. */
export async function postAll(chat: ChatHub, plain: PlainSocket): Promise<Refused> {
  const posts: [string, ChatPost][] = [];
  for (let from = 0; from < lines.length; from += linesOfCard) {
    const shown = lines.slice(from, from + linesOfCard);
    const card = {
      type: 'lines',
      channel: 'logs/local/app',
      epoch: 'a',
      from: 1,
      to: shown.length,
      lines: shown,
    } as const;
    posts.push(['lines', { text: 'lines', card }]);
  }
  for (const [name, text] of hostileTexts) {
    const card = { type: 'chart', agent: 'local', chart: text.slice(0, 64), from: 0, to: 1 } as const;
    posts.push([`chart: ${name}`, { text: 'a chart', card }]);
  }
  for (const [name, text] of hostileTexts) posts.push([name, { text }]);
  const refused = new Map<string, string>();
  for (const [name, data] of posts) {
    const answer = await chat.say(plain, 'chat/general', data);
    if (answer.type === 'error') refused.set(name, `${answer.code} ${answer.message}`);
  }
  return refused;
}

/** Has a page write down what it would have the browser show; before it is opened. */
export async function recordNotices(page: Page): Promise<() => Promise<readonly BrowserNotice[]>> {
  await page.addInitScript(() => {
    const told: { title: string; body: string }[] = [];
    class Recorder extends EventTarget {
      static readonly permission = 'granted';
      constructor(title: string, { body }: { readonly body: string }) {
        super();
        told.push({ title, body });
      }
      close(): void {}
    }
    Object.assign(window, { told, Notification: Recorder });
    // It tells the browser while nobody looks at it.
    document.hasFocus = () => false;
  });
  return () => page.evaluate(() => (window as unknown as { told: BrowserNotice[] }).told);
}

/** Each in a message that names somebody, in a room of its own. */
export async function nameSomebody(
  chat: ChatHub,
  plain: PlainSocket,
  user: string,
  from: number,
  to: number,
): Promise<void> {
  for (const [name, text] of hostileTexts.slice(from, to)) {
    const answer = await chat.say(plain, 'chat/hostile-0', { text: `@${user} ${text}`.slice(0, 4_000) });
    if (answer.type === 'error') throw new Error(`${name} was refused: ${answer.message}`);
  }
}
