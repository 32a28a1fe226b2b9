// What of a message says who speaks, as it is drawn before anybody touches it.

import type { ChatMessage } from '@telltale/hub/api';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Message, type RoomContext } from './message.tsx';

const nothing = (): void => {};
const room: RoomContext = {
  name: 'general',
  me: 'ada',
  isOperator: false,
  mayWrite: true,
  isUp: true,
  lookOf: () => 'word',
  nameOf: () => undefined,
  onJump: nothing,
  onReact: nothing,
  onAnswer: nothing,
  onEdit: nothing,
  onRemove: nothing,
  onTakeBack: nothing,
  onAgain: nothing,
  onDiscard: nothing,
};

function message(offset: number, kind: 'user' | 'agent', reply: number | null = null): ChatMessage {
  const from = { id: `${kind} web-1`, subject: 'web-1', kind, name: null };
  const more = { reply, card: null, mentions: [], editedAt: null, deleted: null, reactions: {} };
  return { offset, time: offset, from, text: `text ${offset}`, ...more };
}

function shown(of: ChatMessage, quoted?: ChatMessage): string {
  const flags = { isFirst: true, isCurrent: false, isShown: false };
  const html = renderToStaticMarkup(<Message message={of} quoted={quoted} {...flags} changes={[]} room={room} />);
  return html
    .replaceAll(/<time.*?<\/time>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

it('marks a machine at its name, and where it is quoted, and no person who is called as it is', () => {
  expect(shown(message(1, 'agent'))).toBe('web-1 agent text 1');
  expect(shown(message(2, 'user', 1), message(1, 'agent'))).toBe('web-1 web-1 agent text 1 text 2');
  expect(shown(message(2, 'agent', 1), message(1, 'user'))).toBe('web-1 agent web-1 text 1 text 2');
});
