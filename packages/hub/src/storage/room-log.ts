// The log of a room as the operations about rooms read it: where it is, what one message of it says, what a room's name
// says, who speaks. No rules, no rights.

import type { Sender } from '@telltale/protocol';
import type { Transaction } from 'kysely';
import type { ChatEvent } from '../api.ts';
import { mentionKey } from '../mention.ts';
import type { AppendRecord, Tables } from './schema.ts';

/** A message of a room as its log keeps it, without offset and time. */
export interface StoredChat {
  readonly from?: Sender;
  readonly data: ChatEvent;
}

/** Reads a message's JSON behind `offset` and `time`. */
export function parseChat(body: string): StoredChat {
  return JSON.parse(`{${body}`) as StoredChat;
}

/** One body of those that were appended together. */
export function bodyOf({ first, bodies }: Pick<AppendRecord, 'first' | 'bodies'>, offset: number): string {
  return bodies.split('\n')[offset - first] as string;
}

/** What a room's name says it is about; undefined: it was made by somebody. */
export function subjectOf(room: string): { readonly type: 'agent' | 'run'; readonly id: string } | undefined {
  const [, type, id] = /^(agent|run)\.(.+)$/.exec(room) ?? [];
  return type === undefined || id === undefined ? undefined : { type: type as 'agent' | 'run', id };
}

/** The log of what was said in a room; undefined: nothing was. */
export async function logOfRoom(
  transaction: Transaction<Tables>,
  room: string,
): Promise<{ readonly id: number; readonly epoch: string; readonly head: number } | undefined> {
  return await transaction
    .selectFrom('logs')
    .select(['id', 'epoch', 'head'])
    .where('channel', '=', `chat/${room}`)
    .executeTakeFirst();
}

/** From here on somebody is found by their name, also when they are not here. */
export async function rememberSpeaker(
  transaction: Transaction<Tables>,
  person: string,
  subject: string,
): Promise<void> {
  await transaction
    .insertInto('chat_speakers')
    .values({ person, subject, name: mentionKey(subject) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
