// The canvas of a chart: made once per set of lines, then only fed; while it is out of sight nothing is drawn.

import { useEffect, useRef, type ReactElement } from 'react';
import { clock } from '../../words/time.ts';
import { useWidth } from '../use-width.ts';
import { type Drawing, whenSeen } from '../when-seen.ts';
import { nearestIndex } from './chart-columns.ts';
import styles from './chart.module.css';
import { useCrosshair } from './crosshair.ts';
import { onThemeChange } from './palette.ts';
import { createPlot, type Plot, type PlotState } from './plot.ts';

export interface CanvasProps extends PlotState {
  /** In CSS pixels. Default 150. */
  readonly height?: number;
}

export function Canvas({ height = 150, ...state }: CanvasProps): ReactElement {
  const [box, width] = useWidth();
  const [crosshair, time] = useCrosshair();
  const plot = useRef<Plot>(undefined);
  const latest = useRef(state);
  const drawing = useRef<Drawing>(undefined);
  latest.current = state;
  const size = useRef({ width, height });
  size.current = { width, height };
  const shape = `${state.columns.lines.map(({ name }) => name).join(' ')} ${state.columns.band?.name ?? ''}`;
  const hasWidth = width > 0;

  useEffect(() => {
    const element = box.current;
    if (element === null || !hasWidth) return undefined;
    let isFaded = false;
    let shown = size.current;
    const drawn = whenSeen(element, () => {
      const made = plot.current;
      if (made === undefined) {
        plot.current = createPlot(element, size.current, latest.current, (at) => crosshair.set(at));
      } else {
        const { width: wide, height: high } = size.current;
        if (wide !== shown.width || high !== shown.height) made.resize(size.current);
        if (isFaded) made.recolour();
        made.update(latest.current);
      }
      shown = size.current;
      isFaded = false;
    });
    drawing.current = drawn;
    drawn.ask();
    const recolour = (): void => {
      isFaded = true;
      drawn.ask();
    };
    const endTheme = onThemeChange(() => requestAnimationFrame(recolour));
    void document.fonts?.ready.then(recolour);
    return () => {
      drawn.end();
      endTheme();
      drawing.current = undefined;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [box, crosshair, hasWidth, shape, height]);

  useEffect(() => {
    if (width > 0) drawing.current?.ask();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the state is new in every render, what it holds is not
  }, [width, height, state.columns, state.holes, state.span, state.end]);
  const nearest = time === undefined ? undefined : nearestIndex(state.columns, time);
  const at = nearest === undefined ? undefined : state.columns.times[nearest];
  const pointed = useRef<number>(undefined);
  useEffect(() => {
    // Where nobody points there is nothing to move along with the lines.
    if (at !== undefined || pointed.current !== undefined) plot.current?.point(at);
    pointed.current = at;
  }, [at, state.columns, state.span]);

  const share = at === undefined ? undefined : (at - state.span.from) / (state.span.to - state.span.from);
  return (
    <div className={styles.canvas} style={{ height }} ref={box}>
      {at === undefined || share === undefined || share < 0 || share > 1 ? null : (
        <span
          className={styles.at}
          style={{ left: Math.min(width - 30, 46 + share * (width - 56)) }}
          aria-hidden="true"
        >
          {clock(at)}
        </span>
      )}
    </div>
  );
}
