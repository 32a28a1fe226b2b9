// What a hub makes of numbered publishes, as strictly as the gateway does: it remembers with the gateway's own memory,
// stores what comes next, and says what it expects. Answers are values; whether they arrive is up to the test.

import type { Once } from '@telltale/protocol';
import { OnceMemory } from '../../../gateway/src/broker/once-memory.ts';

export type ModelAnswer =
  | { readonly kind: 'stored' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'out-of-order'; readonly expected: number };

export class HubModel {
  readonly stored: Map<string, unknown[]> = new Map();
  #memory = new OnceMemory();

  publish(channel: string, items: readonly unknown[], once: Once): ModelAnswer {
    const key = { identity: 'agent', ...once };
    const decision = this.#memory.decide(channel, key, 0);
    if (decision.kind === 'out-of-order') return { kind: 'out-of-order', expected: decision.expected };
    if (decision.kind !== 'next') return { kind: 'duplicate' };
    const log = this.stored.get(channel) ?? [];
    log.push(...items);
    this.stored.set(channel, log);
    this.#memory.use(channel, key, { epoch: 'model', offset: log.length }, 0);
    return { kind: 'stored' };
  }

  /** A final error about the data: it uses the number up (ONC4). */
  refuse(channel: string, once: Once): void {
    this.#memory.use(channel, { identity: 'agent', ...once }, undefined, 0);
  }

  /** Seven days without a word. */
  forget(): void {
    this.#memory = new OnceMemory();
  }
}
