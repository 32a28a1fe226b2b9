// The door to chat in every page: loads it when it is wanted, or a while after the page stands, so that what waits is sent
// and names are told; and the button that opens it. Small: it is in the first load.

import { lazy, Suspense, useEffect, useRef, useState, type ReactElement } from 'react';
import type { UserFact } from '@telltale/hub/api';
import { useLine, useOfRows } from '../../live/live.tsx';
import { loadAhead } from '../../load-ahead.ts';
import { usePath } from '../../router/router.tsx';
import { useSession } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { FaultBoundary } from '../../ui/fault-boundary.tsx';
import { Icon } from '../../ui/icon.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { usePreferences } from '../shell/preferences.ts';
import styles from './chat-dock.module.css';
import { openChat, useChatSide } from './chat-side.ts';
import { unreadOf } from './unread.ts';

const load = () => import('./chat-host.tsx').then(({ ChatHost }) => ({ default: ChatHost }));
type Loaded = Awaited<ReturnType<typeof load>>['default'];

/** After the line is up, in milliseconds. */
const laterMs = 1_500;

/** Whether chat stands beside this page. */
export function useChatPanel(): boolean {
  const { isOpen } = useChatSide();
  const isPhone = useMedia(phone);
  const isPage = useIsChatPage();
  return isOpen && !isPhone && !isPage;
}

function useIsChatPage(): boolean {
  const path = usePath();
  return path === '/chat' || path.startsWith('/chat/');
}

/** Whether a room has the whole screen, but for the bar in which its page says how the line is. */
export function useIsFullScreen(): boolean {
  const isPhone = useMedia(phone);
  const path = usePath();
  return isPhone && path.startsWith('/chat/');
}

export function ChatDock(): ReactElement {
  const hasPanel = useChatPanel();
  const { isUp } = useLine();
  const isShown = useIsChatPage() || hasPanel;
  const [isWanted, setWanted] = useState(isShown);
  const hasFailed = useRef(false);
  const made = (): ReturnType<typeof lazy<Loaded>> =>
    lazy(() =>
      load().then(
        (loaded) => {
          hasFailed.current = false;
          return loaded;
        },
        (error: unknown) => {
          hasFailed.current = true;
          throw error;
        },
      ),
    );
  const [Host, setHost] = useState(made);
  const [tries, setTries] = useState(0);
  if (isShown && !isWanted) setWanted(true);
  useChatKey();
  useEffect(() => {
    if (!isUp || isWanted) return undefined;
    const away = new AbortController();
    const { signal } = away;
    const ahead = async (): Promise<void> => {
      await loadAhead({ loads: [load], signal });
      if (!signal.aborted) setWanted(true);
    };
    const timer = setTimeout(() => void ahead(), laterMs);
    return () => {
      away.abort();
      clearTimeout(timer);
    };
  }, [isUp, isWanted]);
  useEffect(() => {
    // What waits is sent by what was not loaded: tried again with each new line, though nobody looks.
    if (!isUp || !hasFailed.current) return;
    hasFailed.current = false;
    setHost(made);
    setTries((before) => before + 1);
  }, [isUp]);
  const place = hasPanel ? <aside className={styles.place} aria-label="Chat" /> : null;
  return (
    <FaultBoundary
      key={tries}
      // React keeps what became of a load, so a new try needs a new one.
      onRetry={() => setHost(made)}
      frame={(fault) =>
        hasPanel ? (
          <aside className={styles.place} aria-label="Chat">
            {fault}
          </aside>
        ) : null
      }
    >
      <Suspense fallback={place}>{isWanted ? <Host hasPanel={hasPanel} /> : place}</Suspense>
    </FaultBoundary>
  );
}

/** Everything unread of this person; undefined: nobody is signed in. */
export function useUnread(): ReturnType<typeof unreadOf> {
  const { state } = useSession();
  return useOfRows<UserFact, ReturnType<typeof unreadOf>>(
    state.kind === 'signed-in' ? `user/${state.me.id}` : undefined,
    unreadOf,
    (one, other) => one.messages === other.messages && one.mentions === other.mentions,
  );
}

/** In the bar of every page; a phone has its tab. */
export function ChatButton(): ReactElement | null {
  const hasPanel = useChatPanel();
  const isPage = useIsChatPage();
  const isPhone = useMedia(phone);
  const { messages, mentions } = useUnread();
  const { refused } = useChatSide();
  const place = useRef<HTMLSpanElement>(null);
  const had = useRef(hasPanel);
  useEffect(() => {
    // What had the keys is gone with the panel.
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (had.current && !hasPanel && isLost) place.current?.querySelector('button')?.focus();
    had.current = hasPanel;
  }, [hasPanel]);
  if (isPhone || isPage) return null;
  const unread = messages === 0 ? '' : `, ${messages} unread`;
  const named = mentions === 0 ? '' : `, ${mentions} of them name you`;
  const notSent = refused === 0 ? '' : `, ${refused} not sent`;
  return (
    <span className={styles.button} ref={place}>
      <Button
        look="quiet"
        icon
        label={`${hasPanel ? 'Close chat' : 'Open chat beside the page'}${unread}${named}${notSent}`}
        onPress={() => openChat(!hasPanel)}
      >
        <Icon name="message-square" size={14} />
      </Button>
      {hasPanel ? null : refused > 0 ? (
        <span className={styles.refused} aria-hidden="true" />
      ) : messages === 0 ? null : (
        <span className={styles.mark} data-named={mentions > 0} aria-hidden="true" />
      )}
    </span>
  );
}

/** C opens and closes it, where the person has not turned single letters off. */
function useChatKey(): void {
  const [{ shortcuts }] = usePreferences();
  const hasPanel = useChatPanel();
  useEffect(() => {
    if (!shortcuts) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.key.toLowerCase() !== 'c' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) {
        return;
      }
      const isTyping =
        target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
      if (isTyping || location.pathname.startsWith('/chat')) return;
      event.preventDefault();
      openChat(!hasPanel);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [shortcuts, hasPanel]);
}
