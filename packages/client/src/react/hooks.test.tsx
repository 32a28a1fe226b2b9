// @vitest-environment happy-dom
// The hooks in a page (happy-dom) against real sockets: one connection, one render per frame, nothing left behind.

import { act, createElement, type ReactNode, StrictMode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createConnection } from '../connection.ts';
import { type LogServer, startLogServer } from '../testing/log-server.ts';
import type { TableSnapshot } from '../store.ts';
import { until } from '../testing/until.ts';
import type { ClientLogger, Connection, ConnectionOptions, WebSocketConstructor } from '../types.ts';
import {
  ConnectionProvider,
  type ConnectionView,
  useConnection,
  useStream,
  useTable,
  useWebSocket,
  type WebSocketView,
} from './index.ts';

const WebSocketClass = WebSocket as unknown as WebSocketConstructor;
const quiet: ClientLogger = { debug() {}, info() {}, warn() {} };
const element = createElement;
let server: LogServer;
let root: Root;
let made: Connection[];

beforeEach(async () => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = false;
  server = await startLogServer();
  root = createRoot(document.createElement('div'));
  made = [];
});
afterEach(async () => {
  await act(async () => root.unmount());
  for (const connection of made) connection.close();
  await server.stop();
});

function connect(options: ConnectionOptions = {}): Connection {
  const connection = createConnection({
    url: server.url,
    WebSocket: WebSocketClass,
    logger: quiet,
    lingerMs: 30,
    ...options,
  });
  made.push(connection);
  return connection;
}
const within = (connection: Connection, ...children: ReactNode[]) =>
  element(ConnectionProvider, { connection }, ...children);

