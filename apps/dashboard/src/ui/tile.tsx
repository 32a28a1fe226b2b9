// A tile: name and freshness, reading and unit, curve, tape. One instrument of several, with dividers. The number
// stands in the same place in every state.

import type { ReactElement, ReactNode } from 'react';
import { Icon } from './icon.tsx';
import styles from './tile.module.css';

/** Tiles beside one another; `count` of them in one row, or in two where there is less room. */
export function Tiles({
  label,
  count,
  children,
}: {
  readonly label: string;
  readonly count: number;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className={styles.instrument} aria-label={label}>
      <div className={styles.tiles} data-count={count}>
        {children}
      </div>
    </section>
  );
}

export function Tile({
  id,
  name,
  reading,
  level,
  freshness,
  state,
  children,
}: {
  readonly id: string;
  readonly name: string;
  readonly reading: { readonly value: string; readonly unit: string } | undefined;
  readonly level?: 'warn' | 'crit' | undefined;
  readonly freshness: ReactNode;
  readonly state: 'live' | 'late' | 'stale' | 'gap' | 'paused' | 'none';
  /** Curve and tape. */
  readonly children: ReactNode;
}): ReactElement {
  const shown = level !== undefined && state !== 'stale' ? level : undefined;
  return (
    <div
      className={styles.tile}
      id={id}
      role="group"
      aria-label={name}
      data-state={state}
      data-level={shown}
      data-testid={id}
      tabIndex={-1}
    >
      <div className={styles.top}>
        <h2>{name}</h2>
        {freshness}
      </div>
      <p className={styles.read}>
        <b>{reading?.value ?? '–'}</b>
        {reading === undefined ? null : <span>{reading.unit}</span>}
        {shown === undefined ? null : (
          <span className={styles.level}>
            <Icon name={shown === 'warn' ? 'triangle-alert' : 'octagon-alert'} size={14} />
            high
          </span>
        )}
      </p>
      {children}
    </div>
  );
}
