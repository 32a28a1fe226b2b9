// The columns of who is connected. What a stranger chose reaches the page as text only.

import type { ReactElement } from 'react';
import { Link } from '../../router/router.tsx';
import { Button } from '../../ui/button.tsx';
import type { GridColumn } from '../../ui/grid/grid.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Thread } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { attemptPath, withQuery } from './attempt-path.ts';
import styles from './connections.module.css';
import type { SessionColumn, SessionView } from './sessions-model.ts';

/** @param onMore opens what else can be done about a session, beside the button that was pressed */
export function sessionColumns(
  onMore: (view: SessionView, button: Element) => void,
): readonly GridColumn<SessionView, SessionColumn | 'more'>[] {
  return [
    {
      id: 'who',
      title: 'Who',
      isName: true,
      isSortable: true,
      cell: ({ row, who, kind }) => (
        <span title={who}>
          <Link to={withQuery(attemptPath(row.attempt))} className={styles.name} isOutOfTabOrder>
            {who}
          </Link>{' '}
          <span className={styles.quiet}>{kind}</span>
        </span>
      ),
    },
    { id: 'from', title: 'From', isSortable: true, cell: ({ row }) => shownName(row.address) },
    {
      id: 'origin',
      title: 'Origin',
      isSortable: true,
      cell: ({ origin, row }) =>
        origin === undefined ? (
          <span className={styles.quiet}>none sent</span>
        ) : (
          <span title={shownName(row.origin ?? '')}>{origin}</span>
        ),
    },
    { id: 'since', title: 'Since', align: 'right', isSortable: true, cell: ({ since }) => since },
    { id: 'trip', title: 'Round trip', align: 'right', isSortable: true, cell: ({ roundTrip }) => roundTrip },
    { id: 'channels', title: 'Channels', align: 'right', isSortable: true, cell: ({ channels }) => channels },
    { id: 'behind', title: 'Behind', align: 'right', isSortable: true, cell: (view) => <Behind view={view} /> },
    { id: 'bytes', title: 'Sent', align: 'right', isSortable: true, cell: (view) => view.bytes },
    { id: 'messages', title: 'Messages', align: 'right', isSortable: true, cell: ({ messages }) => messages },
    {
      id: 'more',
      title: 'More',
      quiet: true,
      align: 'right',
      cell: (view, isActive) => (
        <Button
          look="quiet"
          size="small"
          icon
          label={`More about ${view.who}`}
          isOutOfTabOrder={!isActive}
          onPress={({ target }) => onMore(view, target)}
        >
          <Icon name="ellipsis" size={14} />
        </Button>
      ),
    },
  ];
}

function Behind({ view: { behind } }: { readonly view: SessionView }): ReactElement {
  if (behind === undefined) return <span className={styles.quiet}>0</span>;
  return (
    <span className={styles.behind}>
      <Thread state="catching" size="small" />
      {behind}
    </span>
  );
}
