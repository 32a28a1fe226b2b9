// What stands in a room, row by row: days, where the unread begins, messages grouped by who said them, and what waits.
// Pure.

import type { ChatCard, ChatMessage } from '@telltale/hub/api';
import type { WaitingPost } from '../../live/chat/outbox.ts';

export type ChatRow =
  | { readonly kind: 'top'; readonly key: 'top' }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: 'unread' }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: ChatMessage;
      /** What it answers, where that is here. */
      readonly quoted: ChatMessage | undefined;
      /** With its head: who and when. */
      readonly isFirst: boolean;
    }
  | { readonly kind: 'waiting'; readonly key: string; readonly post: WaitingPost; readonly isFirst: boolean }
  /** Below the last message of the past. */
  | { readonly kind: 'end'; readonly key: 'end' };

/** Messages of one person within this time, in milliseconds, stand under one head. */
const togetherMs = 5 * 60_000;

export interface RowsQuestion {
  readonly messages: readonly ChatMessage[];
  readonly waiting: readonly WaitingPost[];
  /** Up to here everything had been read when the room was opened; undefined: nothing is marked. */
  readonly readUpTo: number | undefined;
  /** Id of who looks. */
  readonly me: string | undefined;
  /** A part of the past: what waits will stand behind others. */
  readonly hasNewer: boolean;
}

export function rowsOf({ messages, waiting, readUpTo, me, hasNewer }: RowsQuestion): readonly ChatRow[] {
  const rows: ChatRow[] = [{ kind: 'top', key: 'top' }];
  const byOffset = new Map(messages.map((message) => [message.offset, message]));
  let before: ChatMessage | undefined;
  let isMarked = readUpTo === undefined;
  for (const message of messages) {
    const isNewDay = before === undefined || dayOf(before.time) !== dayOf(message.time);
    if (isNewDay) rows.push({ kind: 'day', key: `day${message.offset}`, at: message.time });
    const isUnread = !isMarked && message.offset > (readUpTo ?? 0) && message.from.id !== me;
    if (isUnread) {
      isMarked = true;
      // A room nobody has read in is all new: a line over all of it says nothing.
      if (before !== undefined) rows.push({ kind: 'unread', key: 'unread' });
    }
    const isFirst = isNewDay || isUnread || message.reply !== null || !isTogether(before, message);
    const quoted = message.reply === null ? undefined : byOffset.get(message.reply);
    rows.push({ kind: 'message', key: String(message.offset), message, quoted, isFirst });
    before = message;
  }
  if (hasNewer) return [...rows, { kind: 'end', key: 'end' }];
  let isFirst = before === undefined || before.from.id !== me;
  for (const post of waiting) {
    if (isAtMessage(post, byOffset)) continue;
    rows.push({ kind: 'waiting', key: post.key, post, isFirst });
    isFirst = false;
  }
  return rows;
}

/** Whether it stands at a message; a change that was refused, of one that is not here, is told at the end. */
function isAtMessage({ post, state }: WaitingPost, here: ReadonlyMap<number, ChatMessage>): boolean {
  return 'message' in post && (state.kind !== 'refused' || here.has(post.message));
}

function isTogether(before: ChatMessage | undefined, message: ChatMessage): boolean {
  return before?.from.id === message.from.id && message.time - before.time < togetherMs;
}

/** A number for each day of the browser's zone. */
function dayOf(at: number): number {
  return Math.floor((at - new Date(at).getTimezoneOffset() * 60_000) / 86_400_000);
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Today`, `Yesterday`, `Fri 2026-11-20`. */
export function dayWords(at: number, now: number): string {
  const apart = dayOf(now) - dayOf(at);
  if (apart === 0) return 'Today';
  if (apart === 1) return 'Yesterday';
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${days[date.getDay()]} ${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** About how high a row is in CSS pixels before it is drawn, in a column of so many. */
export function estimatedHeight(row: ChatRow | undefined, width: number): number {
  if (row?.kind !== 'message' && row?.kind !== 'waiting') return 36;
  const { text, card, reply } =
    row.kind === 'message' ? row.message : { card: null, reply: null, text: '', ...row.post.post };
  const perLine = Math.max(20, width / 6.6);
  let lines = 0;
  for (const line of text.split('\n', 25)) lines += Math.max(1, Math.ceil(line.length / perLine));
  const head = row.isFirst ? 32 : 4;
  return head + lines * 20 + (reply == null ? 0 : 22) + (card == null ? 0 : cardHeight(card));
}

function cardHeight(card: ChatCard): number {
  if (card.type !== 'chart') return 44;
  return (card.picture?.lines.length ?? 1) > 1 ? 144 : 124;
}
