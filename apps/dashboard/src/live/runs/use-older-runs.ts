// All runs a page has: those of the table, live, and older ones that somebody has asked for; and how many the hub keeps.

import { useMutation, useQuery } from '@tanstack/react-query';
import type { RunPage, RunRow } from '@telltale/hub/api';
import { useMemo, useState } from 'react';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { mostHeldRuns, noHeldRuns, readOlder, together, withEnded } from './held-runs.ts';

export interface OlderRuns {
  /** The table's, and older ones as far as they were asked for. */
  readonly rows: readonly RunRow[];
  /** How many the hub keeps, by its last word; never fewer than are here. */
  readonly kept: number;
  /** `full`: there are more, and this page holds no more. */
  readonly more: 'none' | 'some' | 'full';
  /** Whether older ones are among the rows. */
  readonly isHolding: boolean;
  readonly isAsking: boolean;
  /** Why the last page did not come. */
  readonly problem: string | undefined;
  readonly showOlder: () => void;
}

/** How often the hub is asked how many it keeps, in milliseconds. */
const countedEveryMs = 60_000;
const pageRuns = 500;

/** @param agent undefined: of all machines */
export function useOlderRuns(inTable: readonly RunRow[], agent?: string): OlderRuns {
  const { session, state: who } = useSession();
  const [before, setHeld] = useState(noHeldRuns);
  const held = useMemo(() => withEnded(before, inTable), [before, inTable]);
  // While this is drawn, not after it: a row that leaves the table is never missing in between.
  if (held !== before) setHeld(held);
  const ask = async (query: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<RunPage> => {
    const parameters = new URLSearchParams({ ...(agent === undefined ? {} : { agent }), ...query });
    return await session.call<RunPage>(`/api/runs?${parameters}`, signal === undefined ? {} : { signal });
  };
  const counted = useQuery({
    queryKey: ['runs-kept', agent ?? null, who.kind],
    queryFn: async ({ signal }) => (await ask({ limit: '1' }, signal)).kept,
    enabled: who.kind === 'signed-in',
    refetchInterval: countedEveryMs,
    retry: false,
  });
  const reading = useMutation({
    mutationFn: () =>
      readOlder(held, inTable, (place) =>
        ask({ limit: String(pageRuns), ...(place === undefined ? {} : { before: place }) }),
      ),
    onSuccess: (read) => setHeld(({ rows: now }) => ({ ...read, rows: new Map([...now, ...read.rows]) })),
  });
  const rows = useMemo(() => together(inTable, held), [inTable, held]);
  const kept = Math.max(counted.data ?? 0, rows.length);
  const hasMore = held.next !== null && kept > rows.length;
  return {
    rows,
    kept,
    more: !hasMore ? 'none' : held.rows.size < mostHeldRuns ? 'some' : 'full',
    isHolding: held.rows.size > 0,
    isAsking: reading.isPending,
    problem: reading.isError ? failureWords(reading.error) : undefined,
    showOlder: () => reading.mutate(),
  };
}
