// A run in a message, as it stands now.

import { useQuery } from '@tanstack/react-query';
import type { RunRow, RunSnapshot } from '@telltale/hub/api';
import { useCallback, type ReactElement } from 'react';
import { useHubNow, useLine, useOfRows } from '../../../live/live.tsx';
import { Link } from '../../../router/router.tsx';
import { ApiFailure } from '../../../session/api.ts';
import { useSession } from '../../../session/use-session.ts';
import { personName, shownName } from '../../../words/name.ts';
import { RunState } from '../../runs/run-state.tsx';
import { isUnderWay, runPath, saidOf, took } from '../../runs/run-words.ts';
import styles from './cards.module.css';

export function RunCard({ run }: { readonly run: string }): ReactElement {
  const { session, state } = useSession();
  const line = useLine();
  const tick = useHubNow(1_000);
  const now = line.isUp ? tick : (line.heardAt ?? tick);
  const find = useCallback((rows: readonly RunRow[]) => rows.find((one) => one.run === run), [run]);
  const listed = useOfRows<RunRow, RunRow | undefined>('runs', find);
  const asked = useQuery({
    queryKey: ['run', run, state.kind],
    queryFn: ({ signal }) => session.call<RunSnapshot>(`/api/runs/${encodeURIComponent(run)}`, { signal }),
    enabled: listed === undefined,
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
  });
  const row = listed ?? asked.data?.row;
  if (row === undefined) {
    const isGone = asked.error instanceof ApiFailure && [4404, 4403].includes(asked.error.code);
    return (
      <p className={styles.words}>
        {isGone ? 'This run is not kept any more, or you may not see it.' : `run ${personName(run)}`}
      </p>
    );
  }
  return (
    <Link to={runPath(run)} className={styles.card}>
      <span className={styles.cap}>
        <b>
          <bdi>{shownName(row.name)}</bdi>
        </b>
        <span className={styles.state}>
          <RunState said={saidOf(row, now, line.isUp)} />
        </span>
        <span className={styles.end}>
          {took((row.endedAt ?? (isUnderWay(row) ? now : row.startedAt)) - row.startedAt)}
        </span>
      </span>
    </Link>
  );
}
