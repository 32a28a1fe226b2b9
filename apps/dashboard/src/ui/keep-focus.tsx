// Where the keys go on when what has the focus goes: a button whose work is done, a row that is no more. A browser would
// begin anew at the top of the page.

import { useLayoutEffect, useRef, type ReactElement, type ReactNode, type RefObject } from 'react';

/** Gives the focus to what `next` finds, if it is inside of `held` when this component goes. */
export function useKeptFocus(held: RefObject<HTMLElement | null>, next: () => HTMLElement | null | undefined): void {
  const find = useRef(next);
  find.current = next;
  useLayoutEffect(() => {
    const element = held.current;
    return () => {
      // The element still stands; what comes in its place does after this.
      if (element?.contains(document.activeElement)) queueMicrotask(() => find.current()?.focus());
    };
  }, [held]);
}

/** Around what may go while it has the focus. */
export function KeepFocus({
  next,
  children,
}: {
  /** Found once it has gone. */
  readonly next: () => HTMLElement | null | undefined;
  readonly children: ReactNode;
}): ReactElement {
  const box = useRef<HTMLSpanElement>(null);
  useKeptFocus(box, next);
  return (
    <span ref={box} style={{ display: 'contents' }}>
      {children}
    </span>
  );
}
