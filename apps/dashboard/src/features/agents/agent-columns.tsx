// The columns of the list of agents. What a machine wrote reaches the page as text only.

import type { ReactElement } from 'react';
import type { GridColumn } from '../../ui/grid/grid.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Spark } from '../../ui/sparkline.tsx';
import { grouped, milliseconds, missing } from '../../words/units.ts';
import { AgentName, State } from './agent-cells.tsx';
import type { ColumnId } from './agent-order.ts';
import { historyStepMs, type AgentView } from './agent-view.ts';
import styles from './agents.module.css';
import { Decide } from './decide.tsx';
import { curveOf } from './history-curve.ts';

export type AgentColumn = GridColumn<AgentView, ColumnId | 'history'>;

const share = (value: number | null): string => (value === null ? missing : `${grouped(value)} %`);

export function columnsFor({ isAdmin }: { readonly isAdmin: boolean }): readonly AgentColumn[] {
  return [
    {
      id: 'agent',
      title: 'Agent',
      isName: true,
      isSortable: true,
      cell: (view) => <AgentName view={view} isOutOfTabOrder />,
    },
    {
      id: 'state',
      title: 'State and why',
      isSortable: true,
      cell: (view, isActive) => (
        <>
          <State view={view} />
          {view.copy === undefined ? null : (
            <>
              <span className={styles.quiet}>{view.copy}</span>
              {isAdmin ? <Decide agent={view.agent} since={view.copySince} isActive={isActive} /> : null}
            </>
          )}
        </>
      ),
    },
    { id: 'history', title: 'CPU, 15 min', cell: (view) => <History view={view} /> },
    { id: 'cpu', title: 'CPU', align: 'right', isSortable: true, cell: ({ cpu }) => share(cpu) },
    { id: 'memory', title: 'Memory', align: 'right', isSortable: true, cell: ({ memory }) => share(memory) },
    { id: 'disk', title: 'Disk', align: 'right', isSortable: true, cell: (view) => <Disk view={view} /> },
    {
      id: 'trip',
      title: 'Round trip',
      align: 'right',
      isSortable: true,
      cell: ({ roundTripMs }) => (roundTripMs === null ? missing : milliseconds(roundTripMs)),
    },
    {
      id: 'runs',
      title: 'Runs',
      align: 'right',
      isSortable: true,
      cell: ({ runs }) => (runs === null ? missing : grouped(runs)),
    },
    {
      id: 'version',
      title: 'Version',
      align: 'right',
      isSortable: true,
      cell: ({ version }) => (version === '' ? missing : version),
    },
  ];
}

function Disk({ view: { disk, diskLevel } }: { readonly view: AgentView }): ReactElement {
  return (
    <span className={styles.disk} data-level={diskLevel}>
      {diskLevel === undefined ? null : (
        <>
          <Icon name={diskLevel === 'warn' ? 'triangle-alert' : 'octagon-alert'} size={14} />
          <span className="sr">{diskLevel === 'warn' ? 'caution,' : 'warning,'}</span>
        </>
      )}
      {share(disk)}
    </span>
  );
}

const spanMs = 15 * 60_000;

function History({
  view: { history, historyAgeMs, standing, isStale },
}: {
  readonly view: AgentView;
}): ReactElement | null {
  if (history === undefined) return null;
  const { points, holes } = curveOf(history, historyStepMs);
  if (points.length === 0) return null;
  const end = isStale ? 'stale' : standing === 'late' ? 'late' : 'live';
  return <Spark points={points} holes={holes} now={historyAgeMs} spanMs={spanMs} end={end} width={96} height={20} />;
}
