// The ways to the pages: beside every page, and on a phone below it. Only pages that exist, and that this person may
// open, are here; a phone's bar holds five at most, so what comes after the fourth stands behind More.

import type { AgentRow, RunRow, SessionRow } from '@telltale/hub/api';
import { hasScope } from '@telltale/protocol';
import { useState, type ReactElement } from 'react';
import { Button } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { useOfRows } from '../../live/live.tsx';
import { Link, usePath } from '../../router/router.tsx';
import { useRole } from '../../session/use-session.ts';
import { useUnread } from '../chat/chat-dock.tsx';
import { Icon, type IconName } from '../../ui/icon.tsx';
import { grouped } from '../../words/units.ts';
import styles from './navigation.module.css';

interface Page {
  readonly path: string;
  readonly title: string;
  readonly icon: IconName;
  /** How many there are, where that is worth a glance. */
  readonly count?: number;
  /** A hairline above: what is below is not looked at daily. */
  readonly begins?: true;
  /** In a phone's bar, whatever stands before it. */
  readonly isDaily?: true;
}

const agentCount = (rows: readonly AgentRow[]): number => rows.length;
const sessionCount = (rows: readonly SessionRow[]): number => rows.length;
const runCount = (rows: readonly RunRow[]): number => rows.filter(({ endedAt }) => endedAt === null).length;

function usePages(): readonly Page[] {
  const role = useRole();
  const agents = useOfRows<AgentRow, number>('agents', agentCount);
  const runs = useOfRows<RunRow, number>('runs', runCount);
  const may = (scope: 'operator' | 'admin'): boolean => role !== undefined && hasScope({ scope: role }, scope);
  const mayOperate = may('operator');
  const sessions = useOfRows<SessionRow, number>(mayOperate ? 'sessions' : undefined, sessionCount);
  const isAdmin = may('admin');
  const { messages: unread } = useUnread();
  return [
    { path: '/', title: 'Overview', icon: 'gauge' },
    { path: '/agents', title: 'Agents', icon: 'server', count: agents },
    { path: '/runs', title: 'Runs', icon: 'square-terminal', count: runs },
    ...(mayOperate ? [{ path: '/connections', title: 'Connections', icon: 'cable' as const, count: sessions }] : []),
    { path: '/chat', title: 'Chat', icon: 'message-square', count: unread, isDaily: true },
    ...(isAdmin ? administration : []),
    { path: '/account', title: 'Account', icon: 'key-round', ...(isAdmin ? {} : { begins: true }) },
  ];
}

const administration: readonly Page[] = [
  { path: '/users', title: 'Users', icon: 'users', begins: true },
  { path: '/settings', title: 'Settings', icon: 'settings' },
];

/** Whether a path is this page, or a page below it. */
function isOn(page: Page, path: string): boolean {
  return path === page.path || (page.path !== '/' && path.startsWith(`${page.path}/`));
}

export function Navigation(): ReactElement {
  const pages = usePages();
  const path = usePath();
  return (
    <nav className={styles.nav} aria-label="Pages">
      {pages.map((page) => (
        <Link key={page.path} to={page.path} isCurrent={isOn(page, path)} className={page.begins && styles.begins}>
          <Icon name={page.icon} />
          {page.title}
          {page.count ? <span className={styles.count}> {grouped(page.count)}</span> : null}
        </Link>
      ))}
    </nav>
  );
}

/** How many fit beside More. */
const besideMore = 4;

/** What a phone's bar shows: all that fit, the daily ones first of all, in the order of the list. */
function inBar(pages: readonly Page[]): readonly Page[] {
  if (pages.length <= besideMore + 1) return pages;
  const daily = pages.filter(({ isDaily }) => isDaily === true);
  const others = pages.filter(({ isDaily }) => isDaily !== true).slice(0, besideMore - daily.length);
  return pages.filter((page) => daily.includes(page) || others.includes(page));
}

export function TabBar(): ReactElement {
  const pages = usePages();
  const path = usePath();
  const shown = inBar(pages);
  const rest = pages.filter((page) => !shown.includes(page));
  return (
    <nav className={styles.tabbar} aria-label="Pages">
      {shown.map((page) => (
        <Link key={page.path} to={page.path} isCurrent={isOn(page, path)}>
          <Icon name={page.icon} size={19} />
          {page.title}
        </Link>
      ))}
      {rest.length === 0 ? null : <More key={path} pages={rest} path={path} />}
    </nav>
  );
}

/** Made anew by each path: a link that was followed leaves the bar as it was found. */
function More({ pages, path }: { readonly pages: readonly Page[]; readonly path: string }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const [box, setBox] = useState<Element | null>(null);
  return (
    <div ref={setBox}>
      <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
        <Button className={styles.more ?? ''} data-current={pages.some((page) => isOn(page, path)) || undefined}>
          <Icon name="ellipsis" size={19} />
          More
        </Button>
        <Popover
          className={styles.popover ?? ''}
          placement="top end"
          offset={8}
          // Inside the page's landmark, where screen readers look for it.
          {...(box === null ? {} : { UNSTABLE_portalContainer: box })}
        >
          <Dialog aria-label="More pages" className={styles.dialog ?? ''}>
            <ul>
              {pages.map((page) => (
                <li key={page.path}>
                  <Link to={page.path} isCurrent={isOn(page, path)}>
                    <Icon name={page.icon} />
                    {page.title}
                  </Link>
                </li>
              ))}
            </ul>
          </Dialog>
        </Popover>
      </DialogTrigger>
    </div>
  );
}
