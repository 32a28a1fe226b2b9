// A panel: hairline, heading, note, tools, content; and a line of text in the place of content. Knows no domain.

import { useId, type ReactElement, type ReactNode } from 'react';
import styles from './panel.module.css';

export function Panel({
  title,
  note,
  tools,
  ruled = false,
  fills = false,
  id,
  children,
}: {
  readonly title: string;
  readonly note?: ReactNode;
  readonly tools?: ReactNode;
  /** A hairline under the heading: where a table follows. */
  readonly ruled?: boolean;
  /** As high as there is room, its content scrolls. */
  readonly fills?: boolean;
  readonly id?: string;
  readonly children: ReactNode;
}): ReactElement {
  const heading = useId();
  return (
    <section className={styles.panel} id={id} aria-labelledby={heading} data-fills={fills}>
      <header className={styles.header} data-ruled={ruled}>
        <h2 id={heading}>{title}</h2>
        {note === undefined ? null : <span className={styles.note}>{note}</span>}
        {tools === undefined ? null : <div className={styles.tools}>{tools}</div>}
      </header>
      {children}
    </section>
  );
}

/** What stands in a panel that has nothing to show: `no data yet`. */
export function PanelText({ children }: { readonly children: ReactNode }): ReactElement {
  return <p className={styles.text}>{children}</p>;
}
