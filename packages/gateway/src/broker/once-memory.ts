// Remembers, per identity, channel and producer, the last seq that was used and the position it led to. Used by brokers;
// bounded in age and number, the oldest forgotten first.

import type { Position } from '@telltale/protocol';
import type { OnceKey } from './broker.ts';

const rememberedMs = 7 * 24 * 3_600_000;
const mostProducers = 100_000;

interface Remembered {
  readonly seq: number;
  readonly position: Position | null;
  readonly at: number;
}

/** Whether an append may go ahead. */
export type OnceDecision =
  | { readonly kind: 'next' }
  | { readonly kind: 'duplicate'; readonly position: Position | null }
  | { readonly kind: 'out-of-order'; readonly expected: number };

export class OnceMemory {
  readonly #last = new Map<string, Remembered>();

  decide(channel: string, once: OnceKey, monotonic: number): OnceDecision {
    this.#forget(monotonic);
    const last = this.#last.get(nameOf(channel, once));
    if (last !== undefined && once.seq <= last.seq) return { kind: 'duplicate', position: last.position };
    const expected = (last?.seq ?? 0) + 1;
    return once.seq === expected ? { kind: 'next' } : { kind: 'out-of-order', expected };
  }

  /** Uses a seq up. Without a new position the last one stays. */
  use(channel: string, once: OnceKey, position: Position | undefined, monotonic: number): Position | null {
    const name = nameOf(channel, once);
    const remembered = position ?? this.#last.get(name)?.position ?? null;
    // Deleting first moves it to the young end of the map.
    this.#last.delete(name);
    this.#last.set(name, { seq: once.seq, position: remembered, at: monotonic });
    return remembered;
  }

  #forget(monotonic: number): void {
    for (const [name, { at }] of this.#last) {
      if (this.#last.size <= mostProducers && at >= monotonic - rememberedMs) return;
      this.#last.delete(name);
    }
  }
}

function nameOf(channel: string, { identity, producer }: OnceKey): string {
  return `${identity} ${producer} ${channel}`;
}
