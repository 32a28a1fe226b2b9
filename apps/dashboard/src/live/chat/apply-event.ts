// What an event does to a message: each as often as it comes, with the same outcome. Pure.

import type { ChatEvent, ChatMessage } from '@telltale/hub/api';
import type { Sender } from '@telltale/protocol';

/** Where an event stands in the room, and who is behind it. */
export interface EventFacts {
  readonly offset: number;
  readonly time: number;
  readonly from: Sender | undefined;
}

export type ChatChange = Exclude<ChatEvent, { type: 'said' }>;

/** A message as it was said; its own later changes may be in it already. */
export function messageOf(said: Extract<ChatEvent, { type: 'said' }>, { offset, time, from }: EventFacts): ChatMessage {
  return {
    offset,
    time,
    from: { id: said.by, subject: from?.subject ?? '', kind: from?.kind ?? 'anonymous', name: from?.name ?? null },
    text: said.text,
    reply: said.reply ?? null,
    card: said.card ?? null,
    mentions: said.mentions ?? [],
    editedAt: said.editedAt ?? null,
    deleted: said.deleted ?? null,
    reactions: {},
  };
}

/** The message after a change; the same object where nothing changes. */
export function changed(message: ChatMessage, change: ChatChange, time: number): ChatMessage {
  // What was taken back stays so, whatever was said of it before.
  if (message.deleted !== null) return message;
  switch (change.type) {
    case 'edited':
      // A later edit has taken the text back, and is in the message already.
      if (change.text === null) return message;
      return { ...message, text: change.text, mentions: change.mentions ?? [], editedAt: time };
    case 'deleted':
      return { ...message, text: '', card: null, mentions: [], reactions: {}, deleted: { at: time, by: change.by } };
    case 'reacted': {
      const before = reactionsOf(message, change.emoji);
      if (before.includes(change.by) === change.on) return message;
      const ids = change.on ? [...before, change.by] : before.filter((id) => id !== change.by);
      // By entries: an emoji is a text of somebody's choice, and `__proto__` is one too.
      const others = Object.entries(message.reactions).filter(([emoji]) => emoji !== change.emoji);
      const all = ids.length === 0 ? others : [...Object.entries(message.reactions), [change.emoji, ids] as const];
      return { ...message, reactions: Object.fromEntries(all) };
    }
  }
}

/** Who reacted with this. */
export function reactionsOf({ reactions }: ChatMessage, emoji: string): readonly string[] {
  return Object.hasOwn(reactions, emoji) ? (reactions[emoji] ?? []) : [];
}