describe('useTable and useStream', () => {
  test('rows come live and typed, values stay when the line breaks, and say that they are stale', async () => {
    server.log('agents', 'table');
    server.publish('agents', { title: 'Local' }, 'local');
    let view: TableSnapshot<{ title: string }> | undefined;
    let line: ConnectionView | undefined;
    const View = () => {
      view = useTable<{ title: string }>('agents');
      line = useConnection();
      return null;
    };
    root.render(within(connect(), element(View)));
    await until('the row', () => view?.rows[0]?.data.title === 'Local' && view.freshness.kind === 'live');
    expect(line?.state.kind).toBe('open');
    server.cut();
    await until('staleness', () => view?.freshness.kind === 'stale');
    expect(view?.rows).toHaveLength(1);
  });

  test('a burst of 2,000 messages costs 20 components a render per frame, not per message', async () => {
    let renders = 0;
    let frames = 0;
    let last: unknown;
    const View = () => {
      const { messages } = useStream('metrics/local');
      renders++;
      last = messages.at(-1)?.data;
      return null;
    };
    const count = () => {
      frames++;
      counting = requestAnimationFrame(count);
    };
    root.render(within(connect(), ...Array.from({ length: 20 }, (_, key) => element(View, { key }))));
    await until('live', () => server.received.some(({ type }) => type === 'subscribe'));
    server.publish('metrics/local', 0);
    await until('the first message', () => last === 0);
    renders = 0;
    let counting = requestAnimationFrame(count);
    for (let n = 1; n <= 2_000; n++) {
      server.publish('metrics/local', n);
      if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until('the last message', () => last === 2_000);
    cancelAnimationFrame(counting);
    expect(renders).toBeGreaterThanOrEqual(20);
    expect(renders).toBeLessThanOrEqual(20 * (frames + 1));
    expect(renders).toBeLessThan(2_000);
    expect(server.received.filter(({ type }) => type === 'subscribe')).toHaveLength(1);
  });

  test('unmounting unsubscribes after a linger; another channel in place of one swaps', async () => {
    const View = ({ name }: { name: string | undefined }) => element('b', null, useStream(name).messages.length);
    const connection = connect();
    root.render(within(connection, element(View, { name: 'chat/one' })));
    await until('the first', () => server.received.some(({ channel }) => channel === 'chat/one'));
    root.render(within(connection, element(View, { name: 'chat/two' })));
    await until('the swap', () =>
      server.received.some(({ type, channel }) => type === 'unsubscribe' && channel === 'chat/one'),
    );
    root.render(within(connection, element(View, { name: undefined })));
    await until('the end', () =>
      server.received.some(({ type, channel }) => type === 'unsubscribe' && channel === 'chat/two'),
    );
  });

  test('StrictMode opens one socket and subscribes once', async () => {
    const options = { url: server.url, WebSocket: WebSocketClass, logger: quiet };
    let view: { messages: readonly unknown[] } | undefined;
    const View = () => {
      view = useStream('chat/general');
      return null;
    };
    root.render(element(StrictMode, null, element(ConnectionProvider, { options }, element(View))));
    server.publish('chat/general', 'hello');
    await until('the message', () => view?.messages.length === 1);
    expect(server.upgrades).toHaveLength(1);
    expect(server.received.filter(({ type }) => type === 'subscribe')).toHaveLength(1);
    root.render(null);
    await until('the close', () => server.sockets.size === 0);
  });

  test('on a server it renders what is known without a connection', () => {
    const View = () => {
      const { rows, freshness } = useTable('agents');
      return `${rows.length} ${freshness.kind} ${useConnection().state.kind} ${useWebSocket('/ws/dashboard/').status}`;
    };
    const html = renderToString(element(ConnectionProvider, { options: {} }, element(View)));
    expect(html).toBe('0 catching-up idle idle');
    expect(server.upgrades).toHaveLength(0);
  });

  test('without a provider it says what is missing', () => {
    expect(() => renderToString(element(() => String(useTable('agents').rows.length)))).toThrow(
      'found no <ConnectionProvider>',
    );
  });
});

describe('useWebSocket', () => {
  const options = { WebSocket: WebSocketClass, logger: quiet };
  function mount(
    url: string | null,
    more: Parameters<typeof useWebSocket>[1] = {},
  ): { view(): WebSocketView; renders(): number } {
    let view: WebSocketView | undefined;
    let renders = 0;
    const View = () => {
      renders++;
      view = useWebSocket(url, { ...options, ...more });
      return null;
    };
    root.render(element(StrictMode, null, element(View)));
    return { view: () => view as WebSocketView, renders: () => renders };
  }

  test('it sends the stored token encoded in the query and gives status, messages and freshness', async () => {
    localStorage.setItem('access_token', 'a+b');
    server.behaviour.welcome = { channels: ['chat/general'] };
    const seen: unknown[] = [];
    const { view } = mount(server.url, { onMessage: ({ json }) => seen.push((json as { type: string }).type) });
    await until('open', () => view()?.status === 'open' && view().freshness.kind === 'live');
    expect(server.upgrades.map(({ url }) => url)).toEqual([expect.stringMatching(/^\/ws\/\?token=a%2Bb&attempt=/)]);
    server.publish('chat/general', 'hello');
    await until(
      'the message',
      () => (view().lastJsonMessage as { messages?: { data: unknown }[] })?.messages?.[0]?.data === 'hello',
    );
    expect(view().lastMessage?.data).toContain('"hello"');
    expect(seen).toEqual(['welcome', 'subscribed', 'messages', 'messages']);
    expect(view().send({ type: 'publish', channel: 'chat/general', data: 'hi' })).toBe(true);
    await until('what was sent', () => server.received.find(({ type }) => type === 'publish'));
    server.cut();
    await until('staleness', () => view().freshness.kind === 'stale');
    expect(view().send('x')).toBe(false);
    localStorage.clear();
  });

  test('a refusal is the cause, with its reason and hint, and it does not try again', async () => {
    const frame = {
      type: 'refused',
      code: 4403,
      name: 'origin-not-allowed',
      stage: 'origin',
      reason: 'found http://x',
      hint: 'allow it',
      retry: false,
      attempt: 'a',
    };
    server.behaviour.onSocket = (socket) => {
      socket.send(JSON.stringify(frame));
      socket.close(4403, 'origin-not-allowed');
    };
    const { view } = mount(server.url, { token: false });
    await until('the refusal', () => view()?.status === 'closed');
    expect(view().cause).toMatchObject({ code: 4403, reason: 'found http://x', hint: 'allow it', next: 'stop' });
  });

  test('a server that speaks another protocol works as well', async () => {
    server.behaviour.onSocket = (socket) => {
      socket.send('plain text');
      socket.on('message', (text) => socket.send(`echo ${String(text)}`));
    };
    const { view } = mount(server.url, { speaks: 'foreign', token: () => 'secret' });
    await until('the text', () => view()?.lastMessage?.data === 'plain text');
    expect(view()).toMatchObject({ status: 'open', lastJsonMessage: undefined, freshness: { kind: 'live' } });
    expect(server.upgrades.at(-1)).toMatchObject({ url: '/ws/?token=secret', protocols: '' });
    view().send('hi');
    await until('the echo', () => view().lastMessage?.data === 'echo hi');
  });

  test('no URL, no socket', async () => {
    const { view } = mount(null);
    await until('a render', () => view() !== undefined);
    expect(view()).toMatchObject({ status: 'idle', cause: undefined, lastMessage: undefined });
    expect(view().send('x')).toBe(false);
    expect(server.upgrades).toHaveLength(0);
  });
});
