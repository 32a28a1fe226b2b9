// The sail beside the gate: its luff is a hairline, its telltales show the hub. Reachable: all stream. Not: all hang.

import type { ReactElement } from 'react';
import styles from './sign-in.module.css';

const rows = 11;
const width = 720;
const height = 900;

/** Where the telltale of a row is pinned. */
function pinAt(row: number): readonly [number, number] {
  const bow = Math.sin((row / (rows - 1)) * Math.PI * 0.92 + 0.12) * 108;
  return [40 + bow, height * (0.09 + (0.82 * row) / (rows - 1))];
}

const luff = Array.from({ length: 56 }, (_, step) => pinAt(-1.2 + step * 0.245).join(' ')).join('L');

export function Sail({ isReachable }: { readonly isReachable: boolean }): ReactElement {
  return (
    <svg
      className={styles.sail}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMinYMid slice"
      aria-hidden="true"
    >
      <path d={`M${luff}`} fill="none" stroke="var(--line)" />
      {Array.from({ length: rows }, (_, row) => {
        const [x, y] = pinAt(row);
        const length = width * 0.68 - Math.abs(row - 5) * 16;
        const sway = ((row * 7) % 5) - 2;
        const streaming = `C${x + length * 0.28} ${y} ${x + length * 0.4} ${y - 7 + sway} ${x + length * 0.6} ${y - 2}S${x + length * 0.86} ${y + 5 + sway} ${x + length} ${y + sway}`;
        const hanging = 'c26 0 34 5 38 18s1 20 4 34';
        return (
          <g key={row}>
            <circle cx={x} cy={y} r="3.5" fill={isReachable ? 'var(--ink-2)' : 'var(--stale-mark)'} />
            <path
              d={`M${x + 4} ${y}${isReachable ? streaming : hanging}`}
              fill="none"
              stroke="var(--edge)"
              strokeOpacity=".62"
              strokeWidth="1.75"
              strokeLinecap="round"
            />
          </g>
        );
      })}
    </svg>
  );
}
