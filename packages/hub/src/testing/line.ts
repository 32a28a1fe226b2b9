// A socket for tests of a whole hub: every frame it got, and waiting for one with a time-out that says what did arrive.

import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { TestHub } from './test-hub.ts';

/** A socket to a test's hub, as a page of its own would open it. */
export interface Line {
  readonly frames: readonly Record<string, unknown>[];
  /** The first frame that fits, within the time or with what did arrive. */
  next(fits: (frame: Record<string, unknown>) => boolean, withinMs?: number): Promise<Record<string, unknown>>;
  closed(withinMs?: number): Promise<{ code: number; reason: string }>;
  send(frame: unknown): void;
  /** Sends a text as it is, which no JSON of ours would be. */
  sendText(text: string): void;
  /** Sends a request and answers with what it is answered: `result`, `subscribed` or `error`. */
  request(frame: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Closes with a code and a reason, as a program that stops. */
  close(code: number, reason: string): void;
  /** Reads nothing any more, as a page that is busy, until told to go on. */
  pause(): void;
  resume(): void;
  /** Breaks the line without a goodbye. */
  cut(): void;
}

export function connect(
  { hub }: TestHub,
  path: string,
  token?: string,
  origin = `http://127.0.0.1:${hub.port}`,
  headers: Readonly<Record<string, string>> = {},
): Line {
  const protocols = token === undefined ? ['telltale.v1'] : ['telltale.v1', `bearer.${token}`];
  const socket = new WebSocket(`ws://127.0.0.1:${hub.port}${path}`, protocols, { origin, headers });
  onTestFinished(() => socket.terminate());
  const frames: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  let end: { code: number; reason: string } | undefined;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  socket.on('message', (text) => {
    frames.push(JSON.parse(String(text)) as Record<string, unknown>);
    wake();
  });
  socket.on('error', () => undefined);
  socket.on('close', (code, reason) => {
    end = { code, reason: String(reason) };
    wake();
  });
  const until = <Found>(find: () => Found | undefined, withinMs: number): Promise<Found> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`waited ${withinMs} ms; arrived: ${JSON.stringify(frames)}; end: ${JSON.stringify(end)}`));
      }, withinMs);
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const next: Line['next'] = (fits, withinMs = 3000) => until(() => frames.find(fits), withinMs);
  const send = (frame: unknown): void => socket.send(JSON.stringify(frame));
  let lastId = 0;
  return {
    frames,
    next,
    closed: (withinMs = 3000) => until(() => end, withinMs),
    send,
    sendText: (text) => socket.send(text),
    async request(frame) {
      const id = ++lastId;
      await next(isWelcome);
      send({ ...frame, id });
      return await next((answer) => answer['id'] === id);
    },
    close: (code, reason) => socket.close(code, reason),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    cut: () => socket.terminate(),
  };
}

export const isRefused = (frame: Record<string, unknown>): boolean => frame['type'] === 'refused';

export const isWelcome = (frame: Record<string, unknown>): boolean => frame['type'] === 'welcome';

/** The row a table has under a key as far as this line was told; null: removed, undefined: never told. */
export function latestRow(line: Line, channel: string, key: string): unknown {
  let row: unknown;
  for (const frame of line.frames) {
    if (frame['type'] !== 'messages' || frame['channel'] !== channel) continue;
    for (const message of frame['messages'] as readonly { key?: string; data: unknown }[]) {
      if (message.key === key) row = message.data;
    }
  }
  return row;
}

/** Waits until a table's row is as it should be, and answers it. */
export async function rowThat<Row>(
  line: Line,
  [channel, key]: readonly [channel: string, key: string],
  fits: (row: Row) => boolean,
  withinMs = 3000,
): Promise<Row> {
  const isThere = (): boolean => {
    const row = latestRow(line, channel, key);
    return row !== undefined && row !== null && fits(row as Row);
  };
  await line.next(isThere, withinMs);
  return latestRow(line, channel, key) as Row;
}
