// What the users page says about its list, and what a change to an account is. Pure.

import type { UserRow } from '@telltale/hub/api';
import type { UseMutationResult } from '@tanstack/react-query';
import type { Scope } from '@telltale/protocol';
import { counted, grouped } from '../../words/units.ts';

/** One change to an account. */
export interface Change {
  readonly path: string;
  readonly body: object;
  /** What is said when it is done. */
  readonly done: string;
}

export type ChangeMutation = UseMutationResult<UserRow, Error, Change>;

/** Each includes the ones before it. */
export const roles: readonly Scope[] = ['viewer', 'operator', 'admin'];

/** `3 users, 1 disabled, 2 administrators`. */
export function noteOf(users: readonly UserRow[]): string {
  const disabled = users.filter((user) => user.disabled).length;
  const admins = users.filter(({ role, disabled: off }) => role === 'admin' && !off).length;
  return [
    counted(users.length, 'user', 'users'),
    ...(disabled > 0 ? [`${grouped(disabled)} disabled`] : []),
    counted(admins, 'administrator', 'administrators'),
  ].join(', ');
}
