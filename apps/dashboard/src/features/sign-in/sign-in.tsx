// The gate: who are you, why you are here if a session has ended, and whether the hub can be reached.

import type { HubFacts } from '@telltale/hub/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, type FormEvent, type ReactElement } from 'react';
import { Link, navigate } from '../../router/router.tsx';
import { failureWords, request } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Thread } from '../../ui/thread.tsx';
import { Wordmark } from '../../ui/wordmark.tsx';
import { milliseconds } from '../../words/units.ts';
import { Sail } from './sail.tsx';
import styles from './sign-in.module.css';

/** Why a person stands at the gate although they were inside. */
export interface EndNotice {
  readonly title: string;
  readonly text: string;
}

export function SignIn({ notice }: { readonly notice: EndNotice | undefined }): ReactElement {
  const { session, state } = useSession();
  const hub = useHubReachable();
  const signIn = useMutation({
    mutationFn: ({ username, password }: { readonly username: string; readonly password: string }) =>
      session.signIn(username, password),
    onSuccess: () => {
      if (location.pathname === '/sign-in') navigate('/');
    },
  });
  useEffect(() => {
    document.title = 'Sign in · Telltale';
  }, []);
  // The hub is back: whoever still has a login goes in without a word.
  const isBack = state.kind === 'unreachable' && hub.data !== undefined && !hub.isError;
  useEffect(() => {
    if (isBack) void session.start();
  }, [isBack, session]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    signIn.mutate({ username: String(fields.get('username')), password: String(fields.get('password')) });
  };
  return (
    <div className={styles.gate}>
      <Sail isReachable={!hub.isError} />
      <main className={styles.card}>
        <h1>
          <Wordmark className={styles.logo} />
          <span className="sr">, sign in</span>
        </h1>
        {signIn.isError ? (
          <Notice kind="crit" title="Not signed in">
            {failureWords(signIn.error)}
          </Notice>
        ) : hub.isError ? (
          <Notice kind="offline" title="The hub does not answer">
            Start it with npm start or telltale start. This page asks again every few seconds.
          </Notice>
        ) : notice !== undefined ? (
          <Notice kind="ended" title={notice.title}>
            {notice.text}
          </Notice>
        ) : state.kind === 'signed-out' && state.problem !== undefined ? (
          <Notice kind="refused" title="The one-time link did not work">
            {state.problem}
          </Notice>
        ) : null}
        {isSecureContext ? null : (
          <Notice kind="warn" title="Not encrypted">
            This page came by plain HTTP: whoever is on the network between can read the password.
          </Notice>
        )}
        <form className={styles.form} onSubmit={submit}>
          <Field label="User" name="username" autoComplete="username" autoFocus />
          <Field label="Password" name="password" type="password" autoComplete="current-password" />
          <Button type="submit" look="primary" size="full" isDisabled={signIn.isPending}>
            {signIn.isPending ? 'Signing in' : 'Sign in'}
          </Button>
        </form>
        {hub.data?.facts.anonymous === true ? (
          <p className={styles.aside}>
            This hub runs in development mode: <Link to="/">look around without signing in</Link>, or make an account:
            <br />
            <code>telltale user add jonas</code>
          </p>
        ) : (
          <p className={styles.aside}>
            No account? An administrator can make one:
            <br />
            <code>telltale user add jonas</code>
          </p>
        )}
      </main>
      <footer className={styles.foot}>
        <span className={styles.reach}>
          <Thread state={hub.isError ? 'offline' : hub.data === undefined ? 'none' : 'live'} />
          {hub.isError ? (
            <span>Hub does not answer</span>
          ) : hub.data === undefined ? (
            <span>Asking the hub</span>
          ) : (
            <span>
              <span className={styles.strong}>Hub reachable</span>, {milliseconds(hub.data.ms)}
            </span>
          )}
        </span>
        <span>{location.host}</span>
        <span className={styles.version}>Telltale {hub.data?.facts.version ?? ''}</span>
      </footer>
    </div>
  );
}

function useHubReachable() {
  return useQuery({
    queryKey: ['hub'],
    queryFn: async ({ signal }) => {
      const began = performance.now();
      const facts = await request<HubFacts>('/api/hub', { signal });
      return { facts, ms: performance.now() - began };
    },
    refetchInterval: 5_000,
    retry: false,
    gcTime: 0,
  });
}
