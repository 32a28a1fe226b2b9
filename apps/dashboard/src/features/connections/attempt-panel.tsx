// One attempt, beside the list or, on a phone, in its place: the verdict, the thread of its checks and events, the facts,
// the lines of the hub's log. It has an address of its own, to be sent to whoever asks why.

import type { AttemptRecord } from '@telltale/hub/api';
import { useEffect, useRef, type KeyboardEvent, type ReactElement, type RefObject } from 'react';
import { Button } from '../../ui/button.tsx';
import { CopyLink } from './copy-link.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { Thread } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { factsOf, verdictOf } from './attempt-facts.ts';
import styles from './attempt-panel.module.css';
import { shortId } from './attempt-path.ts';
import { cureOf } from './cure.ts';
import { EndSession } from './end-session.tsx';
import { happeningsOf } from './happenings.ts';
import { reasonsOf } from './reasons-model.ts';
import { Timeline } from './timeline.tsx';
import { pinsOf } from './timeline-model.ts';
import { useAttempt } from './use-attempt.ts';

export function AttemptPanel({
  attempt,
  own,
  now,
  isUp,
  isOpened,
  onClose,
}: {
  readonly attempt: string;
  readonly own: string | undefined;
  readonly now: number;
  readonly isUp: boolean;
  /** It was opened on this page; who came by its address begins at the address bar. */
  readonly isOpened: boolean;
  readonly onClose: () => void;
}): ReactElement {
  const answer = useAttempt(attempt);
  const heading = useFocus(attempt, isOpened);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || event.target instanceof HTMLInputElement) return;
    onClose();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves it, as the button does
    <section className={styles.panel} aria-labelledby="attempt" onKeyDown={onKeyDown}>
      <header className={styles.header}>
        <h2 id="attempt" ref={heading} tabIndex={-1}>
          Attempt <span className={styles.id}>{shortId(attempt)}</span>
        </h2>
        <span className={styles.tools}>
          <CopyLink attempt={attempt} />
          <Button look="quiet" size="small" icon label="Close" onPress={onClose}>
            <Icon name="x" size={14} />
          </Button>
        </span>
      </header>
      {answer.kind === 'known' ? (
        <Known record={answer.record} own={own} now={now} isUp={isUp} isOld={answer.isOld} />
      ) : (
        <div className={styles.body}>
          {answer.kind === 'reading' ? (
            <p className={styles.waiting}>
              <Thread state="none" /> Asking the hub what it remembers
            </p>
          ) : answer.kind === 'unknown' ? (
            <Nothing attempt={attempt} />
          ) : (
            <Notice kind="crit" title="Not read">
              {answer.why}
            </Notice>
          )}
        </div>
      )}
    </section>
  );
}

function Known({
  record,
  own,
  now,
  isUp,
  isOld,
}: {
  readonly record: AttemptRecord;
  readonly own: string | undefined;
  readonly now: number;
  readonly isUp: boolean;
  readonly isOld: boolean;
}): ReactElement {
  const verdict = verdictOf(record, now);
  const { refusal } = record;
  const session = record.ending === null ? record.session : null;
  return (
    <div className={styles.body} data-stale={isOld}>
      <div className={styles.verdict} data-tone={verdict.tone}>
        <Thread state={verdict.thread} />
        <b>{verdict.title}</b>
        <p>{verdict.text}</p>
        {isOld ? <p className={styles.old}>As it was when the hub was last asked.</p> : null}
      </div>
      {refusal === null ? null : <Cure record={record} />}
      <Timeline pins={pinsOf(record)} />
      <dl className={styles.facts}>
        {factsOf(record, now).map(({ title, text }) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        <div>
          <dt>Attempt</dt>
          <dd className={styles.id}>{record.attempt}</dd>
        </div>
      </dl>
      {session === null ? null : (
        <div className={styles.section}>
          <EndSession
            key={session.session}
            session={session.session}
            who={shownName(session.user)}
            isOwn={session.session === own}
            isUp={isUp}
          />
        </div>
      )}
      {record.log.length === 0 ? null : (
        <div className={styles.section}>
          <span className={styles.label}>The same in the hub’s log</span>
          <Snippet text={record.log.map(shownName).join('\n')} />
        </div>
      )}
    </div>
  );
}

/** What to do, as the list says it. */
function Cure({ record }: { readonly record: AttemptRecord }): ReactElement | null {
  if (record.refusal === null) return null;
  const [reason] = reasonsOf(happeningsOf([{ ...record, ...record.refusal }], [], []));
  if (reason === undefined) return null;
  const { advice, setting } = cureOf(reason);
  if (advice === '' && setting === undefined) return null;
  return (
    <div className={styles.cure}>
      <p>{advice}</p>
      {setting === undefined ? null : <Snippet text={setting} />}
    </div>
  );
}

function Nothing({ attempt }: { readonly attempt: string }): ReactElement {
  return (
    <div className={styles.waiting} data-column="true">
      <Thread state="none" size="wide" />
      <p>
        The hub remembers nothing of <span className={styles.id}>{shownName(attempt)}</span>.
      </p>
      <p>
        It never arrived, or it is older than what is kept: of refusals that repeat only the newest few are. An attempt
        that never arrives is stopped before the hub: by the network, a proxy, or the browser itself.{' '}
        <code>telltale doctor</code> finds out which, from where it is tried.
      </p>
    </div>
  );
}

/** A heading that takes the focus when an attempt is opened, and gives it back when the panel is closed. */
function useFocus(attempt: string, isOpened: boolean): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isOpened) return undefined;
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      // On a phone the list had gone, and comes back: then the page's heading is where reading goes on.
      const isThere = before instanceof HTMLElement && before !== document.body && before.isConnected;
      const next = isThere ? before : document.querySelector<HTMLElement>('h1');
      next?.focus();
    };
  }, [attempt, isOpened]);
  return heading;
}
