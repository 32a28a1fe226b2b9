// A code of the table, after or before its words and never in their place. The frame repeats what the words say.

import type { ReactElement } from 'react';
import styles from './code-tag.module.css';

export function CodeTag({
  code,
  tone = 'quiet',
}: {
  readonly code: number;
  readonly tone?: 'refused' | 'late' | 'quiet';
}): ReactElement {
  return (
    <span className={styles.code} data-tone={tone}>
      {code}
    </span>
  );
}
