import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { ManualClock } from '../testing/manual-clock.ts';
import { WebSocketSessionSocket } from './websocket-session-socket.ts';

/** A socket whose kernel takes what it is given only when told to. */
class HeldSocket extends Duplex {
  readonly written: Buffer[] = [];
  #taken = (): void => {};

  constructor() {
    super({ highWaterMark: 1000 });
  }

  drain(): void {
    this.#taken();
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, callback: () => void): void {
    this.written.push(bytes);
    this.#taken = callback;
  }

  override _writev(chunks: { chunk: Buffer }[], callback: () => void): void {
    this.written.push(...chunks.map(({ chunk }) => chunk));
    this.#taken = callback;
  }
}

describe('the socket of a session', () => {
  it('[DLV2] goes on when it has drained, though its peer had answered before', async () => {
    const socket = new HeldSocket();
    const peer = Object.assign(new EventEmitter(), { extensions: '', readyState: 1, OPEN: 1 });
    const own = new WebSocketSessionSocket(peer as unknown as WebSocket, socket, new ManualClock(), false);
    let resumed = 0;
    own.listen({ onText() {}, onBinary() {}, onFault() {}, onResumed: () => resumed++, onClosed() {} });
    own.send([Buffer.alloc(2000)]);
    expect(own.isCongested).toBe(true);
    // The ping behind the first write, of which the payload comes back.
    peer.emit('pong', socket.written.at(-1)?.subarray(2));
    expect([own.unansweredBytes, own.isCongested, resumed]).toEqual([0, true, 0]);
    socket.drain();
    await new Promise((resolve) => setImmediate(resolve));
    expect([own.isCongested, resumed]).toEqual([false, 1]);
    socket.destroy();
  });
});
