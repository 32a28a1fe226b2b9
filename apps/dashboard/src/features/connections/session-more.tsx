// What can be done about one session: look at its attempt, or end it.

import type { ReactElement } from 'react';
import { Link } from '../../router/router.tsx';
import styles from './connections.module.css';
import { EndSession } from './end-session.tsx';
import { attemptPath, withQuery } from './attempt-path.ts';
import type { SessionView } from './sessions-model.ts';

export function SessionMore({
  view,
  isUp,
  onDone,
}: {
  readonly view: SessionView;
  readonly isUp: boolean;
  readonly onDone: () => void;
}): ReactElement {
  const { row, who, kind, bytes, messages, channels } = view;
  return (
    <div className={styles.more}>
      <p>
        <b>{who}</b> <span className={styles.quiet}>{kind}</span>
      </p>
      <p className={styles.small}>{`${channels} channels, ${messages} messages, ${bytes} sent`}</p>
      <Link to={withQuery(attemptPath(row.attempt))}>Show what happened since it came</Link>
      <EndSession session={row.session} who={who} isOwn={view.isOwn} isUp={isUp} onEnded={onDone} />
    </div>
  );
}
