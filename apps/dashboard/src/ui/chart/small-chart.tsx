// A chart without panel and keys: a picture within a text, whose numbers are in its summary and in the chart that it leads
// to. The same canvas as every other chart.

import 'uplot/dist/uPlot.min.css';
import { useMemo, type ReactElement } from 'react';
import { Canvas } from './canvas.tsx';
import type { ChartColumns, ChartHole, ChartSpan } from './chart-columns.ts';
import styles from './chart.module.css';
import { createCrosshair, CrosshairContext } from './crosshair.ts';
import { Legend } from './legend.tsx';

/** In CSS pixels. */
const height = 92;

export function SmallChart({
  columns,
  holes,
  span,
  summary,
  figure,
}: {
  readonly columns: ChartColumns;
  readonly holes: readonly ChartHole[];
  readonly span: ChartSpan;
  /** `CPU 34 %, min 18, max 71, rising, 1 gap`. */
  readonly summary: string;
  /** A value as the legend writes it; one line needs none. */
  readonly figure: (value: number) => string;
}): ReactElement {
  // Not the page's: it shows another time.
  const crosshair = useMemo(createCrosshair, []);
  return (
    <CrosshairContext value={crosshair}>
      <div className={styles.small} role="img" aria-label={summary}>
        <Canvas columns={columns} holes={holes} span={span} end="past" height={height} />
        {columns.lines.length > 1 ? (
          <Legend columns={columns} time={undefined} figure={figure} isStale={false} />
        ) : null}
      </div>
    </CrosshairContext>
  );
}
