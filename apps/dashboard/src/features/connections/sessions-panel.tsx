// Who is connected now, live: a table that is sorted and searched, each row the way to its attempt, and to its end.

import { useCallback, useMemo, useRef, useState, type ReactElement } from 'react';
import { Popover } from 'react-aria-components/Popover';
import { Dialog } from 'react-aria-components/Dialog';
import { changeQuery, navigate, useQuery } from '../../router/router.tsx';
import { Grid, type GridOrder } from '../../ui/grid/grid.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Thread } from '../../ui/thread.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { clock } from '../../words/time.ts';
import { counted, grouped } from '../../words/units.ts';
import { attemptPath, withQuery } from './attempt-path.ts';
import styles from './connections.module.css';
import { isFound } from './happenings.ts';
import { sessionColumns } from './session-columns.tsx';
import { SessionMore } from './session-more.tsx';
import { ordered, orderFrom, sessionViews, usualOrder, type SessionView } from './sessions-model.ts';
import type { Connections } from './use-connections.ts';

const keyOf = ({ row }: SessionView): string => row.session;
const open = ({ row }: SessionView): void => navigate(withQuery(attemptPath(row.attempt)));

export function SessionsPanel({
  list,
  text,
  attempt,
}: {
  readonly list: Connections;
  readonly text: string;
  /** The attempt that is open beside the table. */
  readonly attempt: string | undefined;
}): ReactElement {
  const { sessions, now, heardAt, own, isUp, isRead } = list;
  const views = useViews(sessions, isUp ? now : heardAt, own);
  const query = useQuery();
  const [column, direction] = [query.get('sort'), query.get('direction')];
  const order = useMemo(() => orderFrom(column, direction), [column, direction]);
  const shown = useMemo(
    () =>
      ordered(
        views.filter(({ row }) => isFound(row, text)),
        order,
      ),
    [views, text, order],
  );
  const sort = useCallback((next: GridOrder) => {
    const isUsual = next.column === usualOrder.column && next.direction === usualOrder.direction;
    changeQuery(isUsual ? { sort: undefined, direction: undefined } : { sort: next.column, direction: next.direction });
  }, []);
  const marksOf = useCallback(
    ({ row, isOwn }: SessionView): Record<`data-${string}`, string | undefined> => ({
      'data-stale': isUp ? undefined : 'true',
      'data-own': isOwn ? 'true' : undefined,
      'data-chosen': row.attempt === attempt ? 'true' : undefined,
    }),
    [isUp, attempt],
  );
  const [more, setMore] = useState<{ readonly session: string; readonly button: Element }>();
  const columns = useMemo(() => sessionColumns((view, button) => setMore({ session: view.row.session, button })), []);
  const behind = sessions.filter((row) => row.behind > 0).length;
  const note = !isUp
    ? `as of ${clock(heardAt)}`
    : text === ''
      ? `${counted(sessions.length, 'session', 'sessions')}, ${grouped(behind)} behind`
      : `${grouped(shown.length)} of ${counted(sessions.length, 'session', 'sessions')}`;
  const isPhone = useMedia(phone);
  const chosen = views.find(({ row }) => row.session === more?.session);
  const box = useRef<HTMLDivElement>(null);
  return (
    <div className={styles.sessions} ref={box}>
      <Panel title="Connected now" note={note} ruled id="sessions">
        {shown.length === 0 ? (
          <PanelText>
            {isRead ? (
              'Nobody who is connected is called so, or comes from there.'
            ) : (
              <span className={styles.waiting}>
                <Thread state="none" /> no data yet
              </span>
            )}
          </PanelText>
        ) : (
          <Grid
            label="Connected now"
            className={styles.grid}
            columns={columns}
            rows={shown}
            keyOf={keyOf}
            marksOf={marksOf}
            order={order}
            onOrder={sort}
            onOpen={open}
            rowHeight={isPhone ? 48 : 30}
          />
        )}
        <span className="sr" role="status">
          {text === '' ? '' : `${shown.length} of ${sessions.length} sessions shown`}
        </span>
      </Panel>
      <Popover
        className={styles.popover ?? ''}
        triggerRef={{ current: more?.button ?? null }}
        isOpen={more !== undefined && chosen !== undefined}
        onOpenChange={(isOpen) => {
          if (!isOpen) setMore(undefined);
        }}
        placement="bottom end"
        offset={4}
        // Inside the page's landmark, where screen readers look for it.
        {...(box.current === null ? {} : { UNSTABLE_portalContainer: box.current })}
      >
        <Dialog className={styles.dialog ?? ''} aria-label={`More about ${chosen?.who ?? ''}`}>
          {chosen === undefined ? null : <SessionMore view={chosen} isUp={isUp} onDone={() => setMore(undefined)} />}
        </Dialog>
      </Popover>
    </div>
  );
}

/** Views of the rows; held, so that a row that says the same is the same. */
function useViews(sessions: Connections['sessions'], now: number, own: string | undefined): readonly SessionView[] {
  const held = useRef<ReadonlyMap<string, SessionView>>(new Map());
  const views = useMemo(() => sessionViews(sessions, { now, own }, held.current), [sessions, now, own]);
  held.current = useMemo(() => new Map(views.map((view) => [view.row.session, view])), [views]);
  return views;
}
