// A message of one's own that is changed: how far that is, with a draft of its own, so that it comes back after a reload,
// and when somebody goes on with it later.

import { useCallback, useEffect, useRef, useState } from 'react';
import { useChat } from '../../live/chat/use-chat.ts';
import type { Begun } from './use-draft.ts';

export interface Changing {
  readonly offset: number;
  /** As it stands; undefined: the message is not here. */
  readonly before: string | undefined;
  readonly text: string;
}

export interface Change {
  readonly changing: Changing | undefined;
  /** @param text what was written of it already; else what its draft has, or the message as it stands */
  readonly begin: (offset: number, before: string | undefined, text?: string) => void;
  readonly write: (text: string) => void;
  /** `put aside`: its draft waits until it is begun again. */
  readonly end: (how: 'sent' | 'dropped' | 'put aside') => void;
  /** False: the browser would not take it, so that a reload loses it. */
  readonly isKept: boolean;
}

export function useChanging(room: string, { latest, put }: Pick<Begun, 'latest' | 'put'>): Change {
  const { drafts } = useChat();
  const [changing, setChanging] = useState<Changing | undefined>(() => {
    const offset = latest().changing;
    const text = offset === undefined ? undefined : drafts.get(draftOf(room, offset))?.text;
    return offset === undefined || text === undefined ? undefined : { offset, before: undefined, text };
  });
  const [isKept, setKept] = useState(true);
  const newest = useRef(changing);
  const show = useCallback((next: Changing | undefined): void => {
    newest.current = next;
    setChanging(next);
  }, []);
  const keep = useCallback(
    ({ offset, text }: Changing): void => setKept(drafts.set(draftOf(room, offset), { text })),
    [drafts, room],
  );
  const begin = useCallback(
    (offset: number, before: string | undefined, text?: string): void => {
      const name = draftOf(room, offset);
      const known = text ?? drafts.get(name)?.text;
      const next = { offset, before, text: known ?? before ?? '' };
      show(next);
      if (text !== undefined) keep(next);
      put({ ...latest(), changing: offset });
      if (known !== undefined) return;
      void drafts.adopt(name).then((left) => {
        // Somebody who types already has begun it anew.
        if (left !== undefined && newest.current === next) show({ ...next, text: left.text });
      });
    },
    [drafts, room, show, keep, put, latest],
  );
  const write = useCallback(
    (text: string): void => {
      if (newest.current === undefined) return;
      const next = { ...newest.current, text };
      show(next);
      keep(next);
    },
    [show, keep],
  );
  const end = useCallback<Change['end']>(
    (how) => {
      if (newest.current === undefined) return;
      if (how !== 'put aside') drafts.set(draftOf(room, newest.current.offset), undefined);
      show(undefined);
      const { changing: _ended, ...draft } = latest();
      put(draft);
    },
    [drafts, room, show, put, latest],
  );
  // One that a tab which is gone has left, taken over with the room's draft.
  const left = latest().changing;
  useEffect(() => {
    if (left === undefined || newest.current !== undefined) return undefined;
    const { text } = latest();
    let isHere = true;
    const name = draftOf(room, left);
    void drafts.adopt(name).then((adopted) => {
      if (!isHere || newest.current !== undefined) return;
      const begun = adopted ?? drafts.get(name);
      const { changing: pointed, ...draft } = latest();
      if (begun === undefined) {
        if (pointed === left) put(draft);
        return;
      }
      // Who types meanwhile keeps the field: it waits in its draft.
      if (draft.text === text) begin(left, undefined, begun.text);
    });
    return () => {
      isHere = false;
    };
  }, [left, drafts, room, begin, latest, put]);
  return { changing, begin, write, end, isKept };
}

/** The name of a begun change among the drafts; no room is called so. */
function draftOf(room: string, offset: number): string {
  return `edit/${room}/${offset}`;
}
