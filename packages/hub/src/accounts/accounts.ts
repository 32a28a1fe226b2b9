// Users and logins, in memory for rules that may not wait, in storage for good. The one place that changes them, and the
// one that tells what a change means for live sessions, whoever made it: this hub or the command beside it.

import type { EndName, Scope } from '@telltale/protocol';
import type { LoginRecord } from '../storage/schema.ts';
import type { Facts, Rotation, Storage, UserFacts } from '../storage/storage.ts';

/** What live sessions must learn. */
export type AccountChange =
  | { readonly kind: 'disabled'; readonly username: string }
  | { readonly kind: 'password'; readonly username: string }
  | { readonly kind: 'rights'; readonly username: string; readonly role: Scope; readonly name: string | null }
  | { readonly kind: 'login-ended'; readonly username: string; readonly sid: string; readonly name: EndName };

export interface Accounts {
  user(username: string): UserFacts | undefined;
  users(): readonly UserFacts[];
  login(sid: string): LoginRecord | undefined;
  loginsOf(username: string): readonly LoginRecord[];
  onChange(listener: (change: AccountChange) => void): void;
  /** Reads everything anew and tells the differences. */
  reload(): Promise<void>;
  /** Reloads if another process has changed the database since the last time. */
  notice(): Promise<void>;
  addUser(user: { username: string; name: string | null; role: Scope; hash: string | null }): Promise<boolean>;
  setPassword(username: string, hash: string): Promise<boolean>;
  setRole(username: string, role: Scope): Promise<boolean>;
  setDisabled(username: string, disabled: boolean): Promise<boolean>;
  addLogin(login: LoginRecord): Promise<void>;
  rotate(ask: Parameters<Storage['rotate']>[0]): Promise<Rotation>;
  endLogin(sid: string, name: EndName): Promise<boolean>;
  /** Ends logins that are too old or rested too long. */
  dropLogins(ask: Parameters<Storage['dropLogins']>[0]): Promise<void>;
}

const usernameGrammar = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export const usernameRule = '1 to 64 characters of a-z, 0-9, ".", "_" and "-", beginning with a letter or a digit';

export function isUsername(text: string): boolean {
  return usernameGrammar.test(text);
}

export async function createAccounts(storage: Storage): Promise<Accounts> {
  let users = new Map<string, UserFacts>();
  let logins = new Map<string, LoginRecord>();
  const listeners: ((change: AccountChange) => void)[] = [];
  /** Why this hub ends a login, until the reload that finds it gone. */
  const endNames = new Map<string, EndName>();
  let counter = await storage.changeCounter();
  let reloading: Promise<void> = Promise.resolve();

  const tell = (change: AccountChange): void => {
    for (const listener of listeners) listener(change);
  };

  const apply = (facts: Facts): void => {
    const [oldUsers, oldLogins] = [users, logins];
    users = new Map(facts.users.map((user) => [user.username, user]));
    logins = new Map(facts.logins.map((login) => [login.sid, login]));
    for (const user of users.values()) {
      const { username, role, name } = user;
      const old = oldUsers.get(username);
      if (user.disabled === 1 && old?.disabled !== 1) tell({ kind: 'disabled', username });
      else if (old !== undefined && user.password_version !== old.password_version)
        tell({ kind: 'password', username });
      if (role !== old?.role || name !== old.name) tell({ kind: 'rights', username, role, name });
    }
    for (const { sid, username } of oldLogins.values()) {
      if (logins.has(sid)) continue;
      tell({ kind: 'login-ended', username, sid, name: endNames.get(sid) ?? 'signed-out' });
      endNames.delete(sid);
    }
  };

  // One after the other: an answer that was read earlier must not overwrite one read later.
  const reload = (): Promise<void> => {
    const next = reloading.then(async () => apply(await storage.facts()));
    reloading = next.catch(() => undefined);
    return next;
  };
  const andReload = async <Result>(result: Promise<Result>): Promise<Result> => {
    const value = await result;
    await reload();
    return value;
  };

  await reload();
  return {
    user: (username) => users.get(username),
    users: () => [...users.values()],
    login: (sid) => logins.get(sid),
    loginsOf: (username) =>
      [...logins.values()]
        .filter((login) => login.username === username)
        .sort((one, other) => other.created_at - one.created_at),
    onChange: (listener) => void listeners.push(listener),
    reload,
    async notice() {
      const found = await storage.changeCounter();
      if (found === counter) return;
      await reload();
      // Only now: a reload that failed is tried again.
      counter = found;
    },
    addUser: (user) => andReload(storage.addUser({ ...user, now: Date.now() })),
    setPassword: (username, hash) => andReload(storage.setPassword(username, hash)),
    setRole: (username, role) => andReload(storage.setRole(username, role)),
    setDisabled: (username, disabled) => andReload(storage.setDisabled(username, disabled)),
    addLogin: (login) => andReload(storage.addLogin(login)),
    async rotate(ask) {
      const rotation = await storage.rotate(ask);
      if (rotation.kind === 'reused') endNames.set(ask.sid, 'token-revoked');
      if (rotation.kind !== 'repeated') await reload();
      return rotation;
    },
    endLogin(sid, name) {
      if (logins.has(sid)) endNames.set(sid, name);
      return andReload(storage.endLogin(sid));
    },
    async dropLogins(ask) {
      if ((await storage.dropLogins(ask)) > 0) await reload();
    },
  };
}
