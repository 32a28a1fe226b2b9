// A value that changes at most so often: for words that nobody can read ten times a second.

import { useEffect, useRef, useState } from 'react';

/**
 * The newest value, or one that is at most half as long again as `everyMs` old. All that change at one pace change in one
 * frame, so that the page is laid out once for them.
 */
export function useCalm<Value>(value: Value, everyMs: number): Value {
  const now = performance.now();
  const beat = Math.floor(now / everyMs);
  // What comes first is shown at once.
  const shown = useRef({ value, beat: Number.NaN });
  const [redrawn, redraw] = useState(0);
  if (shown.current.beat !== beat && shown.current.value !== value) shown.current = { value, beat };
  const isBehind = shown.current.value !== value;
  // What came too soon, and is not followed by anything, is shown all the same. What follows is waited for: it renders anyway.
  useEffect(() => {
    if (!isBehind) return undefined;
    const untilNextMs = everyMs - (performance.now() % everyMs);
    const timer = setTimeout(() => redraw((count) => count + 1), untilNextMs + everyMs / 2);
    return () => clearTimeout(timer);
  }, [isBehind, everyMs, redrawn]);
  return shown.current.value;
}
