// The page of client-in-chromium.test.ts: the client and its hooks as an application would use them. What the test asks
// for is in the query; what the test reads is `window.told`. Bundled by bundled-page.ts.

import { createConnection, type Connection, type ConnectionState } from '@telltale/client';
import { ConnectionProvider, useStream, useWebSocket, type WebSocketView } from '@telltale/client/react';
import { createElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

export interface Told {
  /** States of the connection, oldest first, with when by the page's clock. */
  readonly states: { readonly at: number; readonly state: ConnectionState }[];
  /** Warnings of the client's log. */
  readonly warnings: string[];
  /** Of `pageshow`: whether the page came back as it was. */
  readonly shows: boolean[];
  /** How often the page was frozen, and how often hidden. */
  freezes: number;
  hides: number;
  connection?: Connection;
  /** What the stream holds, as of the last render. */
  messages: readonly unknown[];
  renders: number;
  frames: number;
  hook?: WebSocketView;
}

const told: Told = { states: [], warnings: [], shows: [], freezes: 0, hides: 0, messages: [], renders: 0, frames: 0 };
Object.assign(window, { told });
window.addEventListener('pageshow', ({ persisted }) => told.shows.push(persisted));
document.addEventListener('freeze', () => told.freezes++);
document.addEventListener('visibilitychange', () => {
  if (document.hidden) told.hides++;
});
const countFrame = (): void => {
  told.frames++;
  requestAnimationFrame(countFrame);
};
requestAnimationFrame(countFrame);

const query = new URLSearchParams(location.search);
const logger = {
  debug() {},
  info() {},
  warn: (text: string) => void told.warnings.push(text),
};

const tell = (news: Partial<Told>): unknown => Object.assign(told, news);

function Ticks(): null {
  const { messages } = useStream<unknown>('ticks');
  tell({ renders: told.renders + 1, messages: messages.map(({ data }) => data) });
  return null;
}

function Hook({ url }: { readonly url: string }): null {
  tell({ hook: useWebSocket(url, { logger }) });
  return null;
}

function connected() {
  const token = query.get('token');
  const connection = createConnection({
    url: query.get('url') ?? '',
    connectTimeoutMs: Number(query.get('timeout') ?? 10_000),
    stableMs: 100,
    logger,
    ...(token !== null && { token: () => token }),
  });
  tell({ connection });
  connection.onState((state) => told.states.push({ at: Date.now(), state }));
  const views = Array.from({ length: 20 }, (_, key) => createElement(Ticks, { key }));
  return createElement(ConnectionProvider, { connection }, ...views);
}

const hookUrl = query.get('hook');
createRoot(document.body.appendChild(document.createElement('div'))).render(
  createElement(StrictMode, null, hookUrl === null ? connected() : createElement(Hook, { url: hookUrl })),
);
