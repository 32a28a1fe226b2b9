// The last word on what is posted to a room, with all known who sends it: archived rooms, rates, whether the message that is
// edited, deleted or answered exists and whose it is, who is named. Makes events of posts. What it reads may change until
// the commit; that is decided there (chat-fold.ts), so nothing here has to be locked.

import type { GatewayLog, Prepared, PublishRefused, PublishToPrepare } from '@telltale/gateway';
import { hasScope, type Identity } from '@telltale/protocol';
import type { ChatEvent } from '../api.ts';
import type { ChatMessageRecord } from '../storage/schema.ts';
import type { Storage } from '../storage/storage.ts';
import type { TypedPost } from './chat-post.ts';
import type { MentionsIn } from './mentions.ts';
import type { PersonRates } from './person-rates.ts';
import type { Rooms } from './rooms.ts';

export interface ChatDeskOptions {
  readonly rooms: Pick<Rooms, 'row'>;
  readonly rates: PersonRates;
  readonly mentionsIn: MentionsIn;
  readonly storage: Pick<Storage, 'chatMessage'>;
  readonly log: GatewayLog;
}

const mostEmojis = 20;

interface Post {
  readonly room: string;
  readonly as: Identity;
  readonly post: TypedPost;
}

export function createChatDesk(
  options: ChatDeskOptions,
): (publish: PublishToPrepare<ChatEvent>) => Prepared<ChatEvent> | Promise<Prepared<ChatEvent>> {
  const { rooms, rates, mentionsIn, storage, log } = options;

  const target = async (room: string, offset: number): Promise<ChatMessageRecord | PublishRefused> =>
    (await storage.chatMessage(room, offset)) ??
    refused(4404, `found no message ${offset} in the room ${room}, expected one that was said there`);

  const named = async (text: string, { room, as }: Post): Promise<{ readonly mentions?: readonly string[] }> => {
    const mentions = await mentionsIn(text, room, as.id);
    return mentions.length === 0 ? {} : { mentions };
  };

  const eventOf = async (item: Post): Promise<ChatEvent | PublishRefused> => {
    const { room, as, post } = item;
    const by = as.id;
    if (post.type === 'said') {
      const { type, text, reply, card } = post;
      const answered = reply === undefined ? undefined : await target(room, reply);
      if (answered !== undefined && isRefused(answered)) return answered;
      return {
        by,
        type,
        text,
        ...(reply === undefined ? {} : { reply }),
        ...(card === undefined ? {} : { card }),
        ...(await named(text, item)),
      };
    }
    const { message } = post;
    const record = await target(room, message);
    if (isRefused(record)) return record;
    if (record.deleted === 1) return refused(4404, `message ${message} was deleted: nothing more happens to it`);
    const isOwn = record.author === by;
    switch (post.type) {
      case 'edited':
        if (!isOwn) return refused(4403, `message ${message} is not yours: only who wrote it can edit it`);
        return { by, type: 'edited', message, text: post.text, ...(await named(post.text, item)) };
      case 'deleted':
        if (!isOwn && !isOperator(as)) {
          return refused(4403, `message ${message} is not yours: only who wrote it, or an operator, can delete it`);
        }
        return { by, type: 'deleted', message };
      case 'reacted': {
        const emojis = Object.keys(JSON.parse(record.reactions) as object);
        if (post.on && emojis.length >= mostEmojis && !emojis.includes(post.emoji)) {
          return refused(4400, `message ${message}: found ${emojis.length} different reactions, expected no more`);
        }
        return { by, type: 'reacted', message, emoji: post.emoji, on: post.on };
      }
    }
  };

  const refusalOf = ({ as, items }: PublishToPrepare<ChatEvent>, room: string): PublishRefused | undefined => {
    const archivedAt = rooms.row(room)?.archivedAt ?? null;
    // What has to go goes also there.
    const isDeleting = items.every(({ data }) => data?.type === 'deleted');
    if (archivedAt !== null && !isDeleting) {
      const day = new Date(archivedAt).toISOString().slice(0, 10);
      return refused(4403, `the room ${room} was archived on ${day}: it can be read, and nothing can be said there`);
    }
    const { perSecond, burst } = rates;
    if (items.length > burst) return refused(4400, `found ${items.length} messages at once, expected at most ${burst}`);
    const retryAfterMs = rates.take(as?.id ?? '', items.length);
    if (retryAfterMs === 0) return undefined;
    const message = `found more than ${perSecond} messages a second under this name, expected a pause of ${retryAfterMs} ms`;
    return { kind: 'refused', code: 4429, message, retryAfterMs };
  };

  return async (publish) => {
    const { params, as, items } = publish;
    const { room = '' } = params;
    if (as === undefined) return refused(4403, 'found nobody who says this, expected somebody');
    const refusal = refusalOf(publish, room);
    if (refusal !== undefined) return refusal;
    const data: ChatEvent[] = [];
    try {
      for (const item of items) {
        const event = await eventOf({ room, as, post: item.data as unknown as TypedPost });
        if (isRefused(event)) return event;
        data.push(event);
      }
    } catch (error) {
      log.error({ err: error, room }, 'A message of a room could not be looked up; its sender tries again');
      return { kind: 'refused', code: 4503, message: 'the database answers nothing now', retryAfterMs: 5000 };
    }
    return { kind: 'ready', data };
  };
}

function isOperator(identity: Identity): boolean {
  return identity.kind === 'user' && hasScope(identity, 'operator');
}

function isRefused<Value extends object>(value: Value | PublishRefused): value is PublishRefused {
  return 'kind' in value && value.kind === 'refused';
}

function refused(code: PublishRefused['code'], message: string): PublishRefused {
  return { kind: 'refused', code, message };
}
