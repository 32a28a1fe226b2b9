// The overview of this machine: lamps, tiles, charts, tables. What needs a person comes first.

import { hasScope } from '@telltale/protocol';
import type { Sample } from '@telltale/agent/sample';
import { useMemo, useState, type ReactElement } from 'react';
import { isSourceSilent } from '../../live/freshness.ts';
import { findHoles, type Hole, type HubState } from '../../live/holes.ts';
import { useHistory, useHubNow, useLine } from '../../live/live.tsx';
import { useRole, useSession } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { createCrosshair, CrosshairContext } from '../../ui/chart/crosshair.ts';
import { Icon } from '../../ui/icon.tsx';
import { Lamps } from '../../ui/lamps.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Segments } from '../../ui/segments.tsx';
import { PageFrame } from '../shell/shell.tsx';
import { Charts } from '../machine/charts.tsx';
import { Disks } from '../machine/disks.tsx';
import { rightEdge } from '../machine/right-edge.ts';
import styles from './overview.module.css';
import { useFrozen, usePause } from '../machine/pause.tsx';
import { Processes } from '../machine/processes.tsx';
import { Sessions } from './sessions.tsx';
import { MachineTiles } from '../machine/tiles.tsx';
import { useLamps } from './use-lamps.ts';

const ranges = [
  { value: '5', text: '5 min' },
  { value: '15', text: '15 min' },
] as const;

export function Overview(): ReactElement {
  const live = useHistory('local');
  const { samples, outages, denied } = useFrozen(live);
  const line = useLine();
  const isUp = useFrozen(line.isUp);
  const tick = useHubNow(1_000);
  const { pausedAt, pause, goLive } = usePause();
  const { lamps } = useLamps();
  const role = useRole();
  const { state: session } = useSession();
  const [range, setRange] = useState<'5' | '15'>('15');
  const crosshair = useMemo(createCrosshair, []);

  const now = pausedAt ?? rightEdge(samples.at(-1), tick, isUp);
  const hub: HubState = !isUp ? 'away' : isSourceSilent(samples.at(-1), line.heardAt) ? 'answers' : 'silent';
  const holes = useHoles(samples, outages, now, hub);
  const span = useMemo(() => ({ from: now - Number(range) * 60_000, to: now }), [now, range]);
  const mayOperate = role !== undefined && hasScope({ scope: role }, 'operator');
  const problem = session.kind === 'anonymous' ? session.problem : undefined;

  const tools = (
    <>
      <Segments label="Range" options={ranges} value={range} onChange={setRange} />
      {pausedAt === undefined ? (
        <Button onPress={pause}>
          <Icon name="pause" size={14} />
          Pause
        </Button>
      ) : (
        <Button onPress={goLive}>
          <Icon name="play" size={14} />
          Go live
        </Button>
      )}
    </>
  );

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
      <MachineTiles samples={samples} holes={holes} now={now} isUp={isUp} />
      <div className={styles.narrowTools}>{tools}</div>
      <CrosshairContext value={crosshair}>
        <Charts
          samples={samples}
          holes={holes}
          span={span}
          isUp={isUp}
          now={now}
          missed={pausedAt === undefined ? 0 : live.samples.filter(({ at }) => at > pausedAt).length}
        />
      </CrosshairContext>
      <div className={styles.lower}>
        <Processes asOf={samples.at(-1)?.at} />
        <div className={styles.stack}>
          {mayOperate ? <Sessions /> : null}
          <Disks sample={samples.at(-1)} isUp={isUp} />
        </div>
      </div>
    </PageFrame>
  );
}

/** The same array while nothing about the holes changed, so that charts need not be built anew. */
function useHoles(
  samples: readonly Sample[],
  outages: Parameters<typeof findHoles>[1],
  now: number,
  hub: HubState,
): readonly Hole[] {
  const found = findHoles(samples, outages, now, hub);
  const said = JSON.stringify(found);
  // The text stands for the array: equal holes are the same holes.
  return useMemo(() => JSON.parse(said) as readonly Hole[], [said]);
}
