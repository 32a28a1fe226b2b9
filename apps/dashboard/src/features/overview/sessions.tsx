// Who is connected now, for operators, who may end a session.

import type { SessionRow } from '@telltale/hub/api';
import { useMutation } from '@tanstack/react-query';
import { useRef, type ReactElement } from 'react';
import { useHubNow, useLine, useRows } from '../../live/live.tsx';
import { failureWords } from '../../session/api.ts';
import { Link } from '../../router/router.tsx';
import { useSession } from '../../session/use-session.ts';
import { DangerButton } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { shownName } from '../../words/name.ts';
import { clock, duration } from '../../words/time.ts';
import { counted, grouped, milliseconds, missing } from '../../words/units.ts';
import styles from './overview.module.css';
import { useFrozen, usePause } from '../machine/pause.tsx';

export function Sessions(): ReactElement {
  const live = useRows<SessionRow>('sessions');
  const { rows } = useFrozen(live);
  const { isUp, state } = useLine();
  const { session } = useSession();
  const now = useHubNow(1_000);
  const { pausedAt } = usePause();
  const isHeld = !isUp || pausedAt !== undefined;
  const asOf = useFrozenWhile(isHeld, now);
  const own = state.kind === 'open' ? state.session : undefined;
  const end = useMutation({
    mutationFn: (id: string) => session.call('/api/sessions/end', { body: { session: id } }),
  });
  const behind = rows.filter((row) => row.behind > 0).length;
  const note = isHeld
    ? `as of ${clock(asOf)}`
    : `${counted(rows.length, 'session', 'sessions')}, ${grouped(behind)} behind`;

  const columns: readonly Column<SessionRow>[] = [
    {
      id: 'who',
      title: 'Who',
      isName: true,
      sortBy: ({ user }) => user,
      cell: ({ user, kind, session: id }) => (
        <span title={user}>
          {user}{' '}
          <span className={styles.quiet}>
            {id === own ? 'this page' : kind === 'user' || kind === user ? '' : kind}
          </span>
        </span>
      ),
    },
    { id: 'from', title: 'From', cell: ({ address }) => address, narrow: 'hide', sortBy: ({ address }) => address },
    { id: 'path', title: 'Endpoint', cell: ({ path }) => path, narrow: 'hide' },
    {
      id: 'since',
      title: 'Since',
      align: 'right',
      sortBy: ({ since }) => asOf - since,
      cell: ({ since }) => duration(Math.max(asOf - since, 1_000)),
    },
    {
      id: 'trip',
      title: 'Round trip',
      align: 'right',
      narrow: 'hide',
      sortBy: ({ roundTripMs }) => roundTripMs ?? -1,
      cell: ({ roundTripMs }) => (roundTripMs === null ? missing : milliseconds(roundTripMs)),
    },
    {
      id: 'behind',
      title: 'Behind',
      align: 'right',
      narrow: 'hide',
      sortBy: (row) => row.behind,
      cell: (row) => grouped(row.behind),
    },
    {
      id: 'end',
      title: 'End',
      align: 'right',
      quiet: true,
      cell: ({ session: id, user }) =>
        id === own ? null : (
          <DangerButton
            armedText="Press again to end"
            label={`End session of ${shownName(user)}`}
            isDisabled={!isUp || (end.isPending && end.variables === id)}
            onPress={() => end.mutate(id)}
          >
            End
          </DangerButton>
        ),
    },
  ];
  return (
    <Panel
      title="Sessions"
      note={note}
      ruled
      id="sessions"
      tools={
        <Link to="/connections" className={styles.all}>
          All connections
        </Link>
      }
    >
      {end.isError ? (
        <Notice kind="crit" title="The session was not ended">
          {failureWords(end.error)}
        </Notice>
      ) : null}
      {rows.length === 0 ? (
        <PanelText>no data yet</PanelText>
      ) : (
        <Table
          caption="Sessions connected now"
          columns={columns}
          rows={rows}
          keyOf={({ session: id }) => id}
          initialOrder={{ column: 'behind', direction: 'descending' }}
          stale={!isUp}
          isCurrent={({ session: id }) => id === own}
        />
      )}
    </Panel>
  );
}

/** A time that stands still while `isHeld`. */
function useFrozenWhile(isHeld: boolean, now: number): number {
  const held = useRef(now);
  if (!isHeld) held.current = now;
  return held.current;
}
