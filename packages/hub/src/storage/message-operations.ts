// What the hub asks of its database about the messages of stored channels: append, read, let go. Runs where the database
// is open. Knows no message's meaning, only its bytes, its time and its place.

import type { OnceKey, ReplacedMessage, StoreOutcome } from '@telltale/gateway';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { errorCode } from '../start-fault.ts';
import { foldChat } from './chat-fold.ts';
import { type LogAppend, LogDrafts } from './log-drafts.ts';
import { type Expiry, expireStep } from './message-expiry.ts';
import { OnceDrafts } from './once-drafts.ts';
import type { AppendRecord, LogRecord, Tables } from './schema.ts';

/** One append of a commit; without messages it only uses its seq up, or where it `recalls`, asks what that led to. */
export interface CommitAppend extends LogAppend {
  readonly once: OnceKey | undefined;
  readonly recalls?: true | undefined;
}

export type Commit =
  | { readonly kind: 'committed'; readonly outcomes: readonly StoreOutcome[] }
  /** For certain. `reason` is the database's word. */
  | { readonly kind: 'nothing-written'; readonly reason: string };

/** Messages of one log, oldest first, without a hole between them. */
export interface LogPage {
  readonly epoch: string;
  readonly head: number;
  readonly horizon: number;
  readonly appends: readonly Pick<AppendRecord, 'first' | 'count' | 'time' | 'bodies'>[];
}

/** Every question, each atomic. */
export interface MessageOperations {
  /** All or nothing. Rejects where neither is certain. */
  commitAppends(appends: readonly CommitAppend[]): Promise<Commit>;
  /** The newest messages before an offset; whole appends, the newest may go beyond it. Undefined: no such log. */
  newestMessages(
    channel: string,
    ask: { before: number | undefined; count: number; bytes: number; since: number | undefined },
  ): Promise<LogPage | undefined>;
  /** The oldest messages after an offset; whole appends, the oldest may begin before it. Undefined: no such log. */
  messagesAfter(channel: string, ask: { after: number; count: number; bytes: number }): Promise<LogPage | undefined>;
  /** Lets go of a few messages. True: there may be more to let go. */
  expire(expiry: Expiry): Promise<boolean>;
  /** What the logs of a family hold together. */
  familyBytes(family: string): Promise<number>;
  /** The stored channels whose names begin with these parts. */
  storedChannels(parts: string): Promise<readonly string[]>;
}

/** Runs these operations on an open database. */
export function createMessageOperations(db: Kysely<Tables>): MessageOperations {
  return {
    async commitAppends(appends) {
      let isWritten = false;
      try {
        const outcomes = await db.transaction().execute(async (transaction) => {
          const all = await appendAll(transaction, appends);
          isWritten = true;
          return all;
        });
        return { kind: 'committed', outcomes };
      } catch (error) {
        // Before the commit all of it is rolled back. A commit that found no room wrote no end of its own; of other
        // failures of one nobody can say what would be found after a crash.
        if (isWritten && errorCode(error) !== 'SQLITE_FULL') throw error;
        const message = error instanceof Error ? error.message : String(error);
        return { kind: 'nothing-written', reason: `${message} (${errorCode(error)})` };
      }
    },

    async newestMessages(channel, { before, count, bytes, since }) {
      return await db.transaction().execute(async (transaction) => {
        const log = await logOf(transaction, channel);
        if (log === undefined) return undefined;
        const end = before ?? log.head + 1;
        const newest = await transaction
          .selectFrom('appends')
          .select(['first', 'count', 'time', 'bytes'])
          .where('log_id', '=', log.id)
          .where('first', '<', end)
          .orderBy('first', 'desc')
          .limit(count)
          .execute();
        const old = newest.findIndex(({ time }) => time < (since ?? 0));
        const wanted = fitting(old === -1 ? newest : newest.slice(0, old), { count, bytes });
        return await page(transaction, log, { from: wanted.at(-1)?.first ?? end, before: end });
      });
    },

    async messagesAfter(channel, { after, count, bytes }) {
      return await db.transaction().execute(async (transaction) => {
        const log = await logOf(transaction, channel);
        if (log === undefined) return undefined;
        if (after >= log.head) return { ...headOf(log), appends: [] };
        const around = await transaction
          .selectFrom('appends')
          .select('first')
          .where('log_id', '=', log.id)
          .where('first', '<=', after + 1)
          .orderBy('first', 'desc')
          .limit(1)
          .executeTakeFirst();
        const oldest = await transaction
          .selectFrom('appends')
          .select(['first', 'count', 'bytes'])
          .where('log_id', '=', log.id)
          .where('first', '>=', around?.first ?? 0)
          .orderBy('first')
          .limit(count)
          .execute();
        const wanted = fitting(oldest, { count, bytes });
        return await page(transaction, log, { from: wanted[0]?.first ?? 0, before: (wanted.at(-1)?.first ?? -1) + 1 });
      });
    },

    async expire(expiry) {
      return await db.transaction().execute((transaction) => expireStep(transaction, expiry));
    },

    async familyBytes(family) {
      const sum = await db.selectFrom('families').select('bytes').where('family', '=', family).executeTakeFirst();
      return sum?.bytes ?? 0;
    },

    async storedChannels(parts) {
      const rows = await db
        .selectFrom('logs')
        .select('channel')
        // "0" is what follows "/".
        .where('channel', '>=', `${parts}/`)
        .where('channel', '<', `${parts}0`)
        .execute();
      return rows.map(({ channel }) => channel);
    },
  };
}

