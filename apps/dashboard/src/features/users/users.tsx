// Users, for administrators: who there is, a new one, roles, disabling, passwords.

import type { UserList, UserRow } from '@telltale/hub/api';
import type { Scope } from '@telltale/protocol';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Choice } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Table, type Column } from '../../ui/table.tsx';
import { counted, missing } from '../../words/units.ts';
import { shownName } from '../../words/name.ts';
import { dayAndTime } from '../../words/time.ts';
import { PageFrame } from '../shell/shell.tsx';
import styles from './users.module.css';
import { AddUser, SetPassword } from './user-forms.tsx';
import { noteOf, roles, type Change, type ChangeMutation } from './users-model.ts';

export function Users(): ReactElement {
  const { session, state } = useSession();
  const { isUp } = useLine();
  const self = state.kind === 'signed-in' ? state.me.username : undefined;
  const queries = useQueryClient();
  const [form, setForm] = useState<'add' | { readonly passwordOf: string }>();
  const list = useQuery({
    queryKey: ['users', self],
    queryFn: ({ signal }) => session.call<UserList>('/api/users', { signal }),
    refetchInterval: 30_000,
  });
  const change = useMutation({
    mutationFn: ({ path, body }: Change) => session.call<UserRow>(path, { body }),
    onSuccess: () => {
      setForm(undefined);
      return queries.invalidateQueries({ queryKey: ['users'] });
    },
  });
  const users = list.data?.users ?? [];
  return (
    <PageFrame
      title="Users"
      sub={list.data === undefined ? '' : noteOf(users)}
      tools={
        <Button look="primary" onPress={() => setForm('add')}>
          <Icon name="plus" size={14} />
          Add user
        </Button>
      }
    >
      <Outcome change={change} />
      {form === undefined ? null : form === 'add' ? (
        <AddUser change={change} onClose={() => setForm(undefined)} />
      ) : (
        <SetPassword username={form.passwordOf} change={change} onClose={() => setForm(undefined)} />
      )}
      <Panel
        title="Accounts"
        note={counted(users.length, 'user', 'users')}
        ruled
        tools={
          <span className={styles.phoneOnly}>
            <Button size="small" onPress={() => setForm('add')}>
              Add user
            </Button>
          </span>
        }
      >
        {list.isError ? (
          <div className={styles.body}>
            <Notice kind="crit" title="The list was not loaded">
              {failureWords(list.error)}
            </Notice>
          </div>
        ) : list.data === undefined ? (
          <p className={styles.body}>no data yet</p>
        ) : (
          <Table
            caption="Accounts"
            columns={columnsFor(self, change, (username) => setForm({ passwordOf: username }))}
            rows={users}
            keyOf={({ username }) => username}
            initialOrder={{ column: 'user', direction: 'ascending' }}
            stale={!isUp}
            isCurrent={({ username }) => username === self}
          />
        )}
      </Panel>
    </PageFrame>
  );
}

function Outcome({ change }: { readonly change: ChangeMutation }): ReactElement | null {
  if (change.isError) {
    return (
      <Notice kind="crit" title="Nothing was changed">
        {failureWords(change.error)}
      </Notice>
    );
  }
  return change.isSuccess ? <Notice kind="ok" title={change.variables.done} /> : null;
}

function columnsFor(
  self: string | undefined,
  change: ChangeMutation,
  onPassword: (username: string) => void,
): readonly Column<UserRow>[] {
  return [
    {
      id: 'user',
      title: 'User',
      isName: true,
      sortBy: ({ username }) => username,
      cell: ({ username, name }) => (
        <span title={username}>
          {username} <span className={styles.quiet}>{username === self ? 'you' : shownName(name ?? '')}</span>
        </span>
      ),
    },
    {
      id: 'role',
      title: 'Role',
      sortBy: ({ role }) => roles.indexOf(role),
      cell: ({ username, role }) => (
        <Choice
          label={`Role of ${username}`}
          name={`role of ${username}`}
          isLabelHidden
          options={roles}
          value={role}
          isDisabled={username === self || change.isPending}
          onChange={(next) =>
            change.mutate({
              path: '/api/users/role',
              body: { username, role: next as Scope },
              done: `${username} is now ${next}`,
            })
          }
        />
      ),
    },
    {
      id: 'state',
      title: 'State',
      narrow: 'hide',
      sortBy: ({ disabled }) => (disabled ? 0 : 1),
      cell: ({ disabled }) => (disabled ? 'Disabled' : 'Enabled'),
    },
    {
      id: 'seen',
      title: 'Last seen',
      align: 'right',
      narrow: 'hide',
      sortBy: ({ lastSeenAt }) => lastSeenAt ?? 0,
      cell: ({ lastSeenAt }) => (lastSeenAt === null ? missing : dayAndTime(lastSeenAt)),
    },
    {
      id: 'since',
      title: 'Since',
      align: 'right',
      narrow: 'hide',
      sortBy: ({ createdAt }) => createdAt,
      cell: ({ createdAt }) => dayAndTime(createdAt),
    },
    {
      id: 'actions',
      title: 'Actions',
      align: 'right',
      quiet: true,
      cell: ({ username, disabled }) => (
        <span className={styles.actions}>
          <Button look="quiet" size="small" label={`Set password of ${username}`} onPress={() => onPassword(username)}>
            <Icon name="key-round" size={14} />
            <span className={styles.wideOnly}>Set password</span>
          </Button>
          {username === self ? null : disabled ? (
            <Button
              size="small"
              label={`Enable ${username}`}
              onPress={() =>
                change.mutate({ path: '/api/users/enable', body: { username }, done: `${username} may sign in again` })
              }
            >
              Enable
            </Button>
          ) : (
            <DangerButton
              armedText="Press again to disable"
              label={`Disable ${username}`}
              onPress={() =>
                change.mutate({
                  path: '/api/users/disable',
                  body: { username },
                  done: `${username} is disabled. Their sessions have ended`,
                })
              }
            >
              Disable
            </DangerButton>
          )}
        </span>
      ),
    },
  ];
}
