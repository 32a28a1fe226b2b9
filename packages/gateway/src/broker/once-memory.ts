// Remembers, per identity, channel and producer, the last seq that was used, the position it led to, and which seqs were
// used up by a refusal. Used by brokers; bounded in age and number, so that nobody can push out what others rely on.

import type { Position } from '@telltale/protocol';
import type { OnceKey } from './broker.ts';

const rememberedMs = 7 * 24 * 3_600_000;
/** Bounds: in all, of one identity, and refusals of one producer. */
const mostProducers = 100_000;
const mostProducersOfOne = 1000;
const mostRefusals = 64;

interface Remembered {
  readonly seq: number;
  /** Undefined: every publish so far was refused. */
  readonly position: Position | undefined;
  /** The newest seqs that were used up without a message, oldest first. */
  readonly refused: readonly number[];
  readonly at: number;
}

/** Whether an append may go ahead. */
export type OnceDecision =
  | { readonly kind: 'next' }
  | { readonly kind: 'duplicate'; readonly position: Position }
  | { readonly kind: 'refused' }
  | { readonly kind: 'out-of-order'; readonly expected: number };

export class OnceMemory {
  /** By identity, the one used longest ago first; within it by channel and producer, likewise. */
  readonly #identities = new Map<string, Map<string, Remembered>>();
  #producers = 0;

  decide(channel: string, once: OnceKey, monotonic: number): OnceDecision {
    const last = this.#identities.get(once.identity)?.get(nameOf(channel, once));
    const known = last !== undefined && last.at >= monotonic - rememberedMs ? last : undefined;
    if (known !== undefined && once.seq <= known.seq) {
      const { position, refused } = known;
      return position === undefined || refused.includes(once.seq)
        ? { kind: 'refused' }
        : { kind: 'duplicate', position };
    }
    const expected = (known?.seq ?? 0) + 1;
    return once.seq === expected ? { kind: 'next' } : { kind: 'out-of-order', expected };
  }

  /** The position a seq led to; undefined: it led to none, or is not known any more. */
  recall(channel: string, once: OnceKey, monotonic: number): Position | undefined {
    const decision = this.decide(channel, once, monotonic);
    return decision.kind === 'duplicate' ? decision.position : undefined;
  }

  /** Uses a seq up: by a message at this position, or, without one, by a refusal. */
  use(channel: string, once: OnceKey, position: Position | undefined, monotonic: number): void {
    const { identity, seq } = once;
    const name = nameOf(channel, once);
    const producers = this.#identities.get(identity) ?? new Map<string, Remembered>();
    const last = producers.get(name);
    const refused = last?.refused ?? [];
    // Deleting first moves it to the young end of the map.
    if (producers.delete(name)) this.#producers--;
    this.#identities.delete(identity);
    producers.set(name, {
      seq,
      position: position ?? last?.position,
      refused: position === undefined ? [...refused, seq].slice(-mostRefusals) : refused,
      at: monotonic,
    });
    this.#identities.set(identity, producers);
    this.#producers++;
    this.#forget(producers, monotonic);
  }

  #forget(producers: Map<string, Remembered>, monotonic: number): void {
    for (const [name, { at }] of producers) {
      if (producers.size <= mostProducersOfOne && at >= monotonic - rememberedMs) break;
      producers.delete(name);
      this.#producers--;
    }
    for (const [identity, { size }] of this.#identities) {
      if (this.#producers <= mostProducers) return;
      this.#identities.delete(identity);
      this.#producers -= size;
    }
  }
}

function nameOf(channel: string, { producer }: OnceKey): string {
  return `${producer} ${channel}`;
}
