// Runs as rows that open, live: of all machines on their own page, of one machine on its page.

import type { RunRow } from '@telltale/hub/api';
import { useCallback, useMemo, useRef, type ReactElement } from 'react';
import { useHubNow, useLine } from '../../live/live.tsx';
import { useMachineClock } from '../../live/runs/use-runs.ts';
import { Link, navigate } from '../../router/router.tsx';
import { Grid, type GridColumn } from '../../ui/grid/grid.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { shownName } from '../../words/name.ts';
import { grouped, missing } from '../../words/units.ts';
import { usePause } from '../machine/pause.tsx';
import { RunState } from './run-state.tsx';
import { runPath } from './run-words.ts';
import styles from './runs.module.css';
import { listed, stepWords, type RunColumn, type RunListed, type RunOrder } from './runs-model.ts';

/** What the rows say at the moment, once a second for those under way; while the page is paused, what they said then. */
export function useListed(rows: readonly RunRow[]): readonly RunListed[] {
  const line = useLine();
  const tick = useHubNow(1_000);
  const clockOf = useMachineClock();
  const { pausedAt } = usePause();
  // Without a line nobody knows whether they still run: they stand as they were when the hub was last heard.
  const now = pausedAt ?? (line.isUp ? tick : (line.heardAt ?? tick));
  const before = useRef<ReadonlyMap<string, RunListed>>(new Map());
  const { isUp } = line;
  const runs = useMemo(
    () => listed(rows, { now, machineNow: (agent) => clockOf(agent, now), isUp }, before.current),
    [rows, now, clockOf, isUp],
  );
  before.current = useMemo(() => new Map(runs.map((run) => [run.row.run, run])), [runs]);
  return runs;
}

export interface RunsGridProps {
  readonly label: string;
  /** In the order of the screen. */
  readonly runs: readonly RunListed[];
  readonly order: RunOrder;
  readonly onOrder: (order: RunOrder) => void;
  /** On the page of a machine, which is named there already. */
  readonly isOfOneAgent?: boolean;
}

export function RunsGrid({ label, runs, order, onOrder, isOfOneAgent = false }: RunsGridProps): ReactElement {
  const isPhone = useMedia(phone);
  const { isUp } = useLine();
  const columns = useMemo(() => (isOfOneAgent ? all.filter(({ id }) => id !== 'agent') : all), [isOfOneAgent]);
  const marksOf = useCallback(() => ({ 'data-stale': isUp ? undefined : 'true' }), [isUp]);
  return (
    <Grid
      label={label}
      className={isOfOneAgent ? `${styles.grid} ${styles.ofOne}` : styles.grid}
      columns={columns}
      rows={runs}
      keyOf={keyOf}
      marksOf={marksOf}
      order={order}
      onOrder={onOrder}
      onOpen={open}
      rowHeight={isPhone ? 64 : 34}
    />
  );
}

const keyOf = ({ row }: RunListed): string => row.run;
const open = ({ row }: RunListed): void => navigate(runPath(row.run));

const all: readonly GridColumn<RunListed, RunColumn>[] = [
  {
    id: 'name',
    title: 'Run',
    isName: true,
    isSortable: true,
    cell: ({ row }) => (
      <Link to={runPath(row.run)} className={styles.name} isOutOfTabOrder>
        {shownName(row.name)}
      </Link>
    ),
  },
  { id: 'state', title: 'State', isSortable: true, cell: ({ said }) => <RunState said={said} /> },
  { id: 'agent', title: 'Agent', isSortable: true, cell: ({ row }) => row.agent },
  { id: 'started', title: 'Started', align: 'right', isSortable: true, cell: ({ started }) => started },
  { id: 'took', title: 'Took', align: 'right', isSortable: true, cell: (run) => run.took },
  {
    id: 'progress',
    title: 'Progress',
    align: 'right',
    isSortable: true,
    cell: ({ progress }) => (progress === null ? missing : <Progress done={progress} />),
  },
  {
    id: 'steps',
    title: 'Steps',
    align: 'right',
    isSortable: true,
    cell: ({ row: { steps } }) => {
      const count = steps.ended + steps.running;
      return count === 0 ? missing : <span title={stepWords(steps)}>{grouped(count)}</span>;
    },
  },
];

function Progress({ done }: { readonly done: number }): ReactElement {
  const share = Math.floor(done * 100);
  return (
    <span className={styles.meter}>
      <i aria-hidden="true">
        <i style={{ transform: `scaleX(${done})` }} />
      </i>
      {grouped(share)} %
    </span>
  );
}
