// Somebody in the room `general` who sends without waiting, over a hub that is killed again and again, and keeps what they
// were told of each text. What that has to be is judged by the test that has them.

import type { HubProcess } from './hub-process.ts';
import { openPlainSocket, type PlainSocket } from './plain-socket.ts';

const channel = 'chat/general';

export class ChatSender {
  readonly name: string;
  readonly token: string;
  /** With `once` a text is sent again until it is answered; without, who sends it learns that the line broke. */
  readonly isNumbered: boolean;
  readonly acknowledged = new Map<string, number>();
  readonly sent: string[] = [];
  readonly deleted = new Set<number>();
  /** Of which it was told that it may not write: not there, and to be sent again with the same number. */
  #refused: { readonly text: string; readonly seq: number }[] = [];
  #socket: PlainSocket | undefined;
  #waiting: { readonly text: string; readonly seq: number; readonly id: number }[] = [];
  #seen = 0;
  #lastId = 0;

  constructor(name: string, token: string, isNumbered: boolean) {
    this.name = name;
    this.token = token;
    this.isNumbered = isNumbered;
  }

  /** Connects, and sends again what may be sent again. */
  async connect(hub: HubProcess): Promise<void> {
    this.take();
    this.lose();
    this.#socket = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${this.token}`));
    await this.#socket.frame('welcome');
    const again = this.isNumbered ? [...this.#refused, ...this.#waiting] : [];
    [this.#refused, this.#waiting] = [[], []];
    for (const { text, seq } of again) this.#publish(text, seq);
  }

  say(count: number): void {
    for (let index = 0; index < count; index++) {
      const text = `${this.name} ${this.sent.length + 1}`;
      this.sent.push(text);
      this.#publish(text, this.sent.length);
    }
  }

  /** Loses the line, with whatever was not read of it. */
  lose(): void {
    this.#socket?.[Symbol.dispose]();
    this.#socket = undefined;
    this.#seen = 0;
  }

  /** Takes one of the acknowledged messages back. */
  takeBack(): void {
    const offset = [...this.acknowledged.values()].find((one) => one > 0 && !this.deleted.has(one));
    if (offset === undefined) return;
    this.deleted.add(offset);
    this.#socket?.send({ type: 'publish', id: ++this.#lastId, channel, data: { type: 'deleted', message: offset } });
  }

  /** Reads what it was told since the last time. */
  take(): number {
    const frames = this.#socket?.frames ?? [];
    for (; this.#seen < frames.length; this.#seen++) {
      const frame = frames[this.#seen];
      if (frame?.type !== 'result' && frame?.type !== 'error') continue;
      const at = this.#waiting.findIndex(({ id }) => id === frame.id);
      const [answered] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (frame.type === 'error') {
        if (frame.code !== 4403 || answered === undefined) throw new Error(`${this.name} was told ${frame.message}`);
        this.#refused.push(answered);
        continue;
      }
      if (answered === undefined) continue;
      const { position, duplicate } = frame.data as { position: { offset: number }; duplicate?: true };
      // Of a duplicate the position is that of the newest: where it stands, the history says.
      this.acknowledged.set(answered.text, duplicate === true ? 0 : position.offset);
    }
    return this.#waiting.length;
  }

  get refused(): readonly string[] {
    return this.#refused.map(({ text }) => text);
  }

  #publish(text: string, seq: number): void {
    const id = ++this.#lastId;
    this.#waiting.push({ text, seq, id });
    const once = this.isNumbered ? { once: { producer: `the-producer-of-${this.name}`, seq } } : {};
    this.#socket?.send({ type: 'publish', id, channel, data: { text }, ...once });
  }
}
