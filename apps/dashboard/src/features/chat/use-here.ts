// Whether the person is at this page: it is seen, has the keys, and something moved in the last minutes.

import { useEffect, useState } from 'react';

/** Without a key or a movement of the pointer for so long nobody is taken to be there, in milliseconds. */
const idleMs = 5 * 60_000;

export interface Here {
  readonly state: 'here' | 'away';
  /** The page is in front: what is on it is read. */
  readonly isReading: boolean;
}

export function useHere(): Here {
  const [here, setHere] = useState<Here>({ state: 'here', isReading: isInFront() });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isIdle = false;
    const look = (): void => {
      const next: Here = {
        state: document.hidden || isIdle ? 'away' : 'here',
        isReading: isInFront() && !isIdle,
      };
      setHere((before) => (before.state === next.state && before.isReading === next.isReading ? before : next));
    };
    const move = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        isIdle = true;
        look();
      }, idleMs);
      if (isIdle) {
        isIdle = false;
        look();
      }
    };
    const passive = { passive: true };
    const moves = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;
    for (const type of moves) addEventListener(type, move, passive);
    for (const type of ['focus', 'blur'] as const) addEventListener(type, look);
    document.addEventListener('visibilitychange', look);
    move();
    look();
    return () => {
      clearTimeout(timer);
      for (const type of moves) removeEventListener(type, move);
      for (const type of ['focus', 'blur'] as const) removeEventListener(type, look);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return here;
}

function isInFront(): boolean {
  return !document.hidden && document.hasFocus();
}