/**
 * What a family makes of its messages in the very transaction that appends them, so that both are always of one moment.
 * Answers which messages of the log say something else by it.
 */
export type AppendFold = (
  transaction: Transaction<Tables>,
  logs: LogDrafts,
  appended: Pick<LogAppend, 'channel' | 'time' | 'bodies'> & { readonly first: number },
) => Promise<readonly ReplacedMessage[]>;

const folds: ReadonlyMap<string, AppendFold> = new Map([['chat', foldChat]]);

async function appendAll(
  transaction: Transaction<Tables>,
  appends: readonly CommitAppend[],
): Promise<readonly StoreOutcome[]> {
  const logs = new LogDrafts(transaction);
  const remembered = new OnceDrafts(transaction);
  const outcomes: StoreOutcome[] = [];
  for (const append of appends) {
    const { channel, time, count, once, recalls } = append;
    const decision = once === undefined ? undefined : await remembered.decide(channel, once, time);
    if (recalls === true) {
      outcomes.push(decision?.kind === 'duplicate' ? decision : { kind: 'not-appended' });
      continue;
    }
    if (decision !== undefined && decision.kind !== 'next') {
      outcomes.push(decision);
      continue;
    }
    const appended = count === 0 ? undefined : await logs.append(append);
    const fold = folds.get(channel.slice(0, channel.indexOf('/')));
    const replaced = appended === undefined ? undefined : await fold?.(transaction, logs, { ...append, ...appended });
    if (once !== undefined) {
      const position = appended && { epoch: appended.epoch, offset: appended.first + count - 1 };
      await remembered.use(channel, once, time, position);
    }
    if (appended === undefined) outcomes.push({ kind: 'refused' });
    else outcomes.push({ kind: 'appended', ...appended, ...(replaced === undefined ? {} : { replaced }) });
  }
  await logs.write();
  await remembered.write();
  return outcomes;
}

type LogHead = Pick<Selectable<LogRecord>, 'id' | 'epoch' | 'head' | 'horizon'>;

async function logOf(transaction: Transaction<Tables>, channel: string): Promise<LogHead | undefined> {
  return await transaction
    .selectFrom('logs')
    .select(['id', 'epoch', 'head', 'horizon'])
    .where('channel', '=', channel)
    .executeTakeFirst();
}

/** The first of these that have room, but at least one. */
function fitting<Append extends Pick<AppendRecord, 'count' | 'bytes'>>(
  appends: readonly Append[],
  { count, bytes }: { readonly count: number; readonly bytes: number },
): readonly Append[] {
  let messages = 0;
  let size = 0;
  const end = appends.findIndex((append, index) => {
    const isOver = index > 0 && (messages >= count || size + append.bytes > bytes);
    messages += append.count;
    size += append.bytes;
    return isOver;
  });
  return end === -1 ? appends : appends.slice(0, end);
}

function headOf({ epoch, head, horizon }: LogHead): Omit<LogPage, 'appends'> {
  return { epoch, head, horizon };
}

async function page(
  transaction: Transaction<Tables>,
  log: LogHead,
  { from, before }: { readonly from: number; readonly before: number },
): Promise<LogPage> {
  const appends = await transaction
    .selectFrom('appends')
    .select(['first', 'count', 'time', 'bodies'])
    .where('log_id', '=', log.id)
    .where('first', '>=', from)
    .where('first', '<', before)
    .orderBy('first')
    .execute();
  return { ...headOf(log), appends };
}
