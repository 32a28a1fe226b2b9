// The agents in brief, for the overview: the worst five, how many there are of each, and the way to all of them.

import { useMemo, type ReactElement } from 'react';
import { Link } from '../../router/router.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { grouped, milliseconds, missing } from '../../words/units.ts';
import { clock } from '../../words/time.ts';
import { AgentName, State } from './agent-cells.tsx';
import { summaryOf } from './agent-filter.ts';
import { ordered, worstFirst } from './agent-order.ts';
import type { AgentView } from './agent-view.ts';
import styles from './agents-panel.module.css';
import { useAgents } from './use-agents.ts';

const shown = 5;

const columns: readonly Column<AgentView>[] = [
  { id: 'agent', title: 'Agent', isName: true, cell: (view) => <AgentName view={view} /> },
  { id: 'state', title: 'State', narrow: 'shrink', cell: (view) => <State view={view} isShort /> },
  { id: 'cpu', title: 'CPU', align: 'right', narrow: 'hide', cell: (view) => <Share value={view.cpu} view={view} /> },
  {
    id: 'memory',
    title: 'Memory',
    align: 'right',
    narrow: 'hide',
    cell: (view) => <Share value={view.memory} view={view} />,
  },
  {
    id: 'trip',
    title: 'Line',
    align: 'right',
    cell: ({ roundTripMs }) => (roundTripMs === null ? missing : milliseconds(roundTripMs)),
  },
];

function Share({ value, view }: { readonly value: number | null; readonly view: AgentView }): ReactElement {
  return (
    <span className={styles.value} data-stale={view.isStale}>
      {value === null ? missing : `${grouped(value)} %`}
    </span>
  );
}

export function AgentsPanel(): ReactElement {
  const { views, moment, isRead, rows } = useAgents();
  const worst = useMemo(() => ordered(views, worstFirst).slice(0, shown), [views]);
  const note = moment.isUp ? summaryOf(views) : `as of ${clock(moment.heardAt)}`;
  return (
    <Panel
      title="Agents"
      note={rows.length === 0 ? undefined : note}
      ruled
      tools={
        <Link to="/agents" className={styles.all}>
          {rows.length > 1 || !isRead ? 'All agents' : 'Add one'}
        </Link>
      }
    >
      {worst.length === 0 ? (
        <PanelText>{isRead ? 'None has been enrolled' : 'no data yet'}</PanelText>
      ) : (
        <Table
          caption="Agents, worst first"
          columns={columns}
          rows={worst}
          keyOf={({ key }) => key}
          stale={!moment.isUp}
        />
      )}
    </Panel>
  );
}
