// Routes for administrators, about other people's accounts, and for operators, about sessions.

import type { SessionView } from '@telltale/gateway';
import { z } from 'zod';
import { isUsername, usernameRule } from '../accounts/accounts.ts';
import { isAcceptablePassword, passwordRule } from '../accounts/passwords.ts';
import type { UserList, UserRow } from '../api.ts';
import { plainText } from '../plain-text.ts';
import type { UserFacts } from '../storage/storage.ts';
import type { HubContext } from './context.ts';
import { badRequest, Failure, notFound } from './failure.ts';
import { type Route, route } from './route.ts';

const username = z.string().refine(isUsername, `expected ${usernameRule}`);
const role = z.enum(['viewer', 'operator', 'admin']);
// Without control characters: libsql cuts a text at a NUL, and a name must not forge a line.
const personName = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,100}$/u, 'expected 1 to 100 characters, no control characters');
const password = z.string();
/** Of what an operator says about the end of a session. */
const mostReasonCharacters = 200;

function rowOf(user: UserFacts): UserRow {
  return {
    username: user.username,
    name: user.name,
    role: user.role,
    disabled: user.disabled === 1,
    createdAt: user.created_at,
    lastSeenAt: user.last_seen_at,
  };
}

export function userRoutes(context: HubContext): readonly Route[] {
  const { accounts, gateway, passwords, log } = context;

  const row = (name: string): UserRow => {
    const user = accounts.user(name);
    if (user === undefined) throw notFound(`There is no user ${name}.`);
    return rowOf(user);
  };
  const acceptable = (text: string, name: string): void => {
    if (!isAcceptablePassword(text, name)) throw badRequest(`password: expected ${passwordRule}.`);
  };
  /** Somebody must be left who can undo it. */
  const keepAnAdmin = (name: string): void => {
    const others = accounts
      .users()
      .filter((user) => user.role === 'admin' && user.disabled === 0 && user.username !== name);
    if (others.length > 0) return;
    throw new Failure({
      status: 409,
      code: 4400,
      name: 'last-admin',
      message: `${name} is the only administrator left.`,
      hint: 'Make another user an administrator first.',
    });
  };

  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: of two administrators who disable each other at once, one must find the other gone. */
  const inTurn = <Result>(run: () => Promise<Result>): Promise<Result> => {
    const next = last.then(run);
    last = next.catch(() => undefined);
    return next;
  };

  return [
    route({
      method: 'POST',
      path: '/api/sessions/end',
      rule: 'operator',
      body: z.strictObject({ session: z.string().max(64), reason: z.string().max(1_000).optional() }),
      handle({ body, identity }) {
        const who = identity?.name ?? identity?.subject ?? '';
        // Shown on the page that is ended, and in its close frame.
        const given = plainText(body.reason ?? '', mostReasonCharacters);
        const reason = given === '' ? 'An operator ended this session.' : `An operator ended this session: ${given}`;
        let attempt: string | undefined;
        const isMeant = ({ id, attempt: its }: SessionView): boolean => {
          if (id !== body.session) return false;
          attempt = its.attempt;
          return true;
        };
        const count = gateway.endSessions(isMeant, 'ended-by-operator', reason);
        if (count === 0) throw notFound('There is no such session; it may have ended.');
        log.info({ user: who, session: body.session, attempt, reason }, `A session was ended by ${who}`);
        return { ended: true };
      },
    }),
    route({
      method: 'GET',
      path: '/api/users',
      rule: 'admin',
      handle: (): UserList => ({ users: accounts.users().map(rowOf) }),
    }),
    route({
      method: 'POST',
      path: '/api/users',
      rule: 'admin',
      body: z.strictObject({ username, name: personName.optional(), role, password }),
      async handle({ body }) {
        acceptable(body.password, body.username);
        const hash = await passwords.hash(body.password);
        const { username: name, role: scope } = body;
        if (!(await accounts.addUser({ username: name, name: body.name ?? null, role: scope, hash }))) {
          throw new Failure({
            status: 409,
            code: 4400,
            name: 'user-exists',
            message: `There is a user ${name} already.`,
          });
        }
        log.info({ user: name, role: scope }, `User ${name} was added`);
        return row(name);
      },
    }),
    route({
      method: 'POST',
      path: '/api/users/role',
      rule: 'admin',
      body: z.strictObject({ username, role }),
      async handle({ body }) {
        await inTurn(async () => {
          if (body.role !== 'admin' && row(body.username).role === 'admin') keepAnAdmin(body.username);
          await accounts.setRole(body.username, body.role);
        });
        log.info({ user: body.username, role: body.role }, `User ${body.username} is now ${body.role}`);
        return row(body.username);
      },
    }),
    route({
      method: 'POST',
      path: '/api/users/disable',
      rule: 'admin',
      body: z.strictObject({ username }),
      async handle({ body }) {
        await inTurn(async () => {
          if (row(body.username).role === 'admin') keepAnAdmin(body.username);
          await accounts.setDisabled(body.username, true);
        });
        log.info({ user: body.username }, `User ${body.username} was disabled`);
        return row(body.username);
      },
    }),
    route({
      method: 'POST',
      path: '/api/users/enable',
      rule: 'admin',
      body: z.strictObject({ username }),
      async handle({ body }) {
        await accounts.setDisabled(body.username, false);
        log.info({ user: body.username }, `User ${body.username} was enabled`);
        return row(body.username);
      },
    }),
    route({
      method: 'POST',
      path: '/api/users/password',
      rule: 'admin',
      body: z.strictObject({ username, password }),
      async handle({ body }) {
        row(body.username);
        acceptable(body.password, body.username);
        await accounts.setPassword(body.username, await passwords.hash(body.password));
        log.info({ user: body.username }, `The password of ${body.username} was reset`);
        return row(body.username);
      },
    }),
  ];
}
