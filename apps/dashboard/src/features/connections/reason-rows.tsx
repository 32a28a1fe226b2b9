// The rows of one reason: who, from where, how often, when, and the way to the attempt. The newest first, a few at once.

import { useState, type ReactElement } from 'react';
import { Link } from '../../router/router.tsx';
import { Button } from '../../ui/button.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { browserOf } from '../../words/browser.ts';
import { shownName } from '../../words/name.ts';
import { clock, dayOr } from '../../words/time.ts';
import { grouped } from '../../words/units.ts';
import { attemptPath, shortId, withQuery } from './attempt-path.ts';
import styles from './connections.module.css';
import type { Happening } from './happenings.ts';
import { unsaid } from './titles.ts';

/** Rows that stand at first: the next reason should not be far. */
const firstRows = 3;
/** Rows that a press adds. */
const moreRows = 20;

export function ReasonRows({
  title,
  rows,
  now,
}: {
  readonly title: string;
  readonly rows: readonly Happening[];
  readonly now: number;
}): ReactElement {
  const [shown, setShown] = useState(firstRows);
  const left = rows.length - shown;
  const columns: readonly Column<Happening>[] = [
    {
      id: 'who',
      title: 'Who',
      isName: true,
      cell: (row) => (
        <span title={`${row.user ?? ''} ${row.program ?? ''}`.trim()}>
          {row.user === null ? (
            <span className={styles.quiet}>
              {row.program === null ? unsaid(row.name, 'did not say') : shownName(browserOf(row.program))}
            </span>
          ) : (
            shownName(row.user)
          )}
        </span>
      ),
    },
    { id: 'from', title: 'From', cell: ({ address }) => shownName(address) },
    {
      id: 'path',
      title: 'To',
      narrow: 'hide',
      cell: ({ path }) => <span title={shownName(path)}>{shownName(path)}</span>,
    },
    {
      id: 'last',
      title: 'Last',
      align: 'right',
      cell: ({ last }) => dayOr(clock, last, now),
    },
    { id: 'count', title: 'Times', align: 'right', narrow: 'hide', cell: ({ count }) => grouped(count) },
    {
      id: 'attempt',
      title: 'Attempt',
      align: 'right',
      cell: ({ attempt }) => (
        <Link to={withQuery(attemptPath(attempt))} className={styles.attempt}>
          <span className="sr">Attempt </span>
          {shortId(attempt)}
        </Link>
      ),
    },
  ];
  return (
    <div className={styles.rows}>
      <Table caption={title} columns={columns} rows={rows} keyOf={({ key }) => key} limit={shown} />
      {left > 0 ? (
        <Button size="small" look="quiet" onPress={() => setShown(shown + moreRows)}>
          {left <= moreRows ? `Show ${grouped(left)} more` : `Show ${grouped(moreRows)} of ${grouped(left)} more`}
        </Button>
      ) : null}
    </div>
  );
}
