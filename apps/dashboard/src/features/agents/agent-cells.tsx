// What lists and pages of agents show alike: the name with the way to its page, and the state with its thread.

import type { ReactElement } from 'react';
import { Link } from '../../router/router.tsx';
import { Thread } from '../../ui/thread.tsx';
import styles from './agent-cells.module.css';
import type { AgentView } from './agent-view.ts';

/** The address of an agent's page. */
export function agentPath(agent: string): string {
  return `/agents/${encodeURIComponent(agent)}`;
}

/** An agent's name, and the way to its page. */
export function AgentName({
  view,
  isOutOfTabOrder = false,
}: {
  readonly view: Pick<AgentView, 'agent' | 'copy' | 'title'>;
  readonly isOutOfTabOrder?: boolean;
}): ReactElement {
  const { agent, copy, title } = view;
  const aside = copy !== undefined ? 'copy' : agent === 'local' ? 'this hub' : undefined;
  return (
    <span title={title === '' ? agent : `${agent}, ${title}`}>
      <Link to={agentPath(agent)} className={styles.name} isOutOfTabOrder={isOutOfTabOrder}>
        {agent}
      </Link>
      {aside === undefined ? null : <span className={styles.quiet}> {aside}</span>}
    </span>
  );
}

/** State and why: the thread says the same by its shape. */
export function State({
  view,
  isShort = false,
}: {
  readonly view: Pick<AgentView, 'standing' | 'thread' | 'says' | 'short' | 'isStale'>;
  readonly isShort?: boolean;
}): ReactElement {
  const { standing, thread, says, short, isStale } = view;
  return (
    <span className={styles.state} data-standing={isStale ? 'stale' : standing} title={says}>
      <span className={styles.shape}>
        <Thread state={thread} size="small" />
      </span>
      <span>{isShort ? short : says}</span>
    </span>
  );
}
