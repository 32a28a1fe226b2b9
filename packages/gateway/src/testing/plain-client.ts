// A stranger's client: a WebSocket that reads JSON, with nothing of ours in it. Waits for frames instead of sleeping, and
// says what did arrive when what it waits for does not.

import { type ClientOptions, WebSocket } from 'ws';
import type { ServerFrame } from '@telltale/protocol';

type FrameOf<Type> = Extract<ServerFrame, { type: Type }>;

interface Wanted {
  readonly isIt: (frame: ServerFrame) => boolean;
  readonly resolve: (frame: ServerFrame) => void;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class PlainClient {
  readonly socket: WebSocket;
  /** Frames nobody has taken yet, oldest first. Heartbeats are not kept. */
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<Closed>;
  /** HTTP status and body where the upgrade was not completed. */
  readonly refusedBy: Promise<{ status: number; body: Record<string, unknown> }>;
  #wanted: Wanted[] = [];
  #id = 1;
  #closedWith: Closed | undefined;

  constructor(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
    const { protocols, ...rest } = options;
    this.socket = new WebSocket(url, protocols ?? [], rest);
    this.socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as ServerFrame));
    this.socket.on('error', () => {
      // `close` or `unexpected-response` says the rest.
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.#closedWith = { code, reason: reason.toString() };
        resolve(this.#closedWith);
      });
    });
    this.refusedBy = new Promise((resolve) => {
      this.socket.on('unexpected-response', (_request, response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
        );
      });
    });
  }

  send(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** Sends a request and waits for its answer, a result or an error. */
  async request(frame: Record<string, unknown>): Promise<FrameOf<'result' | 'error'>> {
    const id = this.#id++;
    this.send({ ...frame, id });
    return (await this.next((answer) => 'id' in answer && answer.id === id && answer.type !== 'subscribed')) as FrameOf<
      'result' | 'error'
    >;
  }

  subscribe(channel: string, since?: object): Promise<FrameOf<'subscribed'>> {
    this.send({ type: 'subscribe', id: this.#id++, channel, ...(since === undefined ? {} : { since }) });
    return this.ofType('subscribed', (frame) => frame.channel === channel);
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.OPEN) return this;
    await new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    return this;
  }

  welcome(): Promise<FrameOf<'welcome'>> {
    return this.ofType('welcome');
  }

  ofType<Type extends ServerFrame['type']>(
    type: Type,
    isIt: (frame: FrameOf<Type>) => boolean = () => true,
  ): Promise<FrameOf<Type>> {
    return this.next((frame) => frame.type === type && isIt(frame as FrameOf<Type>)) as Promise<FrameOf<Type>>;
  }

  /** `messages` of a channel up to and with the frame that completes the read. */
  async read(
    channel: string,
  ): Promise<{ messages: FrameOf<'messages'>['messages']; frames: FrameOf<'messages'>[]; to: number }> {
    const frames: FrameOf<'messages'>[] = [];
    for (;;) {
      const frame = await this.ofType('messages', (candidate) => candidate.channel === channel);
      frames.push(frame);
      if (frame.more !== true) return { messages: frames.flatMap(({ messages }) => messages), frames, to: frame.to };
    }
  }

  /** The next frame that fits, taken out of the others. */
  next(isIt: (frame: ServerFrame) => boolean, ms = 5000): Promise<ServerFrame> {
    const index = this.frames.findIndex(isIt);
    if (index >= 0) return Promise.resolve(this.frames.splice(index, 1)[0] as ServerFrame);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wanted = this.#wanted.filter((other) => other !== wanted);
        const closed =
          this.#closedWith === undefined ? '' : `, closed ${this.#closedWith.code} ${this.#closedWith.reason}`;
        reject(
          new Error(
            `nothing of the kind within ${ms} ms; there is: ${JSON.stringify(this.frames).slice(0, 2000)}${closed}`,
          ),
        );
      }, ms);
      const wanted: Wanted = {
        isIt,
        resolve(frame) {
          clearTimeout(timer);
          resolve(frame);
        },
      };
      this.#wanted.push(wanted);
    });
  }

  #take(frame: ServerFrame): void {
    if (frame.type === 'ping') return;
    const wanted = this.#wanted.find(({ isIt }) => isIt(frame));
    if (wanted === undefined) {
      this.frames.push(frame);
      return;
    }
    this.#wanted = this.#wanted.filter((other) => other !== wanted);
    wanted.resolve(frame);
  }
}

/** Waits until something is true, and says what it is waiting for when it never is. */
export async function eventually(what: string, isTrue: () => boolean, ms = 5000): Promise<void> {
  const until = Date.now() + ms;
  while (!isTrue()) {
    if (Date.now() > until) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
