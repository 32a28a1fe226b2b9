// The app: who is signed in, then which page. The pages that few open are loaded when they are opened.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { hasScope } from '@telltale/protocol';
import { lazy, Suspense, useEffect, useRef, type ReactElement } from 'react';
import { causeWords } from './features/connection/pill-model.ts';
import { Overview } from './features/overview/overview.tsx';
import { PauseProvider } from './features/overview/pause.tsx';
import { PageFrame, Shell } from './features/shell/shell.tsx';
import { SignIn, type EndNotice } from './features/sign-in/sign-in.tsx';
import { LiveProvider, useLine } from './live/live.tsx';
import { Link, navigate, usePath } from './router/router.tsx';
import { useSession } from './session/use-session.ts';
import { Thread } from './ui/thread.tsx';
import { clockMinute } from './words/time.ts';
import styles from './app.module.css';

const Users = lazy(() => import('./features/users/users.tsx').then(({ Users: page }) => ({ default: page })));
const Account = lazy(() => import('./features/account/account.tsx').then(({ Account: page }) => ({ default: page })));

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: true } } });

export function App(): ReactElement {
  return (
    <QueryClientProvider client={queries}>
      <Gate />
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
      <Suspense fallback={<PageFrame title="Loading">{null}</PageFrame>}>
        <Page path={path} />
      </Suspense>
    </Shell>
  );
}

function Page({ path }: { readonly path: string }): ReactElement {
  const { state } = useSession();
  const isAdmin = state.kind === 'signed-in' && hasScope({ scope: state.me.role }, 'admin');
  if (path === '/') return <Overview />;
  if (path === '/account') return <Account />;
  if (path === '/users' && isAdmin) return <Users />;
  return (
    <PageFrame title="No such page">
      <p>
        {path === '/users' ? 'The users page is for administrators.' : `There is no page at ${path}.`}{' '}
        <Link to="/">Go to the overview</Link>
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
    text: `${[reason, hint].filter((part) => part !== '').join(' ')} (${code})`,
  };
}
