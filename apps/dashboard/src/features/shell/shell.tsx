// The frame of every page: sidebar, topbar with master lamp and pill, content, and on a phone the tab bar. Only pages
// that exist, and that this person may open, are in the navigation.

import { hasScope } from '@telltale/protocol';
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { usePath, Link } from '../../router/router.tsx';
import { useRole } from '../../session/use-session.ts';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { MasterLamp } from '../../ui/lamps.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import { ConnectionPill } from '../connection/connection-pill.tsx';
import { useLamps } from '../overview/use-lamps.ts';
import { SideFoot } from './side-foot.tsx';
import styles from './shell.module.css';

interface Page {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
}

function pagesFor(role: ReturnType<typeof useRole>): readonly Page[] {
  const overview: Page = { path: '/', title: 'Overview', icon: 'gauge' };
  const users: Page = { path: '/users', title: 'Users', icon: 'users' };
  const account: Page = { path: '/account', title: 'Account', icon: 'key-round' };
  return role !== undefined && hasScope({ scope: role }, 'admin') ? [overview, users, account] : [overview, account];
}

/** Sidebar and tab bar around a page. */
export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const pages = pagesFor(useRole());
  const path = usePath();
  const { master } = useLamps();
  useFavicon(master.light === 'crit');
  return (
    <div className={styles.app}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <aside className={styles.sidebar}>
        <div className={styles.brand}>
          <Wordmark />
        </div>
        <nav className={styles.nav} aria-label="Pages">
          {pages.map((page) => (
            <Link key={page.path} to={page.path} isCurrent={path === page.path}>
              <Icon name={page.icon} />
              {page.title}
            </Link>
          ))}
        </nav>
        <SideFoot />
      </aside>
      <main className={styles.main}>{children}</main>
      <nav className={styles.tabbar} aria-label="Pages" data-count={pages.length}>
        {pages.map((page) => (
          <Link key={page.path} to={page.path} isCurrent={path === page.path}>
            <Icon name={page.icon} size={19} />
            {page.title}
          </Link>
        ))}
      </nav>
    </div>
  );
}

/** A page's bar and content. The bar ends with the master lamp and the pill, in this order, on every page. */
export function PageFrame({
  title,
  sub,
  tools,
  children,
}: {
  readonly title: string;
  readonly sub?: string;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}): ReactElement {
  const { master } = useLamps();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Telltale`;
    // A new page begins at its heading, for keyboards and screen readers; the first one begins at the address bar.
    if (isMoved) heading.current?.focus();
    isMoved = true;
  }, [title]);
  return (
    <>
      <header className={styles.topbar}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {sub === undefined ? null : <span className={styles.sub}>{sub}</span>}
        <div className={styles.tools}>
          {tools === undefined ? null : <div className={styles.pageTools}>{tools}</div>}
          <MasterLamp {...master} />
          <ConnectionPill />
        </div>
      </header>
      <div className={styles.content} id="content" tabIndex={-1}>
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
