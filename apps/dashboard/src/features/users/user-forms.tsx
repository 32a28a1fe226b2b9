// The forms of the users page: a new account, a new password for one.

import type { NewUser } from '@telltale/hub/api';
import type { Scope } from '@telltale/protocol';
import type { FormEvent, ReactElement } from 'react';
import { Button } from '../../ui/button.tsx';
import { Choice, Field } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';
import styles from './users.module.css';
import { roles, type ChangeMutation } from './users-model.ts';

export function AddUser({
  change,
  onClose,
}: {
  readonly change: ChangeMutation;
  readonly onClose: () => void;
}): ReactElement {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const name = String(fields.get('name')).trim();
    const username = String(fields.get('username')).trim();
    const body: NewUser = {
      username,
      role: String(fields.get('role')) as Scope,
      password: String(fields.get('password')),
      ...(name === '' ? {} : { name }),
    };
    change.mutate({ path: '/api/users', body, done: `${username} can sign in now` });
  };
  return (
    <Panel title="Add user">
      <form className={styles.form} onSubmit={submit}>
        <Field label="User" name="username" autoComplete="off" hint="What they sign in with" autoFocus />
        <Field label="Name" name="name" autoComplete="off" hint="For people, may be empty" isRequired={false} />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="8 characters or more, not the user name"
        />
        <Choice label="Role" name="role" options={roles} />
        <Buttons isPending={change.isPending} text="Add user" onClose={onClose} />
      </form>
    </Panel>
  );
}

export function SetPassword({
  username,
  change,
  onClose,
}: {
  readonly username: string;
  readonly change: ChangeMutation;
  readonly onClose: () => void;
}): ReactElement {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password'));
    change.mutate({
      path: '/api/users/password',
      body: { username, password },
      done: `${username} has a new password. Their sessions have ended`,
    });
  };
  return (
    <Panel title={`Set password of ${username}`}>
      <form className={styles.form} onSubmit={submit} key={username}>
        <Field
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="8 characters or more, not the user name"
          autoFocus
        />
        <Buttons isPending={change.isPending} text="Set password" onClose={onClose} />
      </form>
    </Panel>
  );
}

function Buttons({
  isPending,
  text,
  onClose,
}: {
  readonly isPending: boolean;
  readonly text: string;
  readonly onClose: () => void;
}): ReactElement {
  return (
    <div className={styles.buttons}>
      <Button type="submit" look="primary" isDisabled={isPending}>
        {text}
      </Button>
      <Button look="quiet" onPress={onClose}>
        Cancel
      </Button>
    </div>
  );
}
