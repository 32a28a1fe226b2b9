// The processes that use most of a machine. Their names and users come from the machine: text, never markup.

import type { ProcessRow } from '@telltale/agent/sample';
import type { ReactElement } from 'react';
import { useLine, useRows } from '../../live/live.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { shownName } from '../../words/name.ts';
import { clock } from '../../words/time.ts';
import { bytes, percent, together } from '../../words/units.ts';
import { useFrozen, usePause } from './pause.tsx';
import type { Machine } from './use-machine.ts';

const columns: readonly Column<ProcessRow>[] = [
  {
    id: 'name',
    title: 'Process',
    cell: ({ name }) => <span title={shownName(name)}>{shownName(name)}</span>,
    isName: true,
    sortBy: ({ name }) => name,
  },
  { id: 'user', title: 'User', cell: ({ user }) => shownName(user), narrow: 'hide', sortBy: ({ user }) => user },
  { id: 'pid', title: 'PID', cell: ({ pid }) => pid, align: 'right', narrow: 'hide', sortBy: ({ pid }) => pid },
  { id: 'cpu', title: 'CPU', cell: ({ cpu }) => percent(cpu), align: 'right', sortBy: ({ cpu }) => cpu },
  { id: 'rss', title: 'Memory', cell: ({ rss }) => together(bytes(rss, 0)), align: 'right', sortBy: ({ rss }) => rss },
];

export function Processes({ machine }: { readonly machine: Machine }): ReactElement {
  const { agent, called, samples } = machine;
  const live = useRows<ProcessRow>(`processes/${agent}`);
  const { rows, denied } = useFrozen(live);
  const { isUp } = useLine();
  const { pausedAt } = usePause();
  const asOf = samples.at(-1)?.at;
  const note = (isUp && pausedAt === undefined) || asOf === undefined ? 'by share of one core' : `as of ${clock(asOf)}`;
  return (
    <Panel title="Top processes" note={note} ruled>
      {rows.length === 0 ? (
        <PanelText>{denied ? `Refused: no right to the processes of ${called}` : 'no data yet'}</PanelText>
      ) : (
        <Table
          caption={`Top processes of ${called}`}
          columns={columns}
          rows={rows}
          keyOf={({ pid }) => String(pid)}
          initialOrder={{ column: 'cpu', direction: 'descending' }}
          limit={8}
          stale={!isUp}
        />
      )}
    </Panel>
  );
}
