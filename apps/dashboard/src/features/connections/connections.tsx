// Connections: why does it not connect? Attempts over time, what was refused and has ended with its cure, who is here
// now; and one attempt as a thread, beside them or, on a phone, in their place.

import { useMemo, useRef, type ReactElement } from 'react';
import { changeQuery, Link, navigate, useQuery } from '../../router/router.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Search } from '../../ui/search.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { ago, clock } from '../../words/time.ts';
import { counted, grouped } from '../../words/units.ts';
import { PageFrame } from '../shell/shell.tsx';
import { AttemptPanel } from './attempt-panel.tsx';
import { attemptPath, connectionsPath, shortId, withQuery } from './attempt-path.ts';
import { AttemptsChart } from './attempts-chart.tsx';
import styles from './connections.module.css';
import { isAttemptId } from './happenings.ts';
import { ReasonsPanel } from './reasons-panel.tsx';
import { reasonsOf } from './reasons-model.ts';
import { rangeMs } from './range.ts';
import { SessionsPanel } from './sessions-panel.tsx';
import { useConnections, type Connections as Listed } from './use-connections.ts';

/** How often what shows no seconds is looked at anew, in milliseconds. */
const stepMs = 10_000;

const close = (): void => navigate(withQuery(connectionsPath));

export function Connections({ attempt }: { readonly attempt?: string | undefined }): ReactElement {
  const list = useConnections();
  const isPhone = useMedia(phone);
  const text = useQuery().get('find') ?? '';
  const sub = useSub(list);
  const { own, now, isUp, denied, rates, refusals, holes, happenings, isRead } = list;
  const step = Math.ceil(now / stepMs) * stepMs;
  const arrivedAt = useRef(attempt);
  if (attempt !== arrivedAt.current) arrivedAt.current = undefined;
  const isOpened = attempt !== undefined && attempt !== arrivedAt.current;
  const panel =
    attempt === undefined ? null : (
      <AttemptPanel attempt={attempt} own={own} now={now} isUp={isUp} isOpened={isOpened} onClose={close} />
    );
  const search = <Find text={text} />;
  if (isPhone && attempt !== undefined) {
    return <PageFrame title="Attempt">{panel}</PageFrame>;
  }
  return (
    <PageFrame title="Connections" sub={sub} tools={search}>
      {denied ? (
        <Notice kind="refused" title="Refused: no right to the list of connections, 4403">
          It is for operators. Sign in as somebody who is one.
        </Notice>
      ) : (
        <>
          {isPhone ? search : null}
          {isAttemptId(text.trim()) ? (
            <p className={styles.direct}>
              <Link to={withQuery(attemptPath(text.trim()))}>Open attempt {shortId(text.trim())}</Link>, also where it
              is in no list any more.
            </p>
          ) : null}
          <AttemptsChart rates={rates} refusals={refusals} holes={holes} now={step - 1} isUp={isUp} />
          <div className={styles.two} data-open={attempt !== undefined}>
            <div className={styles.column}>
              <ReasonsPanel happenings={happenings} rates={rates} now={step} isUp={isUp} isRead={isRead} text={text} />
              <SessionsPanel list={list} text={text} attempt={attempt} />
            </div>
            {panel}
          </div>
        </>
      )}
    </PageFrame>
  );
}

function Find({ text }: { readonly text: string }): ReactElement {
  return (
    <Search
      label="Find a connection"
      placeholder="User, address, attempt id"
      value={text}
      onChange={(find) => changeQuery({ find })}
      onEnter={() => {
        if (isAttemptId(text.trim())) navigate(withQuery(attemptPath(text.trim())));
      }}
    />
  );
}

/** `41 connected, 4 reasons refused in the last 15 min`. */
function useSub({ sessions, happenings, now, heardAt, isUp, isRead }: Listed): string {
  const minute = Math.ceil(now / 60_000) * 60_000;
  const reasons = useMemo(
    () =>
      reasonsOf(happenings.filter(({ kind, last }) => kind === 'refused' && last >= minute - rangeMs('15m'))).length,
    [happenings, minute],
  );
  if (!isRead) return '';
  if (!isUp) return `as of ${clock(heardAt)}, ${ago(now - heardAt)}`;
  const refused = reasons === 0 ? 'nothing' : counted(reasons, 'reason', 'reasons');
  return `${grouped(sessions.length)} connected, ${refused} refused in the last 15 min`;
}
