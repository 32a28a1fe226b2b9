// The numbers that records go over the wire with: per channel a producer and a seq that rises by 1. They follow from the
// order of the records alone, so that after a crash the same records get the same numbers.

import { createHash, randomBytes } from 'node:crypto';
import type { Once } from '@telltale/protocol';

/** The number of a channel's last record, per channel. */
export type Lanes = ReadonlyMap<string, Once>;

/** A producer that nobody has used. */
export function newProducer(): string {
  return randomBytes(16).toString('base64url');
}

/**
 * The number of a gap in the place of a record that the hub refused under this one. After a crash the record is refused
 * again, and the hub knows its gap.
 */
export function numberOfGap({ producer, seq }: Once): Once {
  return { producer: createHash('sha256').update(`${producer} ${seq}`).digest('base64url'), seq: 1 };
}

export class Numbering {
  /** Of channels that have had no number yet. */
  readonly producer: string;
  readonly #lanes: Map<string, Once>;

  constructor(producer: string, lanes: Lanes = new Map()) {
    this.producer = producer;
    this.#lanes = new Map(lanes);
  }

  /** The number of the next record of a channel. */
  next(channel: string): Once {
    const last = this.#lanes.get(channel) ?? { producer: this.producer, seq: 0 };
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
