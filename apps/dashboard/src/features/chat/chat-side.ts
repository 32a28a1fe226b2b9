// Whether chat stands beside the page, and what waits in its field to be sent with the next message. In the first load of
// every page, so it knows nothing of rooms.

import type { ChatCard } from '@telltale/hub/api';
import { useSyncExternalStore } from 'react';
import { phone } from '../../ui/use-media.ts';
import { navigate } from '../../router/router.tsx';

export interface ChatSide {
  readonly isOpen: boolean;
  /** Shared by somebody on this page, not sent so far. */
  readonly card: ChatCard | undefined;
  /** Rises when somebody wants to write now: the field takes the keys. */
  readonly asked: number;
  /** So many posts of this person were refused, in all rooms; known once chat is loaded. */
  readonly refused: number;
}

const key = 'telltale.chat.open';
const listeners = new Set<() => void>();
let side: ChatSide = { isOpen: remembered(), card: undefined, asked: 0, refused: 0 };

function remembered(): boolean {
  try {
    return localStorage.getItem(key) === 'true';
  } catch {
    return false;
  }
}

function change(next: Partial<ChatSide>): void {
  side = { ...side, ...next };
  for (const listener of listeners) listener();
}

/** Opens or closes chat beside the page; on a phone it is a page. */
export function openChat(isOpen: boolean): void {
  if (isOpen && matchMedia(phone).matches) {
    navigate('/chat');
    return;
  }
  try {
    localStorage.setItem(key, String(isOpen));
  } catch {
    // Storage is blocked or full: it holds until the page is left.
  }
  change({ isOpen, asked: isOpen ? side.asked + 1 : side.asked });
}

/** The field of the room that is open, or is about to be, takes the keys. */
export function askField(): void {
  change({ asked: side.asked + 1 });
}

/** Puts something into the field of the room that is open; it is sent with the next message. */
export function shareCard(card: ChatCard): void {
  change({ card, asked: side.asked + 1 });
  if (!location.pathname.startsWith('/chat/')) openChat(true);
}

/** Puts back what somebody had shared before; what they share now goes first. */
export function restoreCard(card: ChatCard): void {
  if (side.card === undefined) change({ card });
}

/** Whether it is what waits in the field now. */
export function isShared(card: ChatCard): boolean {
  return side.card === card;
}

export function dropCard(): void {
  if (side.card !== undefined) change({ card: undefined });
}

export function tellRefused(refused: number): void {
  if (side.refused !== refused) change({ refused });
}

/** How often the field had been asked for when it took the keys. */
let taken = 0;

/** Whether somebody on the page asked for the field since it took the keys last; takes them. */
export function takeAsked(): boolean {
  const isAsked = side.asked !== taken;
  taken = side.asked;
  return isAsked;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useChatSide(): ChatSide {
  return useSyncExternalStore(subscribe, () => side);
}
