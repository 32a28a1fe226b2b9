// A chip: a state with its thread and how many are in it; pressed, the list below shows only those.

import type { ReactElement } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { grouped } from '../words/units.ts';
import styles from './chip.module.css';
import { Thread, type ThreadState } from './thread.tsx';

export function Chip({
  text,
  count,
  thread,
  isPressed,
  onPress,
}: {
  readonly text: string;
  readonly count: number;
  readonly thread?: ThreadState;
  readonly isPressed: boolean;
  readonly onPress: () => void;
}): ReactElement {
  return (
    <ToggleButton className={styles.chip ?? ''} isSelected={isPressed} onChange={onPress} data-empty={count === 0}>
      {thread === undefined ? null : <Thread state={thread} size="small" />}
      {text} <span className={styles.count}>{grouped(count)}</span>
    </ToggleButton>
  );
}
