// The frame of every page: sidebar, topbar with master lamp and pill, content, and on a phone the tab bar.

import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { Link } from '../../router/router.tsx';
import { Icon } from '../../ui/icon.tsx';
import { KeepFocus } from '../../ui/keep-focus.tsx';
import { MasterLamp } from '../../ui/lamps.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import { ChatButton, ChatDock, useChatPanel, useIsFullScreen } from '../chat/chat-dock.tsx';
import { ConnectionPill } from '../connection/connection-pill.tsx';
import { useLamps } from '../overview/use-lamps.ts';
import { Navigation, TabBar } from './navigation.tsx';
import { SideFoot } from './side-foot.tsx';
import styles from './shell.module.css';

/** Sidebar, tab bar and chat around a page. */
export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const { master } = useLamps();
  useFavicon(master.light === 'crit');
  const hasChat = useChatPanel();
  const isFull = useIsFullScreen();
  return (
    <div className={styles.app} data-chat={hasChat} data-full={isFull}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <aside className={styles.sidebar}>
        <div className={styles.brand}>
          <Wordmark />
        </div>
        <Navigation />
        <SideFoot />
      </aside>
      <main className={styles.main}>{children}</main>
      <ChatDock />
      {isFull ? null : <TabBar />}
    </div>
  );
}

/** A page's bar and content. The bar ends with the master lamp and the pill, in this order, on every page. */
export function PageFrame({
  title,
  crumb,
  back,
  sub,
  tools,
  action,
  children,
}: {
  readonly title: string;
  /** The list that this page is one of. */
  readonly crumb?: { readonly to: string; readonly title: string };
  /** The way out of a page that has a phone's whole screen. */
  readonly back?: { readonly to: string; readonly title: string } | undefined;
  readonly sub?: string;
  /** Left out on a phone, where the page has them in its content. */
  readonly tools?: ReactNode;
  /** The one thing a person does on this page; stays on a phone. */
  readonly action?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  const { master } = useLamps();
  const heading = useRef<HTMLHeadingElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const of = crumb?.title;
  useEffect(() => {
    document.title = [title, ...(of === undefined ? [] : [of]), 'Telltale'].join(' · ');
  }, [title, of]);
  useEffect(() => {
    // A new page begins at its heading, for keyboards and screen readers, unless a field in it was asked for; the first one
    // begins at the address bar.
    if (isMoved && !content.current?.contains(document.activeElement)) heading.current?.focus();
    isMoved = true;
  }, []);
  return (
    <>
      <header className={styles.topbar} data-crowded={action ? true : undefined}>
        {crumb === undefined ? null : (
          <nav className={styles.crumb} aria-label="Breadcrumb">
            <Link to={crumb.to}>{crumb.title}</Link>
            <span aria-hidden="true">/</span>
          </nav>
        )}
        {back === undefined ? null : (
          <Link to={back.to} className={styles.back} aria-label={back.title}>
            <Icon name="chevron-left" />
          </Link>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {/* Shown where enough of it fits to say something. */}
        {sub === undefined ? null : (
          <div className={styles.subPlace}>
            <span className={styles.sub} title={sub}>
              {sub}
            </span>
          </div>
        )}
        <div className={styles.tools}>
          {tools === undefined ? null : <div className={styles.pageTools}>{tools}</div>}
          {action ? <KeepFocus next={() => heading.current}>{action}</KeepFocus> : null}
          <ChatButton />
          <MasterLamp {...master} />
          <ConnectionPill />
        </div>
      </header>
      <div className={styles.content} id="content" tabIndex={-1} ref={content}>
        {children}
      </div>
    </>
  );
}

let isMoved = false;

function useFavicon(isAlarm: boolean): void {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    link?.setAttribute('href', isAlarm ? '/favicon-alarm.svg' : '/favicon-ok.svg');
  }, [isAlarm]);
}
