// The app: who is signed in, then which page. The pages that few open are loaded when they are opened.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { hasScope } from '@telltale/protocol';
import { lazy, Suspense, useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { causeWords } from './features/connection/pill-model.ts';
import { Overview } from './features/overview/overview.tsx';
import { PauseProvider } from './features/machine/pause.tsx';
import { PageFrame, Shell } from './features/shell/shell.tsx';
import { SignIn, type EndNotice } from './features/sign-in/sign-in.tsx';
import { loadExamination } from './live/connections/use-diagnosis.ts';
import { LiveProvider, useLine } from './live/live.tsx';
import { dropDeadConnections, loadAhead } from './load-ahead.ts';
import { Link, matchPath, navigate, usePath } from './router/router.tsx';
import { useSession } from './session/use-session.ts';
import { FaultBoundary } from './ui/fault-boundary.tsx';
import { Thread } from './ui/thread.tsx';
import { sentence } from './words/sentence.ts';
import { clockMinute } from './words/time.ts';
import styles from './app.module.css';

const loads = {
  Agents: () => import('./features/agents/agents.tsx').then(({ Agents }) => ({ default: Agents })),
  Agent: () => import('./features/agents/agent.tsx').then(({ Agent }) => ({ default: Agent })),
  Runs: () => import('./features/runs/runs.tsx').then(({ Runs }) => ({ default: Runs })),
  Run: () => import('./features/runs/run.tsx').then(({ Run }) => ({ default: Run })),
  Connections: () =>
    import('./features/connections/connections.tsx').then(({ Connections }) => ({ default: Connections })),
  ChatPage: () => import('./features/chat/chat-page.tsx').then(({ ChatPage }) => ({ default: ChatPage })),
  Users: () => import('./features/users/users.tsx').then(({ Users }) => ({ default: Users })),
  Account: () => import('./features/account/account.tsx').then(({ Account }) => ({ default: Account })),
  Settings: () => import('./features/settings/settings.tsx').then(({ Settings }) => ({ default: Settings })),
};

/** React keeps what became of a load, so a new try needs a new set. */
const lazyPages = () => ({
  Agents: lazy(loads.Agents),
  Agent: lazy(loads.Agent),
  Runs: lazy(loads.Runs),
  Run: lazy(loads.Run),
  Connections: lazy(loads.Connections),
  ChatPage: lazy(loads.ChatPage),
  Users: lazy(loads.Users),
  Account: lazy(loads.Account),
  Settings: lazy(loads.Settings),
});

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: true } } });

export function App(): ReactElement {
  return (
    <QueryClientProvider client={queries}>
      {/* The last resort: whatever else fails, the page is never blank. */}
      <FaultBoundary onRetry={() => location.reload()} frame={(fault) => <main className={styles.fault}>{fault}</main>}>
        <Gate />
      </FaultBoundary>
    </QueryClientProvider>
  );
}

/** Nothing is connected before it is known who this is, nor for somebody who must sign in first. */
function Gate(): ReactElement {
  const { state } = useSession();
  if (state.kind === 'starting') {
    return (
      <main className={styles.starting}>
        <Thread state="none" />
        <h1>Asking the hub who you are</h1>
      </main>
    );
  }
  if (state.kind === 'signed-out' || state.kind === 'unreachable') return <SignIn notice={undefined} />;
  return (
    <LiveProvider>
      <PauseProvider>
        <Pages />
      </PauseProvider>
    </LiveProvider>
  );
}

