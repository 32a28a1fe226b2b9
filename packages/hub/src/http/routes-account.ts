// Routes of one's own account: signing in and out, who am I, own logins, own password.

import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { isAcceptablePassword, passwordRule } from '../accounts/passwords.ts';
import type { SignInResult, Visitor } from '../accounts/sign-in.ts';
import type { LoginList, Me, RefreshAnswer, TokenAnswer } from '../api.ts';
import type { HubContext } from './context.ts';
import { readCookie } from './cookies.ts';
import { badRequest, Failure, notFound, refusalFailure } from './failure.ts';
import { type Route, route, type RouteRequest } from './route.ts';

const username = z.string().max(256);
// Longer ones are refused before any hash is computed, and told apart from nothing.
const password = z.string().refine((text) => Buffer.byteLength(text) <= 1024, 'expected at most 1,024 bytes');

const wrongPassword = {
  status: 401,
  code: 4401,
  name: 'wrong-password',
  message: 'No user with this name and this password.',
} as const;

function negative(result: Exclude<SignInResult, { kind: 'signed-in' }>): Failure {
  if (result.kind === 'throttled') {
    return new Failure({
      status: 429,
      code: 4429,
      name: 'too-many',
      message: 'Too many failed sign-ins from here or for this account.',
      hint: 'Wait, or sign in on a device or from an address where you have signed in before.',
      retryAfterMs: result.retryAfterMs,
    });
  }
  switch (result.reason) {
    case 'wrong':
      return new Failure(wrongPassword);
    case 'disabled':
      return refusalFailure('account-disabled', 'This account is disabled.', 'Ask an administrator to enable it.');
    case 'ended':
      return refusalFailure('token-session-ended', 'This login has ended.', 'Sign in again.');
    case 'busy':
      return new Failure({
        status: 503,
        code: 4503,
        name: 'unavailable',
        message: 'The hub is busy with other sign-ins.',
        retryAfterMs: 2000,
      });
  }
}

export function accountRoutes(context: HubContext): readonly Route[] {
  const { accounts, cookies, gateway, passwords, signIn, startCode, log } = context;

  const visitor = ({ address, raw }: RouteRequest<unknown>): Visitor => ({
    address,
    userAgent: raw.headers['user-agent'] ?? '',
    device: readCookie(raw.headers.cookie, cookies.deviceName),
  });
  const refreshCookie = (headers: IncomingHttpHeaders): string => readCookie(headers.cookie, cookies.refreshName) ?? '';

  const answer = ({ reply, address }: RouteRequest<unknown>, result: SignInResult, how: string): TokenAnswer => {
    if (result.kind !== 'signed-in') throw negative(result);
    const set = [cookies.refresh(result.refreshToken)];
    if (result.device !== undefined) set.push(cookies.device(result.device));
    reply.header('set-cookie', set);
    // A page refreshes every quarter of an hour; that is no event.
    const level = how === 'refresh' ? 'debug' : 'info';
    log[level]({ user: result.username, address }, `${result.username} signed in by ${how}`);
    return { access_token: result.accessToken, token_type: 'Bearer', expires_in: result.expiresIn };
  };

  return [
    route({
      method: 'POST',
      path: '/api/login',
      rule: 'anyone',
      cors: 'allowed-origins',
      body: z.strictObject({ username, password }),
      async handle(request) {
        const result = await signIn.withPassword(request.body.username, request.body.password, visitor(request));
        if (result.kind !== 'signed-in') {
          log.warn(
            { address: request.address },
            `A sign-in was refused: ${result.kind === 'refused' ? result.reason : result.kind}`,
          );
        }
        return answer(request, result, 'password');
      },
    }),
    route({
      method: 'POST',
      path: '/api/refresh',
      rule: 'cookie',
      async handle(request) {
        const token = refreshCookie(request.raw.headers);
        // A page asks before it knows whether somebody is signed in: nobody is no failure.
        if (token === '') return { access_token: null } satisfies RefreshAnswer;
        const result = await signIn.withRefreshToken(token, visitor(request));
        if (result.kind === 'refused') request.reply.header('set-cookie', cookies.endRefresh());
        return answer(request, result, 'refresh');
      },
    }),
    route({
      method: 'POST',
      path: '/api/logout',
      rule: 'cookie',
      async handle({ raw, reply }) {
        await signIn.signOut(refreshCookie(raw.headers));
        reply.header('set-cookie', cookies.endRefresh());
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/api/start',
      rule: 'first-start',
      body: z.strictObject({ code: z.string().max(256) }),
      async handle(request) {
        if (startCode?.spend(request.body.code) !== true) {
          throw new Failure({
            status: 401,
            code: 4401,
            name: 'start-code',
            message: 'This one-time link was used already, is older than ten minutes, or belongs to an earlier start.',
            hint: 'Start the hub again for a new link, or sign in with a password.',
          });
        }
        if (accounts.user('admin') === undefined) {
          await accounts.addUser({ username: 'admin', name: null, role: 'admin', hash: null });
        }
        return answer(request, await signIn.as('admin', visitor(request)), 'one-time link');
      },
    }),
    route({
      method: 'GET',
      path: '/api/me',
      rule: 'reader',
      cors: 'allowed-origins',
      handle({ identity }): Me {
        const { id = '', subject = '', kind = 'anonymous', scope = 'viewer', name = null } = identity ?? {};
        return { id, username: subject, name, role: scope, kind };
      },
    }),
    route({
      method: 'POST',
      path: '/api/password',
      rule: 'login',
      body: z.strictObject({ current: password, password }),
      async handle(request) {
        const { login, body } = request;
        if (login === undefined) throw badRequest('This token belongs to no login.');
        const user = login.username;
        if (!isAcceptablePassword(body.password, user)) throw badRequest(`password: expected ${passwordRule}.`);
        const result = await signIn.confirm(user, body.current, login.sid);
        if (result !== undefined) throw negative(result);
        await accounts.setPassword(user, await passwords.hash(body.password));
        log.info({ user }, `${user} changed the password`);
        return answer(request, await signIn.as(user, visitor(request)), 'new password');
      },
    }),
    route({
      method: 'GET',
      path: '/api/logins',
      rule: 'login',
      handle({ login }): LoginList {
        const open = [...gateway.sessions()];
        return {
          logins: accounts.loginsOf(login?.username ?? '').map((row) => ({
            sid: row.sid,
            createdAt: row.created_at,
            lastSeenAt: row.last_seen_at,
            address: row.address,
            userAgent: row.user_agent,
            current: row.sid === login?.sid,
            sessions: open.filter((session) => session.sid === row.sid).length,
          })),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/api/logins/end',
      rule: 'login',
      body: z.strictObject({ sid: z.string().max(64) }),
      async handle({ login, body }) {
        // Another's login and none look the same from here.
        if (login === undefined || accounts.login(body.sid)?.username !== login.username) {
          throw notFound('You have no such login.');
        }
        return { ended: await accounts.endLogin(body.sid, 'ended-by-user') };
      },
    }),
  ];
}
