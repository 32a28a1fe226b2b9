// What delivery to viewers costs this hub, and how far anybody is behind: now, and at its highest in the last minutes.

import { useMemo, type ReactElement } from 'react';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { clock } from '../../words/time.ts';
import { usePause } from '../machine/pause.tsx';
import type { Machine } from '../machine/use-machine.ts';
import { deliveryRows, type DeliveryRow } from './delivery-model.ts';

const columns: readonly Column<DeliveryRow>[] = [
  { id: 'name', title: 'To viewers', isName: true, cell: ({ name }) => name },
  { id: 'now', title: 'Now', align: 'right', cell: ({ now }) => now },
  { id: 'highest', title: 'Highest, 15 min', align: 'right', cell: ({ highest }) => highest },
];

export function Delivery({ machine }: { readonly machine: Machine }): ReactElement {
  const { samples, isUp } = machine;
  const { pausedAt } = usePause();
  const rows = useMemo(() => deliveryRows(samples), [samples]);
  const newest = samples.at(-1);
  const isHeld = !isUp || pausedAt !== undefined;
  return (
    <Panel
      title="Delivery"
      note={isHeld && newest !== undefined ? `as of ${clock(newest.at)}` : 'rates are means of 10 s'}
      ruled
      id="delivery"
    >
      {rows.length === 0 ? (
        <PanelText>no data yet</PanelText>
      ) : (
        <Table
          caption="What delivery to viewers costs"
          columns={columns}
          rows={rows}
          keyOf={({ id }) => id}
          stale={!isUp}
        />
      )}
    </Panel>
  );
}
