// The user `admin` as TELLTALE_ADMIN_PASSWORD wants it: there, an administrator, enabled, with that password. Called by
// hub.ts at the start.

import type { Storage } from '../storage/storage.ts';
import type { Passwords } from './passwords.ts';

export async function ensureAdmin(storage: Storage, passwords: Passwords, password: string): Promise<void> {
  const stored = await storage.passwordHash('admin');
  if (stored === undefined) {
    const hash = await passwords.hash(password);
    await storage.addUser({ username: 'admin', name: null, role: 'admin', hash, now: Date.now() });
    return;
  }
  await storage.setRole('admin', 'admin');
  await storage.setDisabled('admin', false);
  // Setting it anew would end every login at each start.
  if ((await passwords.check(password, stored, 'known')) !== 'right') {
    await storage.setPassword('admin', await passwords.hash(password));
  }
}
