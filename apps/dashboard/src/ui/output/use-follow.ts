// Whether an output follows its newest line, or stands still because somebody reads: scrolling up pauses, the end goes
// live again. Key L where the person has not turned it off.

import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

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
  const lastTop = useRef(0);
  const isFollowingNow = useRef(isFollowing);
  isFollowingNow.current = isFollowing;
  const pause = useCallback(() => setFollowing(false), []);
  const goLive = useCallback(() => setFollowing(true), []);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    const isAtEnd = scrollHeight - clientHeight - scrollTop <= endMargin;
    // What is appended moves the end away and never the view up: only a person does that.
    if (isFollowingNow.current && !isAtEnd && scrollTop < lastTop.current) setFollowing(false);
    else if (!isFollowingNow.current && isAtEnd && scrollTop > lastTop.current && !holdsSelection(element)) {
      setFollowing(true);
    }
    lastTop.current = scrollTop;
  }, [box]);
  useEffect(() => {
    if (shortcuts === 'none') return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'l' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (shortcuts === 'within' && !isWithin(box.current, event.target)) return;
      // Handled: whatever else stands still on this page by the same key stays as it is.
      event.preventDefault();
      setFollowing(!isFollowingNow.current);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [box, shortcuts]);
  return { isFollowing, pause, goLive, onScroll };
}

function isWithin(box: HTMLElement | null, target: EventTarget | null): boolean {
  return target instanceof Node && (box?.closest('section')?.contains(target) ?? false);
}

/** Somebody selects on to the end: what is selected must stay. */
function holdsSelection(element: HTMLElement): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
