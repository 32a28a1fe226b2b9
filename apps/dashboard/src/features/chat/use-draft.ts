// What somebody has begun to write in a room, as it stands in the field and, under their name, in this browser. And the
// card that goes with their next message, in whichever room.

import type { ChatCard } from '@telltale/hub/api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isBegun, type Draft } from '../../live/chat/drafts.ts';
import { useChat } from '../../live/chat/use-chat.ts';
import { dropCard, isShared, restoreCard, useChatSide } from './chat-side.ts';

export interface Begun {
  readonly draft: Draft;
  /** The draft of now, for whoever was made for an earlier one. */
  readonly latest: () => Draft;
  readonly put: (draft: Draft) => void;
  /** False: the browser would not take it, so that a reload loses it. */
  readonly isKept: boolean;
}

const nothing: Draft = { text: '' };

export function useDraft(room: string): Begun {
  const { drafts } = useChat();
  const [draft, setDraft] = useState<Draft>(() => drafts.get(room) ?? nothing);
  const [isKept, setKept] = useState(true);
  const newest = useRef(draft);
  const latest = useCallback(() => newest.current, []);
  const put = useCallback(
    (next: Draft): void => {
      newest.current = next;
      setDraft(next);
      setKept(drafts.set(room, next));
    },
    [drafts, room],
  );
  useEffect(() => {
    let isHere = true;
    void drafts.adopt(room).then((left) => {
      // Or it came between the drawing and this. What is typed meanwhile goes first, also where it could not be kept.
      const begun = left ?? drafts.get(room);
      if (isHere && begun !== undefined && !isBegun(latest())) put(begun);
    });
    return () => {
      isHere = false;
    };
  }, [drafts, room, latest, put]);
  return { draft, latest, put, isKept };
}

/** No room is called so. */
const cardName = 'shared/';

export interface SharedCard {
  readonly card: ChatCard | undefined;
  readonly drop: () => void;
}

export function useSharedCard(): SharedCard {
  const { drafts, me } = useChat();
  const { card } = useChatSide();
  const kept = useRef<ChatCard>(undefined);
  useEffect(() => {
    if (me === undefined || card === undefined || card === kept.current) return;
    // Dropped since this was drawn: it was of the person before.
    if (!isShared(card)) return;
    kept.current = card;
    drafts.set(cardName, { text: '', card });
  }, [drafts, me, card]);
  useEffect(() => {
    if (me === undefined) return undefined;
    let isHere = true;
    const restore = (draft: Draft | undefined): void => {
      if (isHere && draft?.card !== undefined) restoreCard(draft.card);
    };
    restore(drafts.get(cardName));
    void drafts.adopt(cardName).then(restore);
    return () => {
      isHere = false;
    };
  }, [drafts, me]);
  const drop = useCallback((): void => {
    kept.current = undefined;
    drafts.set(cardName, undefined);
    dropCard();
  }, [drafts]);
  return { card, drop };
}
