// The tape: a scale with the zones where caution and warning begin, and a needle. Left out where no limit exists.

import type { ReactElement } from 'react';
import styles from './tape.module.css';

const ticks = Array.from({ length: 21 }, (_, index) => index);

export function Tape({
  value,
  max,
  warn,
  crit,
  stale,
}: {
  readonly value: number | undefined;
  readonly max: number;
  readonly warn: number;
  readonly crit: number;
  readonly stale: boolean;
}): ReactElement {
  const at = (part: number): string => `${Math.min(100, (part / max) * 100).toFixed(1)}%`;
  return (
    <div className={styles.tape} aria-hidden="true">
      <svg>
        {ticks.map((tick) => (
          <line
            key={tick}
            x1={`${tick * 5}%`}
            x2={`${tick * 5}%`}
            y1={tick % 5 === 0 ? 1 : 4}
            y2="7"
            stroke={tick % 5 === 0 ? 'var(--ink-3)' : 'var(--line)'}
          />
        ))}
        <line x1="0" x2="100%" y1="7.5" y2="7.5" stroke="var(--line)" />
        <line x1={at(warn)} x2={at(crit)} y1="8" y2="8" stroke="var(--warn-mark)" strokeWidth="2" />
        <line x1={at(crit)} x2="100%" y1="8" y2="8" stroke="var(--crit-mark)" strokeWidth="2" />
        {value === undefined ? null : (
          <>
            <line
              x1="0"
              x2={at(value)}
              y1="7.5"
              y2="7.5"
              stroke={stale ? 'var(--stale-mark)' : 'var(--ink-2)'}
              strokeWidth="2"
            />
            <svg x={at(value)} overflow="visible">
              <path d="M0 6.6L-3.6 -.6H3.6Z" fill={stale ? 'var(--stale-mark)' : 'var(--ink)'} />
            </svg>
          </>
        )}
      </svg>
    </div>
  );
}
