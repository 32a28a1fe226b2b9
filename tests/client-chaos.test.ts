// Our client in Node against a real gateway, over a network that fails whenever a seed says so, and against the built
// hub, killed and started again. Nothing may be lost in silence, nothing come twice, order holds.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createConnection,
  type Connection,
  type HeldMessage,
  type PublishOutcome,
  type WebSocketConstructor,
} from '@telltale/client';
import { createGateway, stream, table } from '@telltale/gateway';
import type { Gap } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startChaosProxy } from './support/chaos-proxy.ts';
import { startHubProcess } from './support/hub-process.ts';
import { until } from './support/until.ts';

const isLong = process.env['TELLTALE_TEST_LONG'] === '1';
const firstSeed = Number(process.env['TELLTALE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const seeds = Array.from({ length: isLong ? 60 : 4 }, (_, n) => firstSeed + n);
const steps = isLong ? 200 : 60;

const WebSocketClass = WebSocket as unknown as WebSocketConstructor;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };

/** Numbers in [0, 1) that a seed repeats (a linear congruential generator). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a listener was told of one channel, in order. */
interface Heard {
  readonly messages: HeldMessage<number | null>[];
  readonly gaps: Gap[];
  resets: number;
}
function listen(connection: Connection, channel: string): Heard {
  const heard: Heard = { messages: [], gaps: [], resets: 0 };
  connection.subscribe<number | null>(channel, (event) => {
    if (event.type === 'messages') {
      heard.messages.push(...event.messages);
      if (event.gap !== undefined) heard.gaps.push(event.gap);
    } else if (event.type === 'reset') heard.resets++;
  });
  return heard;
}

describe('over a network that drops, forgets and delays', () => {
  it.each(seeds)(
    '[CLI6] [CLI8] [RES2] [RES3] nothing is lost in silence, doubled or out of order; seed %i',
    async (seed) => {
      const chance = chanceOf(seed);
      const upTo = (most: number): number => Math.floor(chance() * most);
      const all = { read: () => true, write: () => true };
      const gateway = createGateway({
        channels: {
          long: stream('long', { ...all, retention: { count: 100_000 } }),
          short: stream('short', { ...all, retention: { count: 20 } }),
          mine: stream('mine', { ...all, retention: { count: 100_000 } }),
          rows: table('rows', all),
        },
        limits: { heartbeatMs: 150, maxSessionsPerIdentity: 1000, maxSessionsPerAddress: 1000 },
      });
      const server = createServer();
      gateway.attach(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      await using proxy = await startChaosProxy((server.address() as AddressInfo).port);
      const connection = createConnection({
        url: `ws://127.0.0.1:${proxy.port}/ws/`,
        WebSocket: WebSocketClass,
        connectTimeoutMs: 500,
        stableMs: 50,
        logger: quiet,
      });
      const [long, short, rows] = [
        listen(connection, 'long'),
        listen(connection, 'short'),
        listen(connection, 'rows'),
      ] as const;
      const sent = { long: 0, short: 0, mine: 0, rows: 0 };
      const wanted = new Map<string, number>();
      const outcomes: Promise<PublishOutcome>[] = [];
      try {
        connection.connect();
        // Live, though no log has a message yet.
        await until(
          'the subscriptions',
          () => connection.freshness.kind,
          (kind) => kind === 'live',
        );

        for (let step = 0; step < steps; step++) {
          for (let n = upTo(30); n > 0; n--) void gateway.publish('long', ++sent.long);
          for (let n = upTo(30); n > 0; n--) void gateway.publish('short', ++sent.short);
          for (let n = upTo(5); n > 0; n--) {
            const key = `row-${upTo(10)}`;
            const value = chance() < 0.3 ? null : ++sent.rows;
            void gateway.publish('rows', value, { key });
            if (value === null) wanted.delete(key);
            else wanted.set(key, value);
          }
          for (let n = upTo(4); n > 0; n--)
            outcomes.push(connection.publish('mine', ++sent.mine, { keepFor: Infinity }));
          const fate = chance();
          if (fate < 0.1) proxy.drop();
          else if (fate < 0.15) proxy.forget();
          else if (fate < 0.3) proxy.delayMs = upTo(20);
          else if (fate < 0.6) connection.retryNow();
          // How long a step takes is part of what is tried.
          await new Promise((resolve) => setTimeout(resolve, upTo(25)));
        }

        proxy.delayMs = 0;
        await until(
          'the end of every channel',
          () => {
            connection.retryNow();
            return [long.messages.at(-1)?.data, short.messages.at(-1)?.data, connection.outbox.length];
          },
          ([lastLong, lastShort, left]) => lastLong === sent.long && lastShort === sent.short && left === 0,
          30_000,
        );
        // Or else nothing was tried.
        expect(gateway.figures().attempts).toBeGreaterThan(1);
        const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);
        expect(long.messages.map(({ data }) => data)).toEqual(numbers(sent.long));
        expect([long.gaps, long.resets, short.resets]).toEqual([[], 0, 0]);

        // Of the short log each message was either heard, once and in order, or reported missing.
        const heard = short.messages.map(({ offset }) => offset);
        expect(heard).toEqual([...new Set(heard)].sort((one, other) => one - other));
        const missing = short.gaps.flatMap(({ from, to }) => numbers(to - from + 1).map((n) => from + n - 1));
        expect([...heard, ...missing].sort((one, other) => one - other)).toEqual(numbers(sent.short));

        const ended = await Promise.all(outcomes);
        expect(ended.filter(({ kind }) => kind !== 'published')).toEqual([]);
        const { messages } = await gateway.read('mine', { limit: 100_000 });
        expect(messages.map(({ data }) => data)).toEqual(numbers(sent.mine));

        const held = await until(
          'the table',
          () => {
            const found = new Map<string, unknown>();
            for (const { key = '', data } of rows.messages) {
              if (data === null) found.delete(key);
              else found.set(key, data);
            }
            return found;
          },
          (found) => found.size === wanted.size && [...wanted].every(([key, value]) => found.get(key) === value),
        );
        expect(Object.fromEntries(held)).toEqual(Object.fromEntries(wanted));
      } finally {
        connection.close();
        await gateway.stop({ returnWindowMs: 0 });
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  );
});

describe('against the built hub', () => {
  it('[CLI6] [CLI8] [ONC1] goes on where it stood when the hub was killed and started again on its port', async () => {
    await using hub = await startHubProcess();
    const token = await hub.token('writer');
    const connection = createConnection({
      url: hub.socketUrl('/ws/'),
      token: () => token,
      WebSocket: WebSocketClass,
      logger: quiet,
    });
    const texts: string[] = [];
    let resets = 0;
    const epochs = new Set<string>();
    connection.subscribe<{ text: string }>('chat/general', (event) => {
      if (event.type === 'reset') resets++;
      if (event.type !== 'messages') return;
      texts.push(...event.messages.map(({ data }) => data.text));
      for (const { epoch } of event.messages) epochs.add(epoch);
    });
    try {
      connection.connect();
      const say = (text: string) => connection.publish('chat/general', { text }, { keepFor: Infinity });
      expect(await say('before')).toMatchObject({ kind: 'published' });
      await until(
        'the first message',
        () => texts,
        (all) => all.length === 1,
      );
      const during = Array.from({ length: 20 }, (_, n) => `during ${n}`);
      await Promise.all(during.map(say));
      await until(
        'twenty more',
        () => texts,
        (all) => all.length === 21,
      );
      // Some are on their way when it dies, and one is said while it is gone.
      hub.stop();
      const late = ['unanswered', 'unanswered too', 'while it is gone'];
      const said = late.slice(0, 2).map(say);
      await hub.kill9();
      await until(
        'a wait',
        () => connection.state,
        ({ kind }) => kind === 'waiting',
      );
      const cause = await until(
        'words',
        () => ('cause' in connection.state ? connection.state.cause : undefined),
        (found) => found?.hint.endsWith('.') === true,
      );
      expect(cause).toMatchObject({ code: 1006, next: 'retry' });
      said.push(say(late[2] as string));
      expect(connection.freshness.kind).toBe('stale');
      await hub.restart();
      const outcomes = await Promise.all(said);
      expect(outcomes.filter(({ kind }) => kind !== 'published')).toEqual([]);
      await until(
        'the last message',
        () => texts,
        (all) => all.includes('while it is gone'),
      );
      expect(texts).toEqual(['before', ...during, ...late]);
      // What was said is stored: the log goes on in its old life, and nothing is missing.
      expect([epochs.size, resets, connection.freshness.kind]).toEqual([1, 0, 'live']);
    } finally {
      connection.close();
    }
  });
});
