// One's own account: logins and their ends, the password, and what this browser remembers.

import type { LoginList, LoginRow, TokenAnswer } from '@telltale/hub/api';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, type FormEvent, type ReactElement } from 'react';
import { useHubNow } from '../../live/live.tsx';
import { Link, navigate } from '../../router/router.tsx';
import { ApiFailure, failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Segments } from '../../ui/segments.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { browserOf } from '../../words/browser.ts';
import { counted, grouped } from '../../words/units.ts';
import { ago, dayAndTime } from '../../words/time.ts';
import { PageFrame } from '../shell/shell.tsx';
import { usePreferences, type Theme } from '../shell/preferences.ts';
import styles from './account.module.css';

export function Account(): ReactElement {
  const { state } = useSession();
  const isSignedIn = state.kind === 'signed-in';
  return (
    <PageFrame
      title="Account"
      sub={isSignedIn ? `${state.me.name ?? state.me.username}, ${state.me.role}` : 'not signed in'}
    >
      {isSignedIn ? (
        <>
          <Logins username={state.me.username} />
          <div className={styles.pair}>
            <Password username={state.me.username} />
            <Preferences />
          </div>
        </>
      ) : (
        <>
          <Notice kind="offline" title="You look around without an account">
            In development mode a hub shows its overview to anybody on this machine, read only.{' '}
            <Link to="/sign-in">Sign in</Link> to do more.
          </Notice>
          <Preferences />
        </>
      )}
    </PageFrame>
  );
}

function Logins({ username }: { readonly username: string }): ReactElement {
  const { session } = useSession();
  const queries = useQueryClient();
  const list = useQuery({
    queryKey: ['logins', username],
    queryFn: ({ signal }) => session.call<LoginList>('/api/logins', { signal }),
    refetchInterval: 15_000,
  });
  const end = useMutation({
    mutationFn: (sid: string) => session.call('/api/logins/end', { body: { sid } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['logins'] }),
  });
  const leave = useMutation({ mutationFn: () => session.signOut(), onSuccess: () => navigate('/') });
  const logins = list.data?.logins ?? [];
  const now = useHubNow(10_000);
  const columns: readonly Column<LoginRow>[] = [
    {
      id: 'browser',
      title: 'Where',
      isName: true,
      cell: ({ userAgent, current }) => (
        <span title={userAgent}>
          {browserOf(userAgent)} {current ? <span className={styles.quiet}>this browser</span> : null}
        </span>
      ),
    },
    { id: 'from', title: 'From', cell: ({ address }) => address, narrow: 'hide' },
    {
      id: 'since',
      title: 'Since',
      align: 'right',
      narrow: 'hide',
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => dayAndTime(createdAt),
    },
    {
      id: 'seen',
      title: 'Last seen',
      align: 'right',
      sortBy: ({ lastSeenAt }) => lastSeenAt,
      cell: ({ lastSeenAt, current }) => (current ? 'now' : ago(Math.max(1_000, now - lastSeenAt))),
    },
    { id: 'pages', title: 'Open sessions', align: 'right', narrow: 'hide', cell: ({ sessions }) => grouped(sessions) },
    {
      id: 'end',
      title: 'End',
      align: 'right',
      quiet: true,
      cell: ({ sid, current, userAgent }) =>
        current ? (
          <Button size="small" onPress={() => leave.mutate()} isDisabled={leave.isPending}>
            Sign out
          </Button>
        ) : (
          <DangerButton
            armedText="Press again to end"
            label={`End login on ${browserOf(userAgent)}`}
            isDisabled={end.isPending && end.variables === sid}
            onPress={() => end.mutate(sid)}
          >
            End
          </DangerButton>
        ),
    },
  ];
  const problem = end.error ?? leave.error ?? list.error;
  return (
    <Panel title="Logins" note={counted(logins.length, 'login', 'logins')} ruled>
      {problem === null ? null : (
        <div className={styles.body}>
          <Notice kind="crit" title={list.isError ? 'The list was not loaded' : 'The login was not ended'}>
            {failureWords(problem)}
          </Notice>
        </div>
      )}
      {list.data === undefined ? (
        <p className={styles.body}>no data yet</p>
      ) : (
        <Table
          caption="Your logins"
          columns={columns}
          rows={logins}
          keyOf={({ sid }) => sid}
          isCurrent={({ current }) => current}
        />
      )}
    </Panel>
  );
}

function Password({ username }: { readonly username: string }): ReactElement {
  const { session } = useSession();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const change = useMutation({
    mutationFn: (body: { readonly current: string; readonly password: string }) =>
      session.call<TokenAnswer>('/api/password', { body }),
    onSuccess: (answer) => {
      session.adopt(answer);
      form.current?.reset();
      return queries.invalidateQueries({ queryKey: ['logins'] });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    change.mutate({ current: String(fields.get('current')), password: String(fields.get('password')) });
  };
  return (
    <Panel title="Password">
      <form className={styles.form} onSubmit={submit} ref={form}>
        {change.isSuccess ? (
          <Notice kind="ok" title="The password is changed">
            All your other logins have ended.
          </Notice>
        ) : change.isError ? (
          <Notice kind="crit" title="The password is not changed">
            {change.error instanceof ApiFailure && change.error.reason === 'wrong-password'
              ? 'The current password is not the one of this account.'
              : failureWords(change.error)}
          </Notice>
        ) : null}
        {/* So that password managers know whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
        <Field label="Current password" name="current" type="password" autoComplete="current-password" />
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="8 characters or more, not the user name"
        />
        <div>
          <Button type="submit" look="primary" isDisabled={change.isPending}>
            Change password
          </Button>
        </div>
        <p className={styles.small}>All your other logins end with it, on every browser.</p>
      </form>
    </Panel>
  );
}

const themes = [
  { value: 'system', text: 'System' },
  { value: 'light', text: 'Light' },
  { value: 'dark', text: 'Dark' },
] as const;
const keys = [
  { value: 'on', text: 'On' },
  { value: 'off', text: 'Off' },
] as const;

function Preferences(): ReactElement {
  const [{ theme, shortcuts }, change] = usePreferences();
  return (
    <Panel title="This browser">
      <div className={styles.form}>
        <div className={styles.setting}>
          <span>Theme</span>
          <Segments<Theme> label="Theme" options={themes} value={theme} onChange={(next) => change({ theme: next })} />
        </div>
        <div className={styles.setting}>
          <span>
            Key <kbd>L</kbd> pauses and goes live, <kbd>C</kbd> opens chat, <kbd>S</kbd> shares lines of output
          </span>
          <Segments
            label="Single keys"
            options={keys}
            value={shortcuts ? 'on' : 'off'}
            onChange={(next) => change({ shortcuts: next === 'on' })}
          />
        </div>
      </div>
    </Panel>
  );
}
