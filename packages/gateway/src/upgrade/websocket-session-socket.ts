// A session's socket over a WebSocket of the `ws` package. Frames are written straight to the TCP socket, so that one
// buffer serves every viewer; `ws` reads, answers pings and closes. It compresses nothing itself, so both keep their order.

import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { SendWindow } from '../delivery/send-window.ts';
import { pingFrame } from '../log/websocket-frame.ts';
import type { SessionSocket, SocketHandler } from '../session/session-socket.ts';
import { stopInflating } from './inflater.ts';
import type { SocketReader, ToldSocket } from './told-socket.ts';

/** What is not answered within this time after a close frame is destroyed. */
const closeMs = 2000;

export class WebSocketSessionSocket implements SessionSocket, SocketReader {
  readonly inflates: boolean;
  readonly joins: boolean;
  readonly #webSocket: ToldSocket;
  readonly #socket: Duplex & { readonly bytesRead?: number };
  readonly #clock: Clock;
  readonly #window: SendWindow;
  #sentBytes = 0;
  #handler: SocketHandler | undefined;
  #wasCongested = false;
  #awaitsDrain = false;
  #isOpen = true;

  constructor(webSocket: ToldSocket, socket: Duplex, clock: Clock, joins: boolean) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = clock;
    this.#window = new SendWindow(clock.monotonic());
    this.inflates = webSocket.extensions !== '';
    this.joins = joins;
  }

  listen(handler: SocketHandler): void {
    this.#handler = handler;
    this.#webSocket.reader = this;
  }

  /** Only once somebody found it congested: most sockets never are, and a listener on each takes room. */
  #awaitDrain(): void {
    this.#awaitsDrain = true;
    this.#socket.once('drain', () => {
      this.#awaitsDrain = false;
      this.#resumeIfAnswered();
    });
  }

  received(data: Buffer, isBinary: boolean): void {
    if (!this.#isOpen) return;
    if (isBinary) this.#handler?.onBinary();
    else this.#handler?.onText(data.toString());
  }

  faulted(code: number): void {
    if (this.#isOpen) this.#handler?.onFault(code);
  }

  answered(payload: Buffer): void {
    if (payload.length !== 4 || !this.#window.answered(payload.readUInt32BE(), this.#clock.monotonic())) return;
    this.#resumeIfAnswered();
  }

  closed(code: number, reason: string): void {
    this.#isOpen = false;
    this.#handler?.onClosed({ code, reason, wasClean: code !== 1006 });
  }

  #resumeIfAnswered(): void {
    if (!this.#wasCongested || this.isCongested) return;
    this.#wasCongested = false;
    this.#handler?.onResumed();
  }

  get isCongested(): boolean {
    const needsDrain = this.#socket.writableNeedDrain;
    const isCongested = this.#window.isFull || needsDrain;
    if (isCongested) this.#wasCongested = true;
    if (needsDrain && !this.#awaitsDrain) this.#awaitDrain();
    return isCongested;
  }

  get isSlow(): boolean {
    return this.#window.isSmallest;
  }

  get unansweredBytes(): number {
    return this.#window.unanswered;
  }

  get receivedBytes(): number {
    return this.#socket.bytesRead ?? 0;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get roundTripMs(): number | undefined {
    return this.#window.roundTripMs;
  }

  get stalledSince(): number | undefined {
    // Also where the kernel took less than a window and takes no more: even a ping that asks would wait behind it.
    return this.#socket.writableNeedDrain ? this.#window.owesSince : this.#window.stalledSince;
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  send(frames: readonly Buffer[], at: number = this.#clock.monotonic()): void {
    if (!this.#isOpen || this.#socket.destroyed || this.#socket.writableEnded) return;
    let bytes = 0;
    for (const { length } of frames) bytes += length;
    this.#sentBytes += bytes;
    const isPingDue = this.#window.wrote(bytes, at);
    if (frames.length === 1 && !isPingDue) {
      this.#socket.write(frames[0] as Buffer);
      return;
    }
    this.#socket.cork();
    for (const frame of frames) this.#socket.write(frame);
    // In the same write: a system call of its own would cost as much as all the rest.
    if (isPingDue) this.#sendPing();
    this.#socket.uncork();
  }

  ping(onLeft: () => void): void {
    this.#sendPing(onLeft);
  }

  close(code: number, text: string): void {
    if (!this.#isOpen) return;
    this.#over();
    this.#webSocket.close(code, text);
    // A peer that does not read does not answer a close frame either.
    const cancel = this.#clock.after(closeMs, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }

  destroy(): void {
    this.#over();
    this.#socket.destroy();
  }

  #over(): void {
    this.#isOpen = false;
    stopInflating(this.#webSocket);
  }

  /** Its own moment counts, not that of the flush: the round-trip time comes from it. */
  #sendPing(onLeft?: () => void): void {
    const id = this.#window.ping(this.#clock.monotonic());
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    this.#socket.write(pingFrame(id), onLeft);
  }
}
