// The freshness of one thing: its thread and its age in words.

import type { ReactElement } from 'react';
import { Thread } from './thread.tsx';
import styles from './fresh.module.css';

export function Fresh({
  state,
  words,
}: {
  readonly state: 'live' | 'late' | 'stale' | 'gap' | 'paused' | 'none';
  readonly words: string;
}): ReactElement {
  return (
    <span className={styles.fresh} data-state={state}>
      <Thread state={state} size="small" />
      <span>{words}</span>
    </span>
  );
}
