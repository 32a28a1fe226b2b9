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
}

export function connect({ hub }: TestHub, path: string, token?: string, origin = `http://127.0.0.1:${hub.port}`): Line {
  const protocols = token === undefined ? ['telltale.v1'] : ['telltale.v1', `bearer.${token}`];
  const socket = new WebSocket(`ws://127.0.0.1:${hub.port}${path}`, protocols, { origin });
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
  return {
    frames,
    next: (fits, withinMs = 3000) => until(() => frames.find(fits), withinMs),
    closed: (withinMs = 3000) => until(() => end, withinMs),
    send: (frame) => socket.send(JSON.stringify(frame)),
  };
}

export const isWelcome = (frame: Record<string, unknown>): boolean => frame['type'] === 'welcome';
