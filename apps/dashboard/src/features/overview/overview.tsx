// The overview of this machine: lamps, tiles, charts, tables. What needs a person comes first.

import { hasScope } from '@telltale/protocol';
import type { ReactElement } from 'react';
import { useRole, useSession } from '../../session/use-session.ts';
import { Lamps } from '../../ui/lamps.tsx';
import { Notice } from '../../ui/notice.tsx';
import { AgentsPanel } from '../agents/agents-panel.tsx';
import { Charts } from '../machine/charts.tsx';
import { Disks } from '../machine/disks.tsx';
import { useMachineTools } from '../machine/machine-tools.tsx';
import { Processes } from '../machine/processes.tsx';
import { MachineTiles } from '../machine/tiles.tsx';
import { useMachine } from '../machine/use-machine.ts';
import { NarrowTools } from '../shell/narrow-tools.tsx';
import { PageFrame } from '../shell/shell.tsx';
import { Delivery } from './delivery.tsx';
import styles from './overview.module.css';
import { Sessions } from './sessions.tsx';
import { useLamps } from './use-lamps.ts';

export function Overview(): ReactElement {
  const { tools, rangeMs } = useMachineTools();
  const machine = useMachine({ agent: 'local', called: 'this machine', rangeMs });
  const { lamps } = useLamps();
  const role = useRole();
  const { state: session } = useSession();
  const mayOperate = role !== undefined && hasScope({ scope: role }, 'operator');
  const problem = session.kind === 'anonymous' ? session.problem : undefined;
  const { denied } = machine;
  return (
    <PageFrame title="Overview" sub="This machine" tools={tools}>
      {problem === undefined ? null : (
        <Notice kind="refused" title="The one-time link did not work">
          {problem}
        </Notice>
      )}
      {denied === undefined ? null : (
        <Notice kind="refused" title={`Refused: no right to this machine’s samples, ${denied.code}`}>
          {denied.reason}
        </Notice>
      )}
      <Lamps lamps={lamps} label="Lamps" />
      <MachineTiles machine={machine} />
      <NarrowTools>{tools}</NarrowTools>
      <Charts machine={machine} />
      <div className={styles.lower}>
        <div className={styles.stack}>
          <AgentsPanel />
          {mayOperate ? <Sessions /> : null}
          <Delivery machine={machine} />
        </div>
        <div className={styles.stack}>
          <Processes machine={machine} />
          <Disks machine={machine} />
        </div>
      </div>
    </PageFrame>
  );
}
