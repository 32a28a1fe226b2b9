// The disks of a machine, fullest first.

import type { Disk } from '@telltale/agent/sample';
import type { ReactElement } from 'react';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { shownName } from '../../words/name.ts';
import { clock } from '../../words/time.ts';
import { bytes, grouped, together } from '../../words/units.ts';
import styles from './machine.module.css';
import { usePause } from './pause.tsx';
import type { Machine } from './use-machine.ts';

const share = ({ used, total }: Disk): number => (total > 0 ? (used / total) * 100 : 0);

const columns: readonly Column<Disk>[] = [
  {
    id: 'mount',
    title: 'Mount',
    cell: ({ mount }) => <span title={shownName(mount)}>{shownName(mount)}</span>,
    isName: true,
    sortBy: ({ mount }) => mount,
  },
  {
    id: 'used',
    title: 'Used',
    align: 'right',
    sortBy: share,
    cell: (disk) => {
      const value = share(disk);
      const level = value >= 95 ? 'crit' : value >= 85 ? 'warn' : undefined;
      return (
        <span className={styles.meter} data-level={level}>
          <i aria-hidden="true">
            <i style={{ width: `${value}%`, height: '100%' }} />
          </i>
          {grouped(value)} %
        </span>
      );
    },
  },
  {
    id: 'free',
    title: 'Free',
    align: 'right',
    sortBy: ({ used, total }) => total - used,
    cell: ({ used, total }) => together(bytes(total - used)),
  },
  {
    id: 'size',
    title: 'Size',
    align: 'right',
    narrow: 'hide',
    sortBy: ({ total }) => total,
    cell: ({ total }) => together(bytes(total)),
  },
];

export function Disks({ machine }: { readonly machine: Machine }): ReactElement {
  const { called, samples, isUp } = machine;
  const sample = samples.at(-1);
  const { pausedAt } = usePause();
  const leftOut = sample?.disksLeftOut ?? 0;
  const notes = [
    ...((isUp && pausedAt === undefined) || sample === undefined ? [] : [`as of ${clock(sample.at)}`]),
    ...(leftOut > 0 ? [`the fullest; ${grouped(leftOut)} more left out`] : []),
  ];
  return (
    <Panel title="Disks" note={notes.length === 0 ? undefined : notes.join(', ')} ruled>
      {sample === undefined || sample.disks.length === 0 ? (
        <PanelText>no data yet</PanelText>
      ) : (
        <Table
          caption={`Disks of ${called}`}
          columns={columns}
          rows={sample.disks}
          keyOf={({ mount }) => mount}
          initialOrder={{ column: 'used', direction: 'descending' }}
          limit={8}
          stale={!isUp}
        />
      )}
    </Panel>
  );
}
