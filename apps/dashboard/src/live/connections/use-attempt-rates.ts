// The hub's counts of attempts, second by second: the last 15 minutes at once, then live.

import { useStream } from '@telltale/client/react';
import type { AttemptRates } from '@telltale/hub/api';
import { useMemo } from 'react';

/** How much of the stream is asked for, and what the charts show. */
export const ratesSpanMs: number = 15 * 60_000;

/** A second has one item at most; a few more than are shown, so that the first bar is whole. */
const options = { since: { seconds: ratesSpanMs / 1_000 }, keep: ratesSpanMs / 1_000 + 100 } as const;

/** Oldest first. */
export function useAttemptRates(): readonly AttemptRates[] {
  const { messages } = useStream<AttemptRates>('attempts' as never, options);
  return useMemo(() => messages.map(({ data }) => data), [messages]);
}
