// A message as its reader should see it now: with the changes of theirs that wait for the hub. Pure.

import type { ChatMessage } from '@telltale/hub/api';
import { changed, reactionsOf } from '../../live/chat/apply-event.ts';
import type { WaitingPost } from '../../live/chat/outbox.ts';

/** The few that are offered; a hub takes others from other clients. */
export const offeredReactions: readonly { readonly emoji: string; readonly name: string }[] = [
  { emoji: '👍', name: 'thumbs up' },
  { emoji: '👀', name: 'looking' },
  { emoji: '✅', name: 'done' },
  { emoji: '❤️', name: 'heart' },
  { emoji: '🎉', name: 'party' },
  { emoji: '🙏', name: 'thanks' },
];

/** Changes of messages that wait, by the message's offset. */
export function changesByMessage(waiting: readonly WaitingPost[]): ReadonlyMap<number, readonly WaitingPost[]> {
  const changes = new Map<number, WaitingPost[]>();
  for (const post of waiting) {
    if (!('message' in post.post)) continue;
    const known = changes.get(post.post.message);
    if (known === undefined) changes.set(post.post.message, [post]);
    else known.push(post);
  }
  return changes;
}

export function withChanges(message: ChatMessage, changes: readonly WaitingPost[], me: string): ChatMessage {
  let shown = message;
  for (const { post, state, at } of changes) {
    // What was refused has not happened; what is to be deleted stays until it is.
    if (state.kind === 'refused' || !('message' in post) || post.type === 'deleted') continue;
    shown = changed(shown, { ...post, by: me }, at);
  }
  return shown;
}

export interface ShownReaction {
  readonly emoji: string;
  readonly count: number;
  readonly isMine: boolean;
  readonly ids: readonly string[];
}

export function shownReactions(message: ChatMessage, me: string | undefined): readonly ShownReaction[] {
  return Object.keys(message.reactions).map((emoji) => {
    const ids = reactionsOf(message, emoji);
    return { emoji, count: ids.length, isMine: me !== undefined && ids.includes(me), ids };
  });
}