function Pages(): ReactElement {
  const { state: session } = useSession();
  const path = usePath();
  const notice = useEndNotice();
  const [pages, setPages] = useState(lazyPages);
  const { isUp } = useLine();
  const wasUp = useRef(false);
  // Fetched while the hub answers: these pages must open when it does not.
  useEffect(() => {
    if (!isUp) return undefined;
    if (wasUp.current) void dropDeadConnections();
    wasUp.current = true;
    const away = new AbortController();
    const all = [loadExamination, ...Object.values(loads)];
    const timer = setTimeout(() => void loadAhead({ loads: all, signal: away.signal }), 2_000);
    return () => {
      away.abort();
      clearTimeout(timer);
    };
  }, [isUp]);
  const isEnded = notice !== undefined;
  const isSignedIn = session.kind === 'signed-in';
  // Somebody who is signed in, and whose session goes on, has no business at the gate.
  const isAway = path === '/sign-in' && isSignedIn && !isEnded;
  useEffect(() => {
    if (isAway) navigate('/', 'replace');
  }, [isAway]);
  if (path === '/sign-in') return <SignIn notice={notice} />;
  return (
    <Shell>
      <FaultBoundary
        key={placeOf(path)}
        onRetry={() => setPages(lazyPages)}
        frame={(fault) => <PageFrame title="Not shown">{fault}</PageFrame>}
      >
        <Suspense fallback={<PageFrame title="Loading">{null}</PageFrame>}>
          <Page path={path} pages={pages} />
        </Suspense>
      </FaultBoundary>
    </Shell>
  );
}

function Page({
  path,
  pages: { Agents, Agent, Runs, Run, Connections, ChatPage, Users, Account, Settings },
}: {
  readonly path: string;
  readonly pages: ReturnType<typeof lazyPages>;
}): ReactElement {
  const { state } = useSession();
  const may = (scope: 'operator' | 'admin'): boolean =>
    state.kind === 'signed-in' && hasScope({ scope: state.me.role }, scope);
  const isAdmin = may('admin');
  // One page with two kinds of address: who opens an attempt keeps the list beside it.
  const attempt = matchPath('/connections/:attempt', path)?.attempt;
  if (path === '/connections' || attempt !== undefined) {
    return may('operator') ? (
      <Connections attempt={attempt} />
    ) : (
      <NotYours>The connections page is for operators.</NotYours>
    );
  }
  const room = matchPath('/chat/:room', path)?.room;
  if (path === '/chat' || room !== undefined) return <ChatPage room={room} />;
  switch (path) {
    case '/':
      return <Overview />;
    case '/agents':
      return <Agents />;
    case '/runs':
      return <Runs />;
    case '/account':
      return <Account />;
    case '/users':
      return isAdmin ? <Users /> : <NotYours>The users page is for administrators.</NotYours>;
    case '/settings':
      return isAdmin ? <Settings /> : <NotYours>The settings page is for administrators.</NotYours>;
    default: {
      const agent = matchPath('/agents/:agent', path)?.agent;
      if (agent !== undefined) return <Agent agent={agent} />;
      const run = matchPath('/runs/:run', path)?.run;
      if (run !== undefined) return <Run run={run} />;
      return <NoPage>There is no page at {path}.</NoPage>;
    }
  }
}

/** What must be different for a page to begin anew. */
function placeOf(path: string): string {
  return path.startsWith('/connections/') ? '/connections' : path;
}

function NoPage({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <PageFrame title="No such page">
      <p>
        {children} <Link to="/">Go to the overview</Link>
      </p>
    </PageFrame>
  );
}

/** The page is there, for somebody else. */
function NotYours({ children }: { readonly children: ReactNode }): ReactElement {
  const { state } = useSession();
  return (
    <PageFrame title="No right here">
      <p>
        {children}{' '}
        {state.kind === 'anonymous' ? <Link to="/sign-in">Sign in</Link> : <Link to="/">Go to the overview</Link>}
      </p>
    </PageFrame>
  );
}

/** What the gate says to somebody whose session was ended: what happened, when, and by which code. */
function useEndNotice(): EndNotice | undefined {
  const { state } = useLine();
  const endedAt = useRef<number>(undefined);
  const isEnded = state.kind === 'closed' && state.cause.code !== 1000;
  if (!isEnded) endedAt.current = undefined;
  else endedAt.current ??= Date.now();
  if (state.kind !== 'closed' || endedAt.current === undefined) return undefined;
  const { code, reason, hint } = state.cause;
  return {
    title: `${causeWords(state.cause)}, ${clockMinute(endedAt.current)}`,
    text: `${[reason, hint]
      .map(sentence)
      .filter((part) => part !== '')
      .join(' ')} (${code})`,
  };
}
