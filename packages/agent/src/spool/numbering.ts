// The numbers that records go over the wire with: per channel a producer and a seq that rises by 1. They follow from the
// order of the records alone, so that after a crash the same records get the same numbers.

import { randomBytes } from 'node:crypto';
import type { Once } from '@telltale/protocol';

/** The number of a channel's last record, per channel. */
export type Lanes = ReadonlyMap<string, Once>;

/** A producer that nobody has used. */
export function newProducer(): string {
  return randomBytes(16).toString('base64url');
}

export class Numbering {
  readonly #lanes: Map<string, Once>;
  readonly #producer: string;

  /** @param producer of channels that have had no number yet */
  constructor(producer: string, lanes: Lanes = new Map()) {
    this.#producer = producer;
    this.#lanes = new Map(lanes);
  }

  /** The number of the next record of a channel. */
  next(channel: string): Once {
    const last = this.#lanes.get(channel) ?? { producer: this.#producer, seq: 0 };
    const once = { producer: last.producer, seq: last.seq + 1 };
    this.#lanes.set(channel, once);
    return once;
  }

  /** The number of the last record of a channel. */
  last(channel: string): Once | undefined {
    return this.#lanes.get(channel);
  }

  /** A record with this number was the last one. */
  passed(channel: string, once: Once): void {
    this.#lanes.set(channel, once);
  }

  copy(): Lanes {
    return new Map(this.#lanes);
  }
}
