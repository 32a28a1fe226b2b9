// The charts of a machine, with one crosshair, one span and one pause.

import type { Sample } from '@telltale/agent/sample';
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
import { chartsFor, columnsOf, figure, summaryOf, type ChartDefinition } from './charts-model.ts';
import styles from './machine.module.css';
import { usePause } from './pause.tsx';
import type { Machine } from './use-machine.ts';

/** How often a summary is put in words anew; a machine that reports each second is said each second. */
const summaryMs = 800;

export function Charts({ machine }: { readonly machine: Machine }): ReactElement {
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
  holes,
  span,
  end,
  missed,
}: {
  readonly agent: string;
  readonly definition: ChartDefinition;
  readonly samples: readonly Sample[];
  readonly holes: Machine['holes'];
  readonly span: ChartSpan;
  readonly end: ChartEnd;
  readonly missed: number;
}): ReactElement {
  const { pausedAt, goLive } = usePause();
  const mayShare = useMayShare();
  const columns = useMemo(() => columnsOf(definition, samples, holes, span), [definition, samples, holes, span]);
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
          ? () => shareCard({ type: 'chart', agent, chart: definition.id, from: span.from, to: span.to })
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
