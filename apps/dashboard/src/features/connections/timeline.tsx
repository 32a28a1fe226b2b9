// The thread of an attempt, pinned at each check and event. Its order is that of a list; shape and words say how each
// went, the colour repeats it.

import type { ReactElement } from 'react';
import styles from './timeline.module.css';
import type { Pin } from './timeline-model.ts';

export function Timeline({ pins }: { readonly pins: readonly Pin[] }): ReactElement {
  return (
    <ol className={styles.timeline} aria-label="What happened, in order">
      {pins.map(({ key, kind, at, what, more, end }) => (
        <li key={key} className={styles.pin} data-kind={kind}>
          <span className={styles.at}>{at}</span>
          <span className={styles.mark} aria-hidden="true" />
          <span className={styles.what}>
            {what}
            {more === undefined || more === '' ? null : <small>{more}</small>}
          </span>
          <span className={styles.end}>{end}</span>
        </li>
      ))}
    </ol>
  );
}
