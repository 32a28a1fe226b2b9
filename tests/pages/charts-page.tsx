// The page of reading-cost.test.ts: twenty-four of the dashboard's charts, each of a machine of its own, fed by the
// dashboard's live layer. Built for production as the dashboard is; what the test reads is `window.told`.

/// <reference types="vite/client" />

import '../../apps/dashboard/src/ui/tokens.css';
import '../../apps/dashboard/src/ui/base.css';
import { useEffect, useMemo, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import {
  columnsOf,
  figure,
  summaryOf,
  type ChartDefinition,
} from '../../apps/dashboard/src/features/machine/charts-model.ts';
import { PauseProvider } from '../../apps/dashboard/src/features/machine/pause.tsx';
import { sampleReader } from '../../apps/dashboard/src/features/machine/sample-columns.ts';
import { useMachine } from '../../apps/dashboard/src/features/machine/use-machine.ts';
import { LiveProvider } from '../../apps/dashboard/src/live/live.tsx';
import { Chart } from '../../apps/dashboard/src/ui/chart/chart.tsx';
import { useCalm } from '../../apps/dashboard/src/ui/use-calm.ts';
import { charts, rangeMs } from './charts-size.ts';
import { paintedBeside } from './strip-beside.ts';

export interface ChartsTold {
  /** Drawings of any canvas that is shown. */
  drawings: number;
  /** Points of the first chart, and lines of all. */
  points: number;
  lines: number;
}

const told: ChartsTold = { drawings: 0, points: 0, lines: 0 };
Object.assign(window, { told, paintedBeside });
const { clearRect } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.clearRect = function (...place) {
  if (this.canvas.isConnected) told.drawings++;
  return clearRect.apply(this, place);
};

const definition: ChartDefinition = {
  id: 'four',
  title: 'Four lines',
  lines: [
    { name: 'cpu', value: ({ cpu }) => cpu.total },
    { name: '1 min', value: ({ cpu }) => cpu.load[0] },
    { name: '5 min', value: ({ cpu }) => cpu.load[1] },
    { name: '15 min', value: ({ cpu }) => cpu.load[2] },
  ],
  unit: 'percent',
  least: 100,
};

function OneChart({ agent }: { readonly agent: string }): ReactElement {
  const { samples, holes, span } = useMachine({ agent, called: agent, rangeMs });
  const reader = useMemo(() => sampleReader(definition), []);
  const columns = useMemo(() => columnsOf(definition, samples, holes, span, reader), [samples, holes, span, reader]);
  const worded = useCalm(columns, 800);
  const summary = useMemo(() => summaryOf(agent, worded, holes), [agent, worded, holes]);
  useEffect(() => {
    if (agent === 'm0') Object.assign(told, { points: columns.times.length, lines: columns.lines.length * charts });
  }, [agent, columns]);
  return (
    <Chart title={agent} columns={columns} holes={holes} span={span} end="live" summary={summary} figure={figure} />
  );
}

createRoot(document.body.appendChild(document.createElement('main'))).render(
  <LiveProvider>
    <PauseProvider>
      <div style={{ display: 'grid', gridTemplateColumns: 'repeat(6, minmax(0, 1fr))', gap: 8 }}>
        {Array.from({ length: charts }, (_, index) => (
          <OneChart key={index} agent={`m${index}`} />
        ))}
      </div>
    </PauseProvider>
  </LiveProvider>,
);
