// The thread: our sign of freshness. Its shape is the state, colour only repeats it. Decorative: words stand beside it.

import type { ReactElement, ReactNode } from 'react';
import styles from './thread.module.css';

export type ThreadState =
  'live' | 'late' | 'stale' | 'gap' | 'catching' | 'paused' | 'reconnecting' | 'offline' | 'refused' | 'ended' | 'none';

const filled = <circle cx="3" cy="6" r="2.1" fill="currentColor" stroke="none" />;
const hollow = <circle cx="3" cy="6" r="2.1" strokeWidth="1.3" />;
const path = (d: string, more: { readonly width?: number; readonly dash?: string; readonly square?: boolean } = {}) => (
  <path d={d} strokeWidth={more.width} strokeDasharray={more.dash} strokeLinecap={more.square ? 'butt' : undefined} />
);
const streaming = (length: number): ReactNode => drawn(filled, path(`M5 6H${length}`));
const drawn = (...parts: readonly ReactNode[]): ReactNode => parts.map((part, index) => <g key={index}>{part}</g>);

const short: Readonly<Record<ThreadState, ReactNode>> = {
  live: streaming(25),
  late: drawn(filled, path('M5 6C8 6 8.5 3 11.5 3S15 9 18 9S21 4.5 25 5.5')),
  stale: drawn(filled, path('M5 6C10 6 12 7 13 9.5S13.5 13 13.5 14')),
  gap: drawn(filled, path('M5 6H10M18 6H25'), path('M12.2 8.5l1.2-5M14.9 8.5l1.2-5', { width: 1.1 })),
  catching: drawn(filled, path('M5 6H13M15 2.5L18.5 6L15 9.5M20.5 2.5L24 6L20.5 9.5')),
  reconnecting: drawn(hollow, path('M5.5 6C8 6 8.5 3 11.5 3S15 9 18 9S21 4.5 25 5.5', { dash: '2.2 2.6' })),
  offline: drawn(hollow, path('M5.2 6.6C9 7 10.5 8.5 11 10.5S11 13 11 14')),
  refused: drawn(filled, path('M5 6H17'), path('M19.5 .8V11.2', { width: 2.4, square: true })),
  ended: drawn(hollow, path('M5.2 6H16'), path('M16.6 3.4h5.2v5.2h-5.2z', { width: 1.3 })),
  paused: drawn(filled, path('M5 6H14'), path('M18 2.4v7.2M22.4 2.4v7.2', { width: 2, square: true })),
  none: drawn(hollow, path('M8 6h.01M12 6h.01M16 6h.01M20 6h.01M24 6h.01', { width: 1.8 })),
};

const long: Partial<Record<ThreadState, ReactNode>> = {
  live: streaming(45),
  late: drawn(filled, path('M5 6C10 6 11 2.2 16 2.2S23.5 9.8 29 9.8S36 3.4 40 4S44 6 45 6')),
  stale: drawn(filled, path('M5 6C15 6 22 7.6 24.5 14')),
  reconnecting: drawn(hollow, path('M5.6 6C10 6 11 2.2 16 2.2S23.5 9.8 29 9.8S36 3.4 40 4S44 6 45 6', { dash: '3 3' })),
  offline: drawn(hollow, path('M5.2 6.6C15 7 22 8.2 24.5 14')),
  refused: drawn(filled, path('M5 6H37'), path('M40 0V12', { width: 2.6, square: true })),
  ended: drawn(hollow, path('M5.2 6H34'), path('M35 3h6v6h-6z', { width: 1.4 })),
  catching: drawn(filled, path('M5 6H25M27 2.5L30.5 6L27 9.5M33 2.5L36.5 6L33 9.5M39 2.5L42.5 6L39 9.5')),
  none: drawn(hollow, path('M9 6h.01M14 6h.01M19 6h.01M24 6h.01M29 6h.01M34 6h.01M39 6h.01M44 6h.01', { width: 1.8 })),
  gap: drawn(filled, path('M5 6H18M30 6H45'), path('M21.5 9l1.6-6M25 9l1.6-6', { width: 1.2 })),
  paused: drawn(filled, path('M5 6H32'), path('M37 2v8M42 2v8', { width: 2.2, square: true })),
};

/** `small` in tiles and rows, where a live thread is ink; `wide` in the pill, the only one that is green and moves. */
export function Thread({
  state,
  size = 'normal',
}: {
  readonly state: ThreadState;
  readonly size?: 'small' | 'normal' | 'wide';
}): ReactElement {
  const width = size === 'wide' ? 46 : 26;
  return (
    <span className={styles.thread} data-state={state} data-size={size} aria-hidden="true">
      <svg
        viewBox={`0 0 ${width} 12`}
        preserveAspectRatio="xMinYMid meet"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
      >
        {(size === 'wide' ? long[state] : undefined) ?? short[state]}
      </svg>
      {state === 'live' && size !== 'small' ? (
        <span className={styles.stream}>
          <span className={styles.pulse} />
        </span>
      ) : null}
    </span>
  );
}
