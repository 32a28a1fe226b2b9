// What a session reads, by channel. A map only from the second channel on: most viewers read one, and an empty map weighs
// more than all else that such a session has of its own.

import type { Subscription } from '../delivery/subscription.ts';

export class Subscriptions {
  #only: Subscription | undefined = undefined;
  /** Once there was a second; `#only` is then undefined. */
  #byChannel: Map<string, Subscription> | undefined = undefined;

  get size(): number {
    return this.#byChannel?.size ?? (this.#only === undefined ? 0 : 1);
  }

  get(channel: string): Subscription | undefined {
    if (this.#byChannel !== undefined) return this.#byChannel.get(channel);
    return this.#only?.channel === channel ? this.#only : undefined;
  }

  has(channel: string): boolean {
    return this.get(channel) !== undefined;
  }

  /** Adds one, or puts it in the place of the one to the same channel. */
  set(subscription: Subscription): void {
    const { channel } = subscription;
    if (this.#byChannel !== undefined) this.#byChannel.set(channel, subscription);
    else if (this.#only === undefined || this.#only.channel === channel) this.#only = subscription;
    else {
      this.#byChannel = new Map([
        [this.#only.channel, this.#only],
        [channel, subscription],
      ]);
      this.#only = undefined;
    }
  }

  delete(channel: string): void {
    if (this.#byChannel !== undefined) this.#byChannel.delete(channel);
    else if (this.has(channel)) this.#only = undefined;
  }

  /** As they are now, the oldest first. */
  all(): readonly Subscription[] {
    if (this.#byChannel !== undefined) return [...this.#byChannel.values()];
    return this.#only === undefined ? [] : [this.#only];
  }

  clear(): void {
    this.#only = undefined;
    this.#byChannel = undefined;
  }
}
