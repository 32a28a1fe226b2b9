// The samples of a machine in a span of the past, for a component; asked for once.

import { useQuery } from '@tanstack/react-query';
import type { HistoryPage } from '@telltale/hub/api';
import { useSession } from '../session/use-session.ts';
import { findSamples, type PastSamples } from './past-samples.ts';

export type PastView =
  | { readonly kind: 'asking' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'known'; readonly past: PastSamples };

/** @param span undefined: none is asked for */
export function usePastSamples(
  agent: string,
  span: { readonly from: number; readonly to: number } | undefined,
): PastView {
  const { session, state } = useSession();
  const { data, error } = useQuery({
    queryKey: ['samples', agent, span?.from, span?.to, state.kind],
    enabled: span !== undefined,
    queryFn: ({ signal }) =>
      findSamples(
        (before, limit) =>
          session.call<HistoryPage>(
            `/api/channels/metrics/${encodeURIComponent(agent)}/messages?limit=${limit}${
              before === undefined ? '' : `&before=${before.epoch}:${before.offset}`
            }`,
            { signal },
          ),
        span?.from ?? 0,
        span?.to ?? 0,
      ),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  if (data !== undefined) return { kind: 'known', past: data };
  return error === null ? { kind: 'asking' } : { kind: 'failed', error };
}
