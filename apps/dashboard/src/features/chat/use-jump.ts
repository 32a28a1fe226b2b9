// Goes to a message of the room, also one far back, and says where that did not work.

import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import type { Missed, RoomLog } from '../../live/chat/room-log.ts';

/** The message that was gone to, marked for a while. */
export interface Shown {
  readonly key: string;
  /** It was in view already: nothing is scrolled. */
  readonly isInSight: boolean;
}

export interface Jump {
  readonly shown: Shown | undefined;
  /** Why a message is not shown. */
  readonly missed: (Missed & { readonly offset: number }) | undefined;
  readonly forget: () => void;
  readonly to: (offset: number) => void;
}

/** How long it is marked, in milliseconds. */
const markedMs = 2_500;

export function useJump(box: RefObject<HTMLElement | null>, log: RoomLog, pause: () => void): Jump {
  const [shown, setShown] = useState<Shown>();
  const [missed, setMissed] = useState<Jump['missed']>();
  const isOnItsWay = useRef(false);
  const to = useCallback(
    (offset: number): void => {
      if (isOnItsWay.current) return;
      const key = String(offset);
      setMissed(undefined);
      // Nothing to scroll: what comes is followed as before.
      if (isInSight(box.current, key)) {
        setShown({ key, isInSight: true });
        return;
      }
      isOnItsWay.current = true;
      pause();
      void log.openTo(offset).then((opened) => {
        isOnItsWay.current = false;
        if (opened.kind === 'here') setShown({ key, isInSight: false });
        else if (opened.kind !== 'left') setMissed({ ...opened, offset });
      });
    },
    [box, log, pause],
  );
  useEffect(() => {
    if (shown === undefined) return undefined;
    const timer = setTimeout(() => setShown(undefined), markedMs);
    return () => clearTimeout(timer);
  }, [shown]);
  return { shown, missed, forget: useCallback(() => setMissed(undefined), []), to };
}

function isInSight(box: HTMLElement | null, key: string): boolean {
  const row = box?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.getBoundingClientRect();
  if (box === null || row === undefined) return false;
  const { top, bottom } = box.getBoundingClientRect();
  return row.top >= top && row.bottom <= bottom;
}
