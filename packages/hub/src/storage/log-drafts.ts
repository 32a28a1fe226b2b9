// The logs that one transaction appends to: reads each at most once, numbers the messages, writes each head once at the
// end. It lives as long as the transaction, so a rollback leaves nothing behind to be wrong.

import { randomBytes } from 'node:crypto';
import type { ReplacedMessage } from '@telltale/gateway';
import { base32 } from '@telltale/protocol';
import type { Selectable, Transaction } from 'kysely';
import type { LogRecord, Tables } from './schema.ts';

/** Messages to append to one log, as they go to the thread that writes them. */
export interface LogAppend {
  readonly channel: string;
  readonly time: number;
  readonly count: number;
  /** One body a line. */
  readonly bodies: string;
}

interface Draft {
  readonly log: Selectable<LogRecord>;
  readonly head: number;
  readonly addedBytes: number;
  readonly oldestAt: number;
  readonly changedAt: number;
}

export class LogDrafts {
  readonly #transaction: Transaction<Tables>;
  readonly #drafts = new Map<string, Draft>();

  constructor(transaction: Transaction<Tables>) {
    this.#transaction = transaction;
  }

  /** Appends to the log, which begins with its first message; answers where the first of them is. */
  async append({
    channel,
    time,
    count,
    bodies,
  }: LogAppend): Promise<{ readonly epoch: string; readonly first: number }> {
    const draft = this.#drafts.get(channel);
    const log = draft?.log ?? (await this.#find(channel)) ?? (await this.#begin(channel, time));
    const first = (draft?.head ?? log.head) + 1;
    const bytes = Buffer.byteLength(bodies);
    await this.#transaction
      .insertInto('appends')
      .values({ log_id: log.id, first, count, time, bytes, bodies })
      .execute();
    this.#drafts.set(channel, {
      log,
      head: first + count - 1,
      addedBytes: (draft?.addedBytes ?? 0) + bytes,
      oldestAt: draft?.oldestAt ?? log.oldest_at ?? time,
      changedAt: time,
    });
    return { epoch: log.epoch, first };
  }

  /** Makes a message of a log that was appended to say something else; undefined: it is not kept any more. */
  async rewrite(
    channel: string,
    offset: number,
    change: (body: string) => string,
  ): Promise<ReplacedMessage | undefined> {
    const draft = this.#drafts.get(channel);
    if (draft === undefined) return undefined;
    const append = await this.#transaction
      .selectFrom('appends')
      .select(['first', 'count', 'time', 'bytes', 'bodies'])
      .where('log_id', '=', draft.log.id)
      .where('first', '<=', offset)
      .orderBy('first', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (append === undefined || append.first + append.count <= offset) return undefined;
    const { first, time } = append;
    const all = append.bodies.split('\n');
    const body = change(all[offset - first] as string);
    const bodies = all.with(offset - first, body).join('\n');
    const bytes = Buffer.byteLength(bodies);
    await this.#transaction
      .updateTable('appends')
      .set({ bodies, bytes })
      .where('log_id', '=', draft.log.id)
      .where('first', '=', first)
      .execute();
    this.#drafts.set(channel, { ...draft, addedBytes: draft.addedBytes + bytes - append.bytes });
    return { offset, time, body };
  }

  async write(): Promise<void> {
    const added = new Map<string, number>();
    for (const { log, head, addedBytes, oldestAt, changedAt } of this.#drafts.values()) {
      await this.#transaction
        .updateTable('logs')
        .set({ head, bytes: log.bytes + addedBytes, oldest_at: oldestAt, changed_at: changedAt })
        .where('id', '=', log.id)
        .execute();
      added.set(log.family, (added.get(log.family) ?? 0) + addedBytes);
    }
    for (const [family, bytes] of added) await addToFamily(this.#transaction, family, bytes);
  }

  #find(channel: string): Promise<Selectable<LogRecord> | undefined> {
    return this.#transaction.selectFrom('logs').selectAll().where('channel', '=', channel).executeTakeFirst();
  }

  #begin(channel: string, time: number): Promise<Selectable<LogRecord>> {
    const [family = channel] = channel.split('/');
    const epoch = base32(randomBytes(10));
    return this.#transaction
      .insertInto('logs')
      .values({ channel, family, epoch, head: 0, horizon: 0, bytes: 0, oldest_at: null, changed_at: time })
      .returningAll()
      .executeTakeFirstOrThrow();
  }
}

/** Keeps the sum of a family's logs: every change of a log's bytes passes here. */
export async function addToFamily(transaction: Transaction<Tables>, family: string, bytes: number): Promise<void> {
  await transaction
    .insertInto('families')
    .values({ family, bytes })
    .onConflict((conflict) =>
      conflict.column('family').doUpdateSet((row) => ({ bytes: row('families.bytes', '+', bytes) })),
    )
    .execute();
}
