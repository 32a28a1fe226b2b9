// The hub's counts of attempts, second by second: the last hour at once, then live.

import { useStream } from '@telltale/client/react';
import type { AttemptRates } from '@telltale/hub/api';
import { useMemo } from 'react';

/** How much of them the charts show. */
export const ratesSpanMs: number = 15 * 60_000;
/** How much of the stream is asked for: a storm is told whole, also where it fills all that is shown. */
export const knownSpanMs: number = 60 * 60_000;

/** A second has one item at most; a few more, so that the first bar is whole. */
const options = { since: { seconds: knownSpanMs / 1_000 }, keep: knownSpanMs / 1_000 + 100 } as const;

/** Oldest first. */
export function useAttemptRates(): readonly AttemptRates[] {
  const { messages } = useStream<AttemptRates>('attempts' as never, options);
  return useMemo(() => messages.map(({ data }) => data), [messages]);
}
