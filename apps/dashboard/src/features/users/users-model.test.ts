import type { UserRow } from '@telltale/hub/api';
import { expect, it } from 'vitest';
import { noteOf } from './users-model.ts';

const user = (role: UserRow['role'], disabled = false): UserRow => ({
  username: role,
  name: null,
  role,
  disabled,
  createdAt: 0,
  lastSeenAt: null,
});

it('counts administrators who can sign in, and the disabled only where there are such', () => {
  expect(noteOf([user('admin')])).toBe('1 user, 1 administrator');
  expect(noteOf([user('admin'), user('admin', true), user('viewer')])).toBe('3 users, 1 disabled, 1 administrator');
});
