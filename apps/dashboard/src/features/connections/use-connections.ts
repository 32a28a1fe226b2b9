// What this page reads of the hub, live: who is connected, what was refused, what has ended, and how much of each second
// by second. While the page is paused, or has no line, all of it stands as it was.

import type { AttemptRates, EndingRow, RefusalRow, SessionRow } from '@telltale/hub/api';
import { useMemo } from 'react';
import { useAttemptRates } from '../../live/connections/use-attempt-rates.ts';
import { useHistory, useHubNow, useLine, useRows } from '../../live/live.tsx';
import type { ChartHole } from '../../ui/chart/chart-columns.ts';
import { useFrozen, usePause } from '../machine/pause.tsx';
import { happeningsOf, type Happening } from './happenings.ts';

export interface Connections {
  readonly sessions: readonly SessionRow[];
  readonly refusals: readonly RefusalRow[];
  readonly happenings: readonly Happening[];
  readonly rates: readonly AttemptRates[];
  /** When the hub could not be heard and does not remember: nothing is known of that time. */
  readonly holes: readonly ChartHole[];
  /** This page's own session. */
  readonly own: string | undefined;
  /** The hub's clock, or the moment at which the page stands still. */
  readonly now: number;
  /** When the hub was last heard: what is shown was true then. */
  readonly heardAt: number;
  readonly isUp: boolean;
  readonly isRead: boolean;
  readonly denied: boolean;
}

export function useConnections(): Connections {
  const sessions = useFrozen(useRows<SessionRow>('sessions'));
  const refusals = useFrozen(useRows<RefusalRow>('refusals'));
  const endings = useFrozen(useRows<EndingRow>('endings'));
  const rates = useFrozen(useAttemptRates());
  const { outages } = useFrozen(useHistory('local'));
  const line = useLine();
  const isUp = useFrozen(line.isUp);
  const tick = useHubNow(1_000);
  const { pausedAt } = usePause();
  const now = pausedAt ?? tick;
  const own = line.state.kind === 'open' ? line.state.session : undefined;
  const happenings = useMemo(
    () => happeningsOf(refusals.rows, endings.rows, sessions.rows),
    [refusals.rows, endings.rows, sessions.rows],
  );
  // What is over does not grow: then it is the same each second.
  const growsTo = outages.some(({ to }) => to === undefined) ? now : 0;
  const holes = useMemo<readonly ChartHole[]>(
    () =>
      outages
        // Where the hub went on it remembers what this page could not hear; a restart forgets.
        .filter(({ to, reason }) => to === undefined || reason === 'hub restarted')
        .map(({ from, to, reason }) => ({ from, to: to ?? growsTo, reason, open: to === undefined })),
    [outages, growsTo],
  );
  return {
    sessions: sessions.rows,
    refusals: refusals.rows,
    happenings,
    rates,
    holes,
    own,
    now,
    heardAt: Math.min(line.heardAt ?? now, now),
    isUp,
    isRead: sessions.isRead && refusals.isRead,
    denied: sessions.denied || refusals.denied,
  };
}
