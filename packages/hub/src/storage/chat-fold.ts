// What becomes of a room's messages in the transaction that appends what happened to them: who wrote what, reactions, who
// was named; and that a text taken back is nowhere any more. So the folded tables and the log are of one moment, also
// after a kill -9. Rights were judged before; what two do at once is decided here, by the order of the log.

import type { ReplacedMessage } from '@telltale/gateway';
import type { Sender } from '@telltale/protocol';
import type { Transaction } from 'kysely';
import type { ChatEvent } from '../api.ts';
import type { LogDrafts } from './log-drafts.ts';
import { parseChat, rememberSpeaker, type StoredChat, subjectOf } from './room-log.ts';
import type { ChatMessageRecord, Tables } from './schema.ts';

type Of<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>;

/** Different reactions a message can have, and people of one. */
const mostReactions = { emojis: 20, people: 1000 };

export async function foldChat(
  transaction: Transaction<Tables>,
  logs: LogDrafts,
  { channel, first, time, bodies }: { channel: string; first: number; time: number; bodies: string },
): Promise<readonly ReplacedMessage[]> {
  const fold = new ChatFold(transaction, logs, channel, time);
  for (const [index, body] of bodies.split('\n').entries()) {
    await fold.fold({ offset: first + index, first }, parseChat(body));
  }
  return fold.replaced;
}

class ChatFold {
  readonly replaced: ReplacedMessage[] = [];
  readonly #transaction: Transaction<Tables>;
  readonly #logs: LogDrafts;
  readonly #channel: string;
  readonly #room: string;
  readonly #time: number;

  constructor(transaction: Transaction<Tables>, logs: LogDrafts, channel: string, time: number) {
    this.#transaction = transaction;
    this.#logs = logs;
    this.#channel = channel;
    this.#room = channel.slice('chat/'.length);
    this.#time = time;
  }

  async fold(place: { readonly offset: number; readonly first: number }, { from, data }: StoredChat): Promise<void> {
    switch (data.type) {
      case 'said':
        return await this.#said(place, data, from);
      case 'edited':
        return await this.#edited(place.offset, data);
      case 'deleted':
        return await this.#deleted(data);
      case 'reacted':
        return await this.#reacted(data);
    }
  }

  async #said(
    { offset, first }: { readonly offset: number; readonly first: number },
    { by, mentions = [] }: Of<'said'>,
    from: Sender | undefined,
  ): Promise<void> {
    const room = this.#room;
    await this.#transaction
      .insertInto('chat_messages')
      .values({ room, offset, append_first: first, author: by, edited_offset: null, deleted: 0, reactions: '{}' })
      .execute();
    const last = { last_offset: offset, last_at: this.#time };
    const title = subjectOf(room)?.id ?? room;
    await this.#transaction
      .insertInto('rooms')
      .values({ room, title, writers: 'viewers', members: null, created_at: this.#time, archived_at: null, ...last })
      .onConflict((conflict) => conflict.column('room').doUpdateSet(last))
      .execute();
    if (from?.kind === 'user') {
      await this.#follow(by, offset);
      await rememberSpeaker(this.#transaction, by, from.subject);
    }
    await this.#mention(offset, mentions);
  }

  async #edited(offset: number, { message, text, mentions = [] }: Of<'edited'>): Promise<void> {
    const record = await this.#message(message);
    // Deleted at the same moment: what it was to say is gone as well.
    if (record === undefined || record.deleted === 1 || text === null) return await this.#takeBack(offset);
    if (record.edited_offset !== null) await this.#takeBack(record.edited_offset);
    await this.#change(message, { edited_offset: offset });
    await this.#rewrite<'said'>(message, ({ by, type, reply, card }) => ({
      by,
      type,
      text,
      ...(reply === undefined ? {} : { reply }),
      ...(card === undefined ? {} : { card }),
      editedAt: this.#time,
      ...(mentions.length === 0 ? {} : { mentions }),
    }));
    await this.#forgetMentions(message, mentions);
    await this.#mention(message, mentions);
  }

  async #deleted({ message, by }: Of<'deleted'>): Promise<void> {
    const record = await this.#message(message);
    if (record === undefined || record.deleted === 1) return;
    if (record.edited_offset !== null) await this.#takeBack(record.edited_offset);
    await this.#change(message, { deleted: 1, edited_offset: null, reactions: '{}' });
    await this.#rewrite<'said'>(message, ({ by: author, reply }) => ({
      type: 'said',
      by: author,
      text: '',
      ...(reply === undefined ? {} : { reply }),
      deleted: { at: this.#time, by },
    }));
    await this.#forgetMentions(message, []);
  }

  async #reacted({ message, by, emoji, on }: Of<'reacted'>): Promise<void> {
    const record = await this.#message(message);
    if (record === undefined || record.deleted === 1) return;
    const reactions = new Map(Object.entries(JSON.parse(record.reactions) as Record<string, readonly string[]>));
    const others = (reactions.get(emoji) ?? []).filter((id) => id !== by);
    const people = on && others.length < mostReactions.people ? [...others, by] : others;
    if (people.length === 0) reactions.delete(emoji);
    else if (reactions.has(emoji) || reactions.size < mostReactions.emojis) reactions.set(emoji, people);
    await this.#change(message, { reactions: JSON.stringify(Object.fromEntries(reactions)) });
  }

  async #message(offset: number): Promise<ChatMessageRecord | undefined> {
    return await this.#transaction
      .selectFrom('chat_messages')
      .selectAll()
      .where('room', '=', this.#room)
      .where('offset', '=', offset)
      .executeTakeFirst();
  }

  async #change(
    offset: number,
    change: Partial<Pick<ChatMessageRecord, 'edited_offset' | 'deleted' | 'reactions'>>,
  ): Promise<void> {
    await this.#transaction
      .updateTable('chat_messages')
      .set(change)
      .where('room', '=', this.#room)
      .where('offset', '=', offset)
      .execute();
  }

  /** Takes the text out of an `edited` that holds no longer. */
  async #takeBack(offset: number): Promise<void> {
    await this.#rewrite<'edited'>(offset, ({ by, type, message }) => ({ by, type, message, text: null }));
  }

  async #rewrite<Type extends ChatEvent['type']>(offset: number, change: (data: Of<Type>) => ChatEvent): Promise<void> {
    const replaced = await this.#logs.rewrite(this.#channel, offset, (body) => {
      const stored = parseChat(body);
      return JSON.stringify({ ...stored, data: change(stored.data as Of<Type>) }).slice(1);
    });
    if (replaced !== undefined) this.replaced.push(replaced);
  }

  /** From here on what is said is counted for a person, unless it was before. */
  async #follow(person: string, offset: number): Promise<void> {
    if (subjectOf(this.#room) === undefined) return;
    await this.#transaction
      .insertInto('chat_reads')
      .values({ person, room: this.#room, offset })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async #mention(offset: number, people: readonly string[]): Promise<void> {
    for (const person of people) {
      await this.#transaction
        .insertInto('chat_mentions')
        .values({ person, room: this.#room, offset })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      await this.#follow(person, offset - 1);
    }
  }

  async #forgetMentions(offset: number, without: readonly string[]): Promise<void> {
    let query = this.#transaction
      .deleteFrom('chat_mentions')
      .where('room', '=', this.#room)
      .where('offset', '=', offset);
    if (without.length > 0) query = query.where('person', 'not in', without);
    await query.execute();
  }
}
