// A stranger's client that has bad luck: it is cut off, stands still, comes back where it was, and publishes again what it
// got no answer for. It holds what it reads and says what was promised to it and not kept. For the simulation.

import { WebSocket } from 'ws';
import type { ErrorFrame, PublishResult, ResultFrame, ServerFrame } from '@telltale/protocol';
import { HandView } from './hand-reader.ts';

interface Unanswered {
  readonly seq: number;
  readonly text: string;
  /** Id of the request that carries it in this session; undefined: to be sent. */
  id: number | undefined;
}

/** How many publishes may be under way at once. */
const mostUnanswered = 4;

export class RestlessPeer {
  readonly producer: string;
  readonly views: Map<string, HandView> = new Map();
  /** Channels it reads now, or will when it is connected. */
  readonly wanted: Set<string> = new Set();
  readonly faults: string[] = [];
  /** Once-publishes that were answered: how often, by seq. */
  readonly answered: Map<number, number> = new Map();
  readonly #url: () => string;
  /** Highest offset its publishes led to. */
  head = 0;
  gaps = 0;
  readonly #unanswered: Unanswered[] = [];
  /** Ids of the newest subscribes under way. Until one is answered, what comes is of the subscription before it. */
  readonly #subscribing = new Map<string, number>();
  readonly #writesTo: string;
  #socket: WebSocket | undefined;
  #isWelcome = false;
  #id = 1;
  #seq = 1;

  constructor(producer: string, writesTo: string, url: () => string) {
    this.producer = producer;
    this.#writesTo = writesTo;
    this.#url = url;
  }

  get isConnected(): boolean {
    return this.#isWelcome;
  }

  get isQuiet(): boolean {
    return this.#unanswered.length === 0;
  }

  /** What it waits for, in words. */
  get state(): string {
    const reading = [...this.wanted].filter((channel) => this.views.get(channel)?.isComplete !== true);
    const asked = this.#unanswered.map(({ seq, id }) => `${seq}${id === undefined ? '' : ' sent'}`);
    return `connected ${this.#isWelcome}, reading ${reading.join()}, publishing ${asked.join()}`;
  }

  connect(): void {
    if (this.#socket !== undefined) return;
    const socket = new WebSocket(this.#url());
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      if (socket === this.#socket) this.#take(JSON.parse(data.toString()) as ServerFrame);
    });
    socket.on('close', (code) => {
      if (socket !== this.#socket) return;
      if (code !== 1006) this.faults.push(`closed ${code}`);
      this.#lost();
    });
  }

  /** Cuts the line: nothing is said to the other side. */
  drop(): void {
    const socket = this.#socket;
    this.#lost();
    socket?.terminate();
  }

  pause(): void {
    if (this.#isWelcome) this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  want(channel: string): void {
    if (this.wanted.has(channel)) return;
    this.wanted.add(channel);
    this.#subscribe(channel);
  }

  leave(channel: string): void {
    if (!this.wanted.delete(channel)) return;
    this.#brokenOff(channel);
    if (this.#isWelcome) this.#send({ type: 'unsubscribe', id: this.#id++, channel });
  }

  publish(text: string): void {
    if (this.#unanswered.length >= mostUnanswered) return;
    this.#unanswered.push({ seq: this.#seq++, text, id: undefined });
    this.#sendPublishes();
  }

  #take(frame: ServerFrame): void {
    if (frame.type === 'welcome') {
      this.#isWelcome = true;
      for (const channel of this.wanted) this.#subscribe(channel);
      this.#sendPublishes();
    } else if (frame.type === 'subscribed' || frame.type === 'messages') {
      // What was under way before an unsubscribe was answered is nobody's any more.
      const { channel } = frame;
      if ('id' in frame && frame.id === this.#subscribing.get(channel)) this.#subscribing.delete(channel);
      if ('gap' in frame) this.gaps++;
      if (this.wanted.has(channel) && !this.#subscribing.has(channel)) this.views.get(channel)?.take(frame);
    } else if (frame.type === 'unsubscribed') {
      this.wanted.delete(frame.channel);
      this.#brokenOff(frame.channel);
    } else if (frame.type === 'result' || frame.type === 'error') this.#answer(frame);
  }

  #answer(frame: ResultFrame | ErrorFrame): void {
    const index = this.#unanswered.findIndex(({ id }) => id === frame.id);
    const asked = this.#unanswered[index];
    if (asked === undefined) {
      if (frame.type !== 'error') return;
      if (frame.code !== 4403) this.faults.push(`${frame.code} ${frame.message}`);
      const denied = [...this.#subscribing].find(([, id]) => id === frame.id)?.[0];
      if (denied === undefined) return;
      this.#subscribing.delete(denied);
      this.wanted.delete(denied);
      return;
    }
    if (frame.type === 'result') {
      this.#unanswered.splice(index, 1);
      this.head = Math.max(this.head, (frame.data as PublishResult).position.offset);
      this.answered.set(asked.seq, (this.answered.get(asked.seq) ?? 0) + 1);
      return;
    }
    if (!frame.retryable) this.faults.push(`${frame.code} ${frame.message}`);
    // Everything behind it was out of order as well: all go again, in their order.
    for (const later of this.#unanswered.slice(index)) later.id = undefined;
    setImmediate(() => this.#sendPublishes());
  }

  #sendPublishes(): void {
    if (!this.#isWelcome) return;
    for (const publish of this.#unanswered) {
      if (publish.id !== undefined) continue;
      publish.id = this.#id++;
      const { id, seq, text: data } = publish;
      this.#send({ type: 'publish', id, channel: this.#writesTo, data, once: { producer: this.producer, seq } });
    }
  }

  #subscribe(channel: string): void {
    const view = this.views.get(channel) ?? new HandView();
    this.views.set(channel, view);
    if (!this.#isWelcome) return;
    const since = view.position === null ? {} : { since: view.position };
    view.start = undefined;
    view.isComplete = false;
    this.#subscribing.set(channel, this.#id);
    this.#send({ type: 'subscribe', id: this.#id++, channel, ...since });
  }

  #lost(): void {
    this.#socket = undefined;
    this.#isWelcome = false;
    this.#subscribing.clear();
    for (const publish of this.#unanswered) publish.id = undefined;
    for (const channel of this.wanted) this.#brokenOff(channel);
  }

  #brokenOff(channel: string): void {
    const view = this.views.get(channel);
    if (view === undefined) return;
    view.start = undefined;
    // A read of a table that was broken off is no whole table: it is asked for anew.
    if (!view.isComplete && channel.startsWith('rows/')) view.position = null;
    view.isComplete = false;
  }

  #send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}
