// Everything the hub remembers of one attempt, asked for again while something may still come of it.

import { useQuery } from '@tanstack/react-query';
import type { AttemptRecord } from '@telltale/hub/api';
import { useLine } from '../../live/live.tsx';
import { ApiFailure, failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { isAlive } from './attempt-facts.ts';

/** How often an attempt that lives is asked for, in milliseconds. */
const everyMs = 2_000;
/** How long after a refusal its page may still ask why: the client does so within this time. */
const mayAskMs = 30_000;

export type AttemptAnswer =
  | { readonly kind: 'reading' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly why: string }
  /** `isOld`: it could not be asked for again. */
  | { readonly kind: 'known'; readonly record: AttemptRecord; readonly isOld: boolean };

export function useAttempt(attempt: string): AttemptAnswer {
  const { session } = useSession();
  const { isUp, clockOffsetMs } = useLine();
  const { data, error } = useQuery({
    queryKey: ['attempt', attempt],
    queryFn: () => session.call<AttemptRecord>(`/api/attempts/${encodeURIComponent(attempt)}`),
    retry: false,
    refetchInterval: ({ state }) => {
      if (state.data === undefined) return false;
      const ageMs = Date.now() + clockOffsetMs - state.data.at;
      return isAlive(state.data) || ageMs < mayAskMs ? everyMs : false;
    },
  });
  if (data !== undefined) return { kind: 'known', record: data, isOld: error !== null || !isUp };
  if (error === null) return { kind: 'reading' };
  if (error instanceof ApiFailure && error.status === 404) return { kind: 'unknown' };
  return { kind: 'failed', why: failureWords(error) };
}
