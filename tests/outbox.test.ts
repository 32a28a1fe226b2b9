// What one publishes over a line that breaks again and again arrives once and in order: our client in Node, the built
// hub, and a proxy between that drops connections.

import { createConnection, type PublishOutcome, type WebSocketConstructor } from '@telltale/client';
import type { MessagesFrame } from '@telltale/protocol';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { startHubProcess } from './support/hub-process.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

const isLong = process.env['TELLTALE_TEST_LONG'] === '1';
const messages = isLong ? 1000 : 200;
const drops = isLong ? 30 : 6;

it(`[CLI6] [CLI8] [ONC1] [ONC5] ${messages} messages over a line that breaks ${drops} times, and a hub that freezes, arrive once and in order`, async () => {
  // Rooms are the channel that a person may write to; their pace is not what is tried here.
  await using hub = await startHubProcess({ env: { TELLTALE_CHAT_RATE: '1000' } });
  await using proxy = await startCuttingProxy(hub.port);
  const token = await hub.token('writer');
  const faults: string[] = [];
  const connection = createConnection({
    url: `ws://localhost:${proxy.port}/ws/`,
    token: () => token,
    WebSocket: WebSocket as unknown as WebSocketConstructor,
    stableMs: 100,
    logger: { debug: () => undefined, info: () => undefined, warn: (text) => void faults.push(text) },
  });
  using reader = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${token}`));
  await reader.frame('subscribed');
  const texts = (): readonly string[] =>
    reader.frames
      .filter((frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === 'chat/general')
      .flatMap((frame) => frame.messages.map(({ data }) => (data as { text: string }).text));
  const held: string[] = [];
  const subscription = connection.subscribe<{ text: string }>('chat/general', (event) => {
    if (event.type === 'messages') held.push(...event.messages.map(({ data }) => data.text));
  });
  let losses = 0;
  connection.onState(({ kind }) => {
    if (kind === 'waiting') losses++;
  });
  const opened = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = connection.onState(({ kind }) => {
        if (kind !== 'open') return;
        stop();
        resolve();
      });
    });
  try {
    connection.connect();
    // Of a room in which nobody has said anything yet: the first break comes before any position is known, or after.
    await until(
      'the subscription',
      () => subscription.freshness.kind,
      (kind) => kind === 'live',
    );
    const outcomes: Promise<PublishOutcome>[] = [];
    const perDrop = messages / drops;
    for (let n = 1; n <= messages; n++) {
      outcomes.push(connection.publish('chat/general', { text: `${n}` }, { keepFor: Infinity }));
      // Mostly while messages are on their way, sometimes when all are answered.
      if (n % Math.floor(perDrop) === 0) {
        if (connection.state.kind !== 'open') await opened();
        if (n % 2 === 0) await outcomes.at(-1);
        const before = losses;
        proxy.drop();
        if (n > messages / 2) hub.stop();
        await until(
          'the line to be lost',
          () => losses,
          (count) => count > before,
        );
        hub.cont();
        connection.retryNow();
      }
    }
    const ended = await Promise.all(outcomes);
    expect(ended.filter(({ kind }) => kind !== 'published')).toEqual([]);
    const wanted = Array.from({ length: messages }, (_, index) => String(index + 1));
    await until('the last message', texts, (all) => all.includes(String(messages)));
    expect(texts()).toEqual(wanted);
    await until(
      'its own messages',
      () => held.length,
      (count) => count >= messages,
    );
    expect(held).toEqual(wanted);
    expect(faults).toEqual([]);
  } finally {
    connection.close();
  }
});
