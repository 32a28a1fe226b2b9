// What `once` remembers, as one transaction sees and changes it: reads a producer's record at most once, writes it at most
// once. It lives as long as the transaction, so a rollback leaves nothing behind to be wrong.

import type { OnceKey, StoreOutcome } from '@telltale/gateway';
import type { Position } from '@telltale/protocol';
import type { Transaction } from 'kysely';
import type { OnceRecord, Tables } from './schema.ts';

/** How long a producer is remembered, how many of one identity, and how many refusals of one producer. */
export const onceBounds: { readonly ms: number; readonly producers: number; readonly refusals: number } = {
  ms: 7 * 24 * 3_600_000,
  producers: 1000,
  refusals: 64,
};

/** Whether an append may go ahead. */
export type OnceDecision = { readonly kind: 'next' } | Exclude<StoreOutcome, { kind: 'appended' | 'not-appended' }>;

interface Known {
  readonly stored: OnceRecord | undefined;
  readonly changed: OnceRecord | undefined;
}

export class OnceDrafts {
  readonly #transaction: Transaction<Tables>;
  readonly #known = new Map<string, Known>();

  constructor(transaction: Transaction<Tables>) {
    this.#transaction = transaction;
  }

  /** `time` is that of the append: a producer that was silent for longer than it is remembered begins anew. */
  async decide(channel: string, once: OnceKey, time: number): Promise<OnceDecision> {
    const last = await this.#last(channel, once, time);
    if (last !== undefined && once.seq <= last.seq) {
      const position = positionOf(last);
      const wasRefused = (JSON.parse(last.refused) as number[]).includes(once.seq);
      return position === undefined || wasRefused ? { kind: 'refused' } : { kind: 'duplicate', position };
    }
    const expected = (last?.seq ?? 0) + 1;
    return once.seq === expected ? { kind: 'next' } : { kind: 'out-of-order', expected };
  }

  /** Uses a seq up that was decided to be the next: by a message at this position, or, without one, by a refusal. */
  async use(channel: string, once: OnceKey, time: number, position: Position | undefined): Promise<void> {
    const { identity, producer, seq } = once;
    const last = await this.#last(channel, once, time);
    const refused = JSON.parse(last?.refused ?? '[]') as number[];
    const changed: OnceRecord = {
      channel,
      identity,
      producer,
      seq,
      last_epoch: position?.epoch ?? last?.last_epoch ?? null,
      last_offset: position?.offset ?? last?.last_offset ?? null,
      refused: JSON.stringify(position === undefined ? [...refused, seq].slice(-onceBounds.refusals) : refused),
      used_at: time,
    };
    const name = nameOf(channel, once);
    this.#known.set(name, { stored: this.#known.get(name)?.stored, changed });
  }

  async write(): Promise<void> {
    for (const { stored, changed } of this.#known.values()) {
      if (changed === undefined) continue;
      const { channel, identity, producer, ...change } = changed;
      if (stored === undefined) {
        await this.#transaction.insertInto('once').values(changed).execute();
        await this.#forget(changed);
      } else {
        await this.#transaction
          .updateTable('once')
          .set(change)
          .where('channel', '=', channel)
          .where('identity', '=', identity)
          .where('producer', '=', producer)
          .execute();
      }
    }
  }

  async #last(channel: string, once: OnceKey, time: number): Promise<OnceRecord | undefined> {
    const name = nameOf(channel, once);
    let known = this.#known.get(name);
    if (known === undefined) {
      const stored = await this.#transaction
        .selectFrom('once')
        .selectAll()
        .where('channel', '=', channel)
        .where('identity', '=', once.identity)
        .where('producer', '=', once.producer)
        .executeTakeFirst();
      known = { stored, changed: undefined };
      this.#known.set(name, known);
    }
    const last = known.changed ?? known.stored;
    return last !== undefined && last.used_at >= time - onceBounds.ms ? last : undefined;
  }

  /** Who brings a new producer lets go of its own old ones: nobody can push out what others rely on. */
  async #forget({ identity, used_at: now }: OnceRecord): Promise<void> {
    const { used_at: oldest } = (await this.#transaction
      .selectFrom('once')
      .select('used_at')
      .where('identity', '=', identity)
      .orderBy('used_at', 'desc')
      .offset(onceBounds.producers)
      .limit(1)
      .executeTakeFirst()) ?? { used_at: 0 };
    await this.#transaction
      .deleteFrom('once')
      .where('identity', '=', identity)
      .where('used_at', '<', Math.max(oldest, now - onceBounds.ms))
      .execute();
  }
}

function nameOf(channel: string, { identity, producer }: OnceKey): string {
  return `${identity} ${producer} ${channel}`;
}

function positionOf({ last_epoch: epoch, last_offset: offset }: OnceRecord): Position | undefined {
  return epoch === null || offset === null ? undefined : { epoch, offset };
}
