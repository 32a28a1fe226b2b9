// A value that changes at most so often: for words that nobody can read ten times a second.

import { useEffect, useRef, useState } from 'react';

/** The newest value, or one that is at most `everyMs` old. */
export function useCalm<Value>(value: Value, everyMs: number): Value {
  const shown = useRef({ value, at: -Infinity });
  const [, redraw] = useState(0);
  const now = performance.now();
  const isDue = now - shown.current.at >= everyMs;
  if (isDue && shown.current.value !== value) shown.current = { value, at: now };
  const isBehind = shown.current.value !== value;
  // What came too soon, and is not followed by anything, is shown all the same.
  useEffect(() => {
    if (!isBehind) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), everyMs);
    return () => clearTimeout(timer);
  }, [isBehind, everyMs]);
  return shown.current.value;
}
