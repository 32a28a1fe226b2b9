// A WebSocket connection after its 101: what arrives, when, and how it ends. Answers pings as every peer must, and
// replies to a close. Owns its socket; keeps a bounded part of what arrives.

import type { Socket } from 'node:net';
import { faultCode } from './dial.ts';
import { closePayload, createFrameReader, type Frame, type FrameFault, writeFrame } from './frames.ts';

export type LineEnd =
  /** A close frame; without a code it carries 1005. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string; readonly afterMs: number }
  /** No close frame: what a page sees as 1006. */
  | { readonly kind: 'cut'; readonly how: 'ended' | 'reset'; readonly afterMs: number }
  | { readonly kind: 'broken'; readonly fault: FrameFault; readonly afterMs: number };

export interface Pong {
  readonly text: string;
  readonly at: number;
}

/** As many messages and pongs as are kept. */
const kept = 200;

export class Line {
  /** The first text message. */
  firstText: string | undefined;
  /** The newest text messages, oldest first. */
  readonly texts: string[] = [];
  readonly pongs: Pong[] = [];
  end: LineEnd | undefined;

  readonly #socket: Socket;
  /** Milliseconds since the epoch. */
  readonly beganAt: number = Date.now();
  readonly #begun = performance.now();
  readonly #reader = createFrameReader();
  readonly #watchers = new Set<() => void>();
  #isClosing = false;

  /** Takes over a socket whose upgrade was answered, with what came behind the answer. */
  constructor(socket: Socket, rest: Buffer) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('end', () => this.#finish({ kind: 'cut', how: 'ended', afterMs: this.ageMs }));
    socket.on('close', () => this.#finish({ kind: 'cut', how: 'ended', afterMs: this.ageMs }));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const how = faultCode(error) === 'ECONNRESET' ? 'reset' : 'ended';
      this.#finish({ kind: 'cut', how, afterMs: this.ageMs });
    });
    if (rest.length > 0) this.#read(rest);
    socket.resume();
  }

  get ageMs(): number {
    return performance.now() - this.#begun;
  }

  /** The first answer of `read` that is not undefined, looked for whenever something arrives; undefined when time is up. */
  async until<Value>(read: () => Value | undefined, timeoutMs: number): Promise<Value | undefined> {
    return await new Promise((resolve) => {
      const done = (value: Value | undefined): void => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(value);
      };
      const look = (): void => {
        const value = read();
        if (value !== undefined) done(value);
      };
      const timer = setTimeout(() => done(undefined), timeoutMs);
      this.#watchers.add(look);
      look();
    });
  }

  send(text: string): void {
    this.#write('text', Buffer.from(text));
  }

  ping(text: string): void {
    this.#write('ping', Buffer.from(text));
  }

  /** Says goodbye and waits: the answer is the end. */
  askToClose(): void {
    this.#isClosing = true;
    this.#write('close', closePayload(1000));
  }

  /** Says goodbye and lets go; nothing is waited for. */
  close(): void {
    if (this.end === undefined && !this.#isClosing) this.#write('close', closePayload(1000));
    this.#finish({ kind: 'closed', code: 1000, reason: '', afterMs: this.ageMs });
  }

  #write(opcode: 'text' | 'ping' | 'pong' | 'close', payload: Buffer): void {
    if (this.#socket.writable) this.#socket.write(writeFrame(opcode, payload));
  }

  #read(bytes: Buffer): void {
    if (this.end !== undefined) return;
    for (const frame of this.#reader.push(bytes)) {
      if ('fault' in frame) this.#finish({ kind: 'broken', fault: frame, afterMs: this.ageMs });
      else this.#take(frame);
    }
    for (const look of [...this.#watchers]) look();
  }

  #take({ opcode, payload }: Frame): void {
    switch (opcode) {
      case 'text':
        this.firstText ??= payload.toString('utf8');
        this.texts.push(payload.toString('utf8'));
        if (this.texts.length > kept) this.texts.shift();
        return;
      case 'ping':
        return this.#write('pong', payload);
      case 'pong':
        this.pongs.push({ text: payload.toString('latin1'), at: performance.now() });
        if (this.pongs.length > kept) this.pongs.shift();
        return;
      case 'close': {
        const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
        if (!this.#isClosing) this.#write('close', payload.subarray(0, 2));
        this.#finish({ kind: 'closed', code, reason: payload.subarray(2).toString('utf8'), afterMs: this.ageMs });
        return;
      }
      case 'binary':
        return;
    }
  }

  #finish(end: LineEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    this.#socket.end();
    // Who does not take the end is not waited for.
    setTimeout(() => this.#socket.destroy(), 500).unref();
    for (const look of [...this.#watchers]) look();
  }
}
