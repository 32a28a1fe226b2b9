// Beside the name of whoever speaks: that it is a machine. A person may be called as a machine is, so that the mark tells
// them apart wherever a name stands.

import type { ChatMessage } from '@telltale/hub/api';
import type { ReactElement } from 'react';
import styles from './agent-mark.module.css';

export type SenderKind = ChatMessage['from']['kind'];

export function AgentMark({ kind }: { readonly kind: SenderKind | undefined }): ReactElement | null {
  return kind === 'agent' ? <span className={styles.mark}>agent</span> : null;
}
