// What chat says of messages that wait, of who is there, and of what comes in. Pure.

import type { ChatCard, ChatMessage, PresenceRow } from '@telltale/hub/api';
import type { WaitingPost } from '../../live/chat/outbox.ts';
import type { Missed } from '../../live/chat/room-log.ts';
import { personName } from '../../words/name.ts';
import { clockMinute } from '../../words/time.ts';
import { counted } from '../../words/units.ts';
import type { SenderKind } from './agent-mark.tsx';
import { isAttemptsChart } from './cards/card-paths.ts';

/** Most characters of a message, as the hub counts them. */
export const mostCharacters = 4_000;

export interface WaitingSaid {
  readonly words: string;
  readonly look: 'waiting' | 'refused';
}

/** Undefined: the hub has it, there is nothing to say. */
export function waitingWords({ state, post, isKept }: WaitingPost, isUp: boolean): WaitingSaid | undefined {
  const type = post.type ?? 'said';
  switch (state.kind) {
    case 'waiting': {
      const lost = isKept === false ? '; this browser keeps nothing, so do not leave the page' : '';
      if (!isUp) return { words: `waiting, sent when the line is back${lost}`, look: 'waiting' };
      const words = state.why === undefined ? 'waiting for the hub to store it' : `waiting: ${state.why}`;
      return { words: words + lost, look: 'waiting' };
    }
    case 'asked':
      return { words: 'waiting for the hub to store it', look: 'waiting' };
    case 'stored':
      return undefined;
    case 'refused': {
      const not = { said: 'not sent', edited: 'not changed', deleted: 'not deleted', reacted: 'reaction not sent' }[
        type
      ];
      const over = 'text' in post ? post.text.length - mostCharacters : 0;
      const why = over > 0 ? tooLong(over) : state.reason;
      return { words: `${not}: ${why}`, look: 'refused' };
    }
  }
}

/** `too long by 212 characters`. */
export function tooLong(over: number): string {
  return `too long by ${counted(over, 'character', 'characters')}`;
}

/** `4 here, 1 away`. */
export function hereWords(rows: readonly PresenceRow[]): string {
  const away = rows.filter(({ state }) => state === 'away').length;
  const here = rows.length - away;
  return [`${here} here`, ...(away === 0 ? [] : [`${away} away`])].join(', ');
}

/** `jonas is typing`; empty: nobody is. */
export function typingWords(rows: readonly PresenceRow[], me: string | undefined, hubNow: number): string {
  const names = rows
    .filter(({ id, typingUntil }) => id !== me && typingUntil !== null && typingUntil > hubNow)
    .map(({ subject }) => personName(subject));
  const [one, other] = names;
  if (one === undefined) return '';
  if (other === undefined) return `${one} is typing`;
  return names.length === 2 ? `${one} and ${other} are typing` : `${names.length} people are typing`;
}

/** What a screen reader is told of messages that came since it was told last; undefined: nothing. */
export function announcement(came: readonly ChatMessage[]): string | undefined {
  const [first] = came;
  if (first === undefined) return undefined;
  if (came.length > 1) return `${came.length} new messages`;
  const text = first.text.length > 160 ? `${first.text.slice(0, 160)}…` : first.text;
  return `${senderWords(first.from.subject, first.from.kind)}: ${text}`;
}

/** Who speaks, where nothing but text is shown: `agent web-1`, `ada`. */
export function senderWords(name: string, kind: SenderKind | undefined): string {
  return kind === 'agent' ? `agent ${personName(name)}` : personName(name);
}

/** Why a message that somebody wanted to go to is not shown. */
export function missedWords(missed: Missed): string {
  return missed.kind === 'gone'
    ? 'That message is not in this room, or not any more.'
    : `That message was not loaded. ${missed.why}`;
}

/** A card in a few words, where it is not drawn. */
export function cardWords(card: ChatCard): string {
  switch (card.type) {
    case 'chart':
      return `chart ${card.chart} of ${chartOwner(card)}, ${spanWords(card.from, card.to)}`;
    case 'lines':
      return `${linesWords(card)} of ${personName(card.channel)}`;
    case 'run':
      return `run ${personName(card.run)}`;
  }
}

/** Whose chart it is. */
export function chartOwner({ agent, chart }: Pick<Extract<ChatCard, { type: 'chart' }>, 'agent' | 'chart'>): string {
  if (isAttemptsChart({ agent, chart })) return 'this hub';
  return agent === 'local' ? 'this machine' : personName(agent);
}

/** `3 lines`; `the first 20 of 37 lines`, since a message carries no more. */
export function linesWords({ lines, of }: Extract<ChatCard, { type: 'lines' }>): string {
  const all = counted(of ?? lines.length, 'line', 'lines');
  return of === undefined || of <= lines.length ? all : `the first ${lines.length} of ${all}`;
}

/** What a message says that only points: a hub takes none without words, and plain clients see these alone. */
export function shareWords(card: ChatCard): string {
  switch (card.type) {
    case 'chart':
      return isAttemptsChart(card) ? 'shares the attempts to connect' : `shares a chart of ${card.agent}`;
    case 'lines':
      return `shares ${linesWords(card)}`;
    case 'run':
      return 'shares a run';
  }
}

/** `13:59–14:02`. */
export function spanWords(from: number, to: number): string {
  return `${clockMinute(from)}–${clockMinute(to)}`;
}

/** The first words of a message, on one line, for an answer to it. */
export function quoteWords({ text, deleted, card }: ChatMessage): string {
  if (deleted !== null) return 'deleted';
  if (text.trim() === '' && card !== null) return cardWords(card);
  const line = text.replaceAll(/[\s`*]+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
