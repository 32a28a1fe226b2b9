// The strip at the head of one thing's page: a few facts side by side, one instrument with dividers; on a phone in two
// columns. A fact that has a bar at its foot, such as progress, is drawn by who uses it.

import type { ReactElement, ReactNode } from 'react';
import styles from './strip.module.css';

export function Strip({
  label,
  children,
  foot,
}: {
  readonly label: string;
  readonly children: ReactNode;
  /** At the lower edge, over the full width: a bar of progress. */
  readonly foot?: ReactNode;
}): ReactElement {
  return (
    <section className={styles.strip} aria-label={label}>
      <dl>{children}</dl>
      {foot}
    </section>
  );
}

export function Fact({
  name,
  children,
  isWide = false,
  isStale = false,
}: {
  readonly name: string;
  readonly children: ReactNode;
  /** Takes what is left over, and on a phone a row of its own. */
  readonly isWide?: boolean;
  /** True some time ago. */
  readonly isStale?: boolean;
}): ReactElement {
  return (
    <div className={styles.fact} data-wide={isWide} data-stale={isStale}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
