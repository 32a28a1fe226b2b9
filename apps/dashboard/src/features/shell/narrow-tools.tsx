// A page's tools where its bar has no room for them: in the content of a phone's page. The same that `PageFrame` is given.

import type { ReactElement, ReactNode } from 'react';
import styles from './narrow-tools.module.css';

export function NarrowTools({ children }: { readonly children: ReactNode }): ReactElement {
  return <div className={styles.tools}>{children}</div>;
}
