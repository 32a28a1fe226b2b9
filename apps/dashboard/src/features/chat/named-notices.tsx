// Tells a person that somebody named them: on the page, and by the browser where that is allowed and the page is not in
// front. Gone as soon as the hub knows that it was read.

import type { UserFact } from '@telltale/hub/api';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { useFacts } from '../../live/chat/use-chat.ts';
import { navigate } from '../../router/router.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { personName } from '../../words/name.ts';
import { AgentMark } from './agent-mark.tsx';
import { messagePath } from './cards/card-paths.ts';
import { senderWords } from './chat-words.ts';
import styles from './chat.module.css';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';

type Named = Extract<UserFact, { type: 'notice' }>;

/** Somebody who looks at the room reads it in this time, in milliseconds: then there is nothing to tell. */
const graceMs = 800;
/** Shown at once; the rest waits behind the count beside Chat. */
const mostShown = 3;

const keyOf = ({ room, offset }: Named): string => `${room} ${offset}`;

export function NamedNotices(): ReactElement {
  const facts = useFacts();
  const [shown, setShown] = useState<readonly string[]>([]);
  const seen = useRef(new Set<string>());
  const isFirst = useRef(true);
  const named = facts.filter((fact) => fact.type === 'notice');
  const keys = named.map(keyOf).join('\n');
  const latest = useRef(named);
  latest.current = named;
  useEffect(() => {
    if (facts.length === 0) return undefined;
    const fresh = latest.current.filter((one) => !seen.current.has(keyOf(one)));
    const see = (): void => {
      for (const one of fresh) seen.current.add(keyOf(one));
    };
    // What was there before this page is in the count.
    if (isFirst.current) see();
    isFirst.current = false;
    if (fresh.every((one) => seen.current.has(keyOf(one)))) return undefined;
    const timer = setTimeout(() => {
      // Not before: another name within this time begins it anew for all of them.
      see();
      const left = fresh.filter((one) => latest.current.some((other) => keyOf(other) === keyOf(one)));
      if (left.length === 0) return;
      setShown((before) => [...before, ...left.map(keyOf)].slice(-mostShown));
      for (const one of left) tellByBrowser(one);
    }, graceMs);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the keys say what there is
  }, [keys, facts.length === 0]);
  const drop = (key: string): void => setShown((before) => before.filter((one) => one !== key));
  const place = useRef<HTMLDivElement>(null);
  useKeptFocus(place, () => place.current?.querySelector('button') ?? document.getElementById('content'));
  return (
    <div className={styles.notices} role="status" aria-live="polite" data-testid="chat-notices" ref={place}>
      {named
        .filter((one) => shown.includes(keyOf(one)))
        .map((one) => (
          <NamedNotice key={keyOf(one)} named={one} onDrop={() => drop(keyOf(one))} />
        ))}
    </div>
  );
}

function NamedNotice({ named, onDrop }: { readonly named: Named; readonly onDrop: () => void }): ReactElement {
  return (
    <div className={styles.named}>
      <p>
        <b>
          <bdi>{personName(named.by)}</bdi> <AgentMark kind={named.kind} /> named you in{' '}
          <bdi>{personName(named.room)}</bdi>
        </b>
        <bdi className={styles.namedText}>{named.text}</bdi>
      </p>
      <Button
        size="small"
        onPress={() => {
          onDrop();
          navigate(messagePath(named.room, named.offset));
        }}
      >
        Open
      </Button>
      <Button look="quiet" size="small" icon label="Close notice" onPress={onDrop}>
        <Icon name="x" size={14} />
      </Button>
    </div>
  );
}

function tellByBrowser(named: Named): void {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted' || document.hasFocus()) return;
  try {
    const notice = new Notification(`${senderWords(named.by, named.kind)} named you in ${personName(named.room)}`, {
      body: named.text.slice(0, 200),
      // Tabs of one browser tell it once.
      tag: `telltale ${keyOf(named)}`,
    });
    notice.addEventListener('click', () => {
      window.focus();
      navigate(messagePath(named.room, named.offset));
      notice.close();
    });
  } catch {
    // Some phones have the name and allow only service workers to use it: the page itself has told.
  }
}
