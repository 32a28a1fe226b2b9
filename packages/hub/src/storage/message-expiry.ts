// Lets go of stored messages, a small step at a time: the one thread of the database has commits to make in between.
// Pages that become free are used again, so the file grows to what the bounds allow and stays there: giving them back
// (auto_vacuum) would cost every append, and `telltale backup` writes a file without them anyway.

import type { Selectable, Transaction } from 'kysely';
import { addToFamily } from './log-drafts.ts';
import type { LogRecord, Tables } from './schema.ts';

/** Which messages are no longer kept. */
export type Expiry =
  /** Of all logs of a family, those appended before a time. */
  | { readonly kind: 'age'; readonly family: string; readonly before: number }
  /** The oldest of a family's largest log, while the family holds more bytes: who says much pushes out nobody else. */
  | { readonly kind: 'family-bytes'; readonly family: string; readonly most: number }
  /** The oldest of one log, while it holds more bytes, up to an offset. */
  | { readonly kind: 'log-bytes'; readonly channel: string; readonly most: number; readonly upTo: number }
  /** One log and what `once` remembers of it. */
  | { readonly kind: 'log'; readonly channel: string };

/** What one step removes at most; measured: some 10 ms, since what is removed is overwritten as well. */
const stepAppends = 256;
const stepBytes = 1024 * 1024;

type Log = Selectable<LogRecord>;

interface Append {
  readonly first: number;
  readonly count: number;
  readonly time: number;
  readonly bytes: number;
}

/** A log that has to let go, and of what: asked oldest first, with the bytes that went before. */
interface Excess {
  readonly log: Log;
  readonly isOver: (append: Append, removedBytes: number) => boolean;
}

/** Removes a little. Answers whether it did: then there may be more. */
export async function expireStep(transaction: Transaction<Tables>, expiry: Expiry): Promise<boolean> {
  const excess = await excessOf(transaction, expiry);
  if (excess === undefined) return false;
  const { log, isOver } = excess;
  const oldest = await transaction
    .selectFrom('appends')
    .select(['first', 'count', 'time', 'bytes'])
    .where('log_id', '=', log.id)
    .orderBy('first')
    .limit(stepAppends + 1)
    .execute();
  let bytes = 0;
  const kept = oldest.findIndex((append, index) => {
    const isKept = index === stepAppends || bytes >= stepBytes || !isOver(append, bytes);
    if (!isKept) bytes += append.bytes;
    return isKept;
  });
  const removed = kept === -1 ? oldest : oldest.slice(0, kept);
  const last = removed.at(-1);
  if (last === undefined) {
    if (expiry.kind !== 'log') return false;
    await transaction.deleteFrom('once').where('channel', '=', log.channel).execute();
    await transaction.deleteFrom('logs').where('id', '=', log.id).execute();
    return false;
  }
  await transaction.deleteFrom('appends').where('log_id', '=', log.id).where('first', '<=', last.first).execute();
  await transaction
    .updateTable('logs')
    .set({
      bytes: log.bytes - bytes,
      horizon: last.first + last.count - 1,
      oldest_at: oldest[removed.length]?.time ?? null,
    })
    .where('id', '=', log.id)
    .execute();
  await addToFamily(transaction, log.family, -bytes);
  return true;
}

async function excessOf(transaction: Transaction<Tables>, expiry: Expiry): Promise<Excess | undefined> {
  const logs = transaction.selectFrom('logs').selectAll().limit(1);
  const named = (channel: string): Promise<Log | undefined> => logs.where('channel', '=', channel).executeTakeFirst();
  switch (expiry.kind) {
    case 'age': {
      const { family, before } = expiry;
      const log = await logs
        .where('family', '=', family)
        .where('oldest_at', '<', before)
        .orderBy('oldest_at')
        .executeTakeFirst();
      return log && { log, isOver: ({ time }) => time < before };
    }
    case 'family-bytes': {
      const { family, most } = expiry;
      const sum = await transaction
        .selectFrom('families')
        .select('bytes')
        .where('family', '=', family)
        .executeTakeFirst();
      const excess = (sum?.bytes ?? 0) - most;
      if (excess <= 0) return undefined;
      const log = await logs.where('family', '=', family).orderBy('bytes', 'desc').executeTakeFirst();
      return log && { log, isOver: (_append, removedBytes) => removedBytes < excess };
    }
    case 'log-bytes': {
      const { channel, most, upTo } = expiry;
      const log = await named(channel);
      if (log === undefined) return undefined;
      const excess = log.bytes - most;
      return {
        log,
        isOver: ({ first, count }, removedBytes) => removedBytes < excess && first + count - 1 <= upTo,
      };
    }
    case 'log': {
      const log = await named(expiry.channel);
      return log && { log, isOver: () => true };
    }
  }
}
