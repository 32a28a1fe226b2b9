// A notice in the page: what was found, then what to do. Its thread and words carry the kind, its ground repeats it.

import type { ReactElement, ReactNode } from 'react';
import { Icon } from './icon.tsx';
import { Thread } from './thread.tsx';
import styles from './notice.module.css';

export function Notice({
  kind,
  title,
  children,
}: {
  readonly kind: 'refused' | 'ended' | 'offline' | 'ok' | 'warn' | 'crit';
  readonly title: string;
  readonly children?: ReactNode;
}): ReactElement {
  return (
    <div className={styles.notice} data-kind={kind} role={kind === 'crit' || kind === 'refused' ? 'alert' : 'status'}>
      {kind === 'ok' ? (
        <Icon name="check" />
      ) : kind === 'crit' ? (
        <Icon name="octagon-alert" />
      ) : kind === 'warn' ? (
        <Icon name="triangle-alert" />
      ) : (
        <Thread state={kind} />
      )}
      <b>{title}</b>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  );
}
