// The WebSocket a simulated client is given: what a browser's does, over a line in memory. What passes over it is shown
// to a tap, which is all the checker sees of the wire.

import { randomBytes } from 'node:crypto';
import type { WebSocketLike } from '@telltale/client';
import type { Line, LineEnd } from './line.ts';
import { closeFrame, maskedFrame, opcodes, WireReader } from './wire.ts';

/** Sees what a peer sends and receives, as text. */
export interface Tap {
  onSent(text: string): void;
  onReceived(text: string): void;
  /** The socket is open; what comes is of a new session. */
  onOpen(): void;
}

/** Opens a line to the gateway; undefined: nobody listens. */
export type Dial = (target: string, headers: readonly string[], peer: LineEnd) => Line | undefined;

const ignore = (): void => {};

export class PeerSocket implements WebSocketLike, LineEnd {
  readyState = 0;
  binaryType = 'arraybuffer';
  onopen: (() => void) | null = ignore;
  onmessage: ((event: { data: string }) => void) | null = ignore;
  onerror: (() => void) | null = ignore;
  onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null = ignore;
  readonly #reader = new WireReader();
  readonly #tap: Tap;
  readonly #line: Line | undefined;

  constructor(url: string, protocols: readonly string[], dial: Dial, tap: Tap) {
    this.#tap = tap;
    const { host, pathname, search } = new URL(url);
    const key = randomBytes(16).toString('base64');
    const headers = ['Host', host, 'Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Version', '13'];
    headers.push('Sec-WebSocket-Key', key, 'Sec-WebSocket-Protocol', protocols.join(', '));
    this.#line = dial(`${pathname}${search}`, headers, this);
    if (this.#line === undefined) queueMicrotask(() => this.onEnd());
  }

  send(text: string): void {
    this.#tap.onSent(text);
    this.#line?.sendUp(maskedFrame(opcodes.text, Buffer.from(text)));
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.#line?.sendUp(closeFrame(code, reason));
    this.#line?.sendUp(undefined);
    this.#line?.leave();
  }

  onBytes(bytes: Buffer): void {
    if (this.readyState > 1) return;
    const { status: before } = this.#reader;
    for (const { opcode, payload } of this.#reader.read(bytes)) {
      if (before === undefined) this.#open();
      this.#take(opcode, payload);
      if (this.readyState !== 1) return;
    }
    if (before === undefined) this.#open();
  }

  onEnd(): void {
    this.#ended(1006, '', false);
  }

  #open(): void {
    if (this.readyState !== 0 || this.#reader.status !== 101) return;
    this.readyState = 1;
    this.#tap.onOpen();
    this.onopen?.();
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.ping) this.#line?.sendUp(maskedFrame(opcodes.pong, payload));
    else if (opcode === opcodes.text) {
      const text = payload.toString();
      this.#tap.onReceived(text);
      this.onmessage?.({ data: text });
    } else if (opcode === opcodes.close) {
      const code = payload.readUInt16BE();
      const reason = payload.toString('utf8', 2);
      this.#line?.sendUp(closeFrame(code, ''));
      this.#line?.sendUp(undefined);
      this.#ended(code, reason, true);
    }
  }

  #ended(code: number, reason: string, wasClean: boolean): void {
    const isOver = this.readyState === 3;
    this.readyState = 3;
    if (!isOver) this.onclose?.({ code, reason, wasClean });
  }
}
