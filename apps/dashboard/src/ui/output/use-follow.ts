// Whether an output follows its newest line, or stands still because somebody reads: scrolling up pauses, the end goes
// live again. Key L where the person has not turned it off.

import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';

/** Where single letters are typed to be for an output: anywhere on its page, in its own panel, nowhere. */
export type Shortcuts = 'page' | 'within' | 'none';

export interface Follow {
  readonly isFollowing: boolean;
  readonly pause: () => void;
  readonly goLive: () => void;
  /** For the element that scrolls. */
  readonly onScroll: () => void;
}

/** A view within so many CSS pixels of the end is at the end. */
const endMargin = 2;

export function useFollow(box: RefObject<HTMLElement | null>, shortcuts: Shortcuts): Follow {
  const [isFollowing, setFollowing] = useState(true);
  const last = useRef({ top: 0, height: 0 });
  const isFollowingNow = useRef(isFollowing);
  isFollowingNow.current = isFollowing;
  const touch = useTouch(box);
  const pause = useCallback(() => {
    touch.forget();
    setFollowing(false);
  }, [touch]);
  const goLive = useCallback(() => setFollowing(true), []);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const { top, height } = last.current;
    last.current = { top: scrollTop, height: scrollHeight };
    const isAtEnd = scrollHeight - clientHeight - scrollTop <= endMargin;
    // Rows that turn out lower than they were thought to be move the view up too, and nobody has scrolled.
    const isMeant = touch.isRecent() || scrollHeight === height;
    if (isFollowingNow.current && !isAtEnd && scrollTop < top && isMeant) setFollowing(false);
    // Nor does what is still on its way to the end undo a pause.
    else if (!isFollowingNow.current && isAtEnd && scrollTop > top && touch.isSince() && !holdsSelection(element))
      setFollowing(true);
  }, [box, touch]);
  useEffect(() => {
    if (shortcuts === 'none') return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'l' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (shortcuts === 'within' && !isWithin(box.current, event.target)) return;
      // Handled: whatever else stands still on this page by the same key stays as it is.
      event.preventDefault();
      if (isFollowingNow.current) pause();
      else goLive();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [box, shortcuts, pause, goLive]);
  return { isFollowing, pause, goLive, onScroll };
}

function isWithin(box: HTMLElement | null, target: EventTarget | null): boolean {
  return target instanceof Node && (box?.closest('section')?.contains(target) ?? false);
}

/** Somebody selects on to the end: what is selected must stay. */
function holdsSelection(element: HTMLElement): boolean {
  const selection = getSelection();
  const isByPointer = selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
  return isByPointer || element.querySelector('[aria-selected="true"]') !== null;
}

/** How long after a wheel, a touch or a key a movement may be theirs, in milliseconds. */
const touchMs = 500;

/** Whether somebody moves the view, as far as one can see. */
interface Touch {
  /** Just now. */
  readonly isRecent: () => boolean;
  /** At any time since it was forgotten. */
  readonly isSince: () => boolean;
  readonly forget: () => void;
}

function useTouch(box: RefObject<HTMLElement | null>): Touch {
  const touched = useRef({ at: -Infinity, isHeld: false, isSince: false });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const note = (isHeld: boolean): void => {
      touched.current = { at: performance.now(), isHeld, isSince: true };
    };
    const move = (): void => note(touched.current.isHeld);
    const hold = (): void => note(true);
    const release = (): void => {
      // Wherever on the page: only what was held here ends here.
      if (touched.current.isHeld) note(false);
    };
    const passive = { passive: true };
    for (const type of ['wheel', 'touchmove', 'keydown'] as const) element.addEventListener(type, move, passive);
    element.addEventListener('pointerdown', hold);
    addEventListener('pointerup', release);
    addEventListener('pointercancel', release);
    return () => {
      for (const type of ['wheel', 'touchmove', 'keydown'] as const) element.removeEventListener(type, move);
      element.removeEventListener('pointerdown', hold);
      removeEventListener('pointerup', release);
      removeEventListener('pointercancel', release);
    };
  }, [box]);
  return useMemo(
    () => ({
      isRecent: () => touched.current.isHeld || performance.now() - touched.current.at < touchMs,
      isSince: () => touched.current.isHeld || touched.current.isSince,
      forget() {
        touched.current = { ...touched.current, isSince: false };
      },
    }),
    [],
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
