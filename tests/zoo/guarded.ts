// A WebSocket server of the zoo with nothing wrong: correct, answers pings, and lets in no page but its own. What is
// broken stands before it.

import type { Socket } from 'node:net';
import {
  answerPings,
  answerText,
  type Habits,
  type Listening,
  rawHttpServer,
  type RawRequest,
  upgradeText,
} from './servers.ts';

/** The page that belongs to it, unless another is named. */
export const page = 'https://ops.example.com';

export function guard(socket: Socket, request: RawRequest, own: string = page, habits: Habits = {}): void {
  const origin = request.headers.get('origin');
  if (!request.isUpgrade) return void socket.end(answerText('426 Upgrade Required', { Upgrade: 'websocket' }));
  if (origin !== undefined && origin !== own) return void socket.end(answerText('403 Forbidden', {}, 'origin'));
  socket.write(upgradeText(request));
  answerPings(socket, habits);
}

export async function guardedServer(own: string = page, habits: Habits = {}): Promise<Listening> {
  return await rawHttpServer((socket, request) => guard(socket, request, own, habits));
}
