// How a run stands: its shape and its words.

import type { ReactElement } from 'react';
import { Icon } from '../../ui/icon.tsx';
import { Thread } from '../../ui/thread.tsx';
import type { RunSaid } from './run-words.ts';
import styles from './runs.module.css';

export function RunState({ said: { words, look, shape } }: { readonly said: RunSaid }): ReactElement {
  return (
    <span className={styles.state} data-look={look} title={words}>
      <span className={styles.shape}>
        {'thread' in shape ? <Thread state={shape.thread} size="small" /> : <Icon name={shape.icon} size={14} />}
      </span>
      <span>{words}</span>
    </span>
  );
}
