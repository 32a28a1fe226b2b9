// A page of a room's history as it goes over HTTP: each message with everything that happened to it. Pure.

import type { ChatMessage, ChatPage } from '../api.ts';
import type { FoldedMessage, FoldedPage } from '../storage/chat-operations.ts';
import { parseChat } from '../storage/room-log.ts';

export function chatPageOf({ position, messages, more }: FoldedPage): ChatPage {
  return { position, messages: messages.flatMap(messageOf), more };
}

function messageOf({ offset, time, body, reactions }: FoldedMessage): readonly ChatMessage[] {
  const { from, data } = parseChat(body);
  if (data.type !== 'said') return [];
  const { by, text, reply, card, mentions, editedAt, deleted } = data;
  return [
    {
      offset,
      time,
      from: { id: by, subject: from?.subject ?? '', kind: from?.kind ?? 'user', name: from?.name ?? null },
      text,
      reply: reply ?? null,
      card: card ?? null,
      mentions: mentions ?? [],
      editedAt: editedAt ?? null,
      deleted: deleted ?? null,
      reactions: JSON.parse(reactions) as Record<string, readonly string[]>,
    },
  ];
}
