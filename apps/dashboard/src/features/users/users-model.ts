// What the users page says about its list. Pure.

import type { UserRow } from '@telltale/hub/api';
import type { Scope } from '@telltale/protocol';
import { counted, grouped } from '../../words/units.ts';

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
