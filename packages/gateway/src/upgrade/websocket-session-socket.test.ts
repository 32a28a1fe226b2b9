import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ToldSocket } from './told-socket.ts';
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

/** A session's socket whose peer answers when told to. */
function openSocket(onResumed: () => void = () => {}) {
  const socket = new HeldSocket();
  const clock = new ManualClock();
  const webSocket = { extensions: '', readyState: 1, OPEN: 1 } as ToldSocket;
  const own = new WebSocketSessionSocket(webSocket, socket, clock, false);
  own.listen({ onText() {}, onBinary() {}, onFault() {}, onResumed, onClosed() {} });
  return {
    socket,
    clock,
    own,
    /** The pong to the ping that was written last. */
    answer: () => own.answered(socket.written.at(-1)?.subarray(2) as Buffer),
  };
}

describe('the socket of a session', () => {
  it('counts the round trip from when its ping left, however long the flush had taken until then', () => {
    const { socket, clock, own, answer } = openSocket();
    const begun = clock.monotonic();
    clock.advance(150);
    own.send([Buffer.alloc(100)], begun);
    socket.drain();
    clock.advance(20);
    answer();
    expect(own.roundTripMs).toBe(20);
    socket.destroy();
  });

  it('[DLV2] goes on when it has drained, though its peer had answered before', async () => {
    let resumed = 0;
    const { socket, own, answer } = openSocket(() => resumed++);
    own.send([Buffer.alloc(2000)]);
    expect(own.isCongested).toBe(true);
    // The ping behind the first write, of which the payload comes back.
    answer();
    expect([own.unansweredBytes, own.isCongested, resumed]).toEqual([0, true, 0]);
    socket.drain();
    await new Promise((resolve) => setImmediate(resolve));
    expect([own.isCongested, resumed]).toEqual([false, 1]);
    socket.destroy();
  });
});
