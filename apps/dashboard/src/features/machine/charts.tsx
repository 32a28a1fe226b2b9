// The charts of a machine, with one crosshair, one span and one pause.

import type { Sample } from '@telltale/agent/sample';
import type { ChartPicture } from '@telltale/hub/api';
import { useMemo, type ReactElement } from 'react';
import { useMayShare } from '../chat/use-may-share.ts';
import { freshnessOf } from '../../live/freshness.ts';
import { Button } from '../../ui/button.tsx';
import { Chart } from '../../ui/chart/chart.tsx';
import { createCrosshair, CrosshairContext } from '../../ui/chart/crosshair.ts';
import type { ChartEnd, ChartSpan } from '../../ui/chart/chart-columns.ts';
import { shareCard } from '../chat/chat-side.ts';
import { Thread } from '../../ui/thread.tsx';
import { useCalm } from '../../ui/use-calm.ts';
import { clock } from '../../words/time.ts';
import { counted } from '../../words/units.ts';
import { holesOf, pictureOf } from './chart-picture.ts';
import { chartsFor, columnsOf, figure, summaryOf, type ChartDefinition } from './charts-model.ts';
import styles from './machine.module.css';
import type { SharedPicture } from './past-words.ts';
import { sampleReader } from './sample-columns.ts';
import { usePause } from './pause.tsx';
import type { Machine } from './use-machine.ts';

/** How often a summary is put in words anew; a machine that reports each second is said each second. */
const summaryMs = 800;

export function Charts({
  machine,
  shared,
}: {
  readonly machine: Machine;
  readonly shared?: SharedPicture | undefined;
}): ReactElement {
  const { samples, holes, span, now, isUp, missed } = machine;
  const newest = samples.at(-1);
  const { kind } = freshnessOf({ at: newest?.at, intervalMs: newest?.intervalMs ?? 1_000, now, lineUp: isUp });
  const end: ChartEnd = machine.isPast ? 'past' : kind === 'late' || kind === 'stale' ? kind : 'live';
  const shown = useMemo(() => holes.filter(({ to }) => to > span.from), [holes, span]);
  const crosshair = useMemo(createCrosshair, []);
  const definitions = chartsFor(machine.agent);
  return (
    <CrosshairContext value={crosshair}>
      <div className={styles.charts} data-count={definitions.length}>
        {definitions.map((definition) => (
          <MachineChart
            key={definition.id}
            agent={machine.agent}
            definition={definition}
            samples={samples}
            holes={shown}
            span={span}
            end={end}
            missed={missed}
            picture={shared?.chart === definition.id ? shared.picture : undefined}
          />
        ))}
      </div>
    </CrosshairContext>
  );
}

function MachineChart({
  agent,
  definition,
  samples,
  holes: missing,
  span,
  end,
  missed,
  picture,
}: {
  readonly agent: string;
  readonly definition: ChartDefinition;
  readonly samples: readonly Sample[];
  readonly holes: Machine['holes'];
  readonly span: ChartSpan;
  readonly end: ChartEnd;
  readonly missed: number;
  readonly picture: ChartPicture | undefined;
}): ReactElement {
  const { pausedAt, goLive } = usePause();
  const mayShare = useMayShare();
  const holes = useMemo(() => (picture === undefined ? missing : holesOf(picture)), [picture, missing]);
  const reader = useMemo(() => sampleReader(definition), [definition]);
  const columns = useMemo(
    () => picture ?? columnsOf(definition, samples, holes, span, reader),
    [picture, definition, samples, holes, span, reader],
  );
  const told = useCalm(columns, summaryMs);
  const summary = useMemo(() => summaryOf(definition.title, told, holes), [definition, told, holes]);
  return (
    <Chart
      title={definition.title}
      columns={columns}
      holes={holes}
      span={span}
      end={end}
      summary={summary}
      figure={figure}
      onShare={
        mayShare
          ? () => {
              const { from, to } = span;
              const drawn = picture ?? pictureOf(columns, holes);
              shareCard({
                type: 'chart',
                agent,
                chart: definition.id,
                from,
                to,
                ...(drawn === undefined ? {} : { picture: drawn }),
              });
            }
          : undefined
      }
    >
      {pausedAt === undefined || end === 'past' ? null : (
        <div className={styles.paused}>
          <Thread state="paused" size="small" />
          <span>
            <b>Paused at {clock(pausedAt)}.</b> {counted(missed * columns.lines.length, 'new point', 'new points')}
          </span>
          <Button size="small" onPress={goLive}>
            Go live <kbd>L</kbd>
          </Button>
        </div>
      )}
    </Chart>
  );
}
