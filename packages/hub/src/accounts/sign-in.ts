// The ways into an account and out of it: password, one-time code, refresh, logout. Decides and answers with values;
// knows no HTTP. Called by the routes of http/.

import { randomBytes } from 'node:crypto';
import type { LoginRecord } from '../storage/schema.ts';
import type { Storage, UserFacts } from '../storage/storage.ts';
import { accessTokenSeconds, mintToken } from './access-token.ts';
import { type Accounts, isUsername } from './accounts.ts';
import { deviceProof, knownDevice } from './device.ts';
import type { LoginThrottle } from './login-throttle.ts';
import type { Passwords } from './passwords.ts';
import {
  isGenuine,
  loginLifeMs,
  loginRestMs,
  readRefreshToken,
  refreshGraceMs,
  refreshToken,
} from './refresh-token.ts';

/** Where a request comes from. */
export interface Visitor {
  readonly address: string;
  readonly userAgent: string;
  /** Value of the device cookie. */
  readonly device: string | undefined;
}

/** A login as the browser gets it. */
export interface SignedIn {
  readonly kind: 'signed-in';
  readonly username: string;
  readonly sid: string;
  readonly accessToken: string;
  /** How long the access token lives, in seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  /** New value of the device cookie, after a password was right. */
  readonly device?: string;
}

export type SignInResult =
  | SignedIn
  | { readonly kind: 'refused'; readonly reason: 'wrong' | 'disabled' | 'busy' | 'ended' }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number };

export interface SignIn {
  withPassword(username: string, password: string, visitor: Visitor): Promise<SignInResult>;
  /** Signs a user in whose right to it was proved otherwise. */
  as(username: string, visitor: Visitor): Promise<SignInResult>;
  withRefreshToken(token: string, visitor: Visitor): Promise<SignInResult>;
  /** Asks a signed-in user for the password again: undefined if it is right, or if the account has none yet. */
  confirm(username: string, password: string, sid: string): Promise<Exclude<SignInResult, SignedIn> | undefined>;
  /** Ends the login of a refresh token; a token that is not genuine ends nothing. */
  signOut(token: string): Promise<boolean>;
}

export interface SignInOptions {
  readonly accounts: Accounts;
  readonly storage: Storage;
  readonly passwords: Passwords;
  readonly throttle: LoginThrottle;
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  /** How long an access token lives, in seconds. Default 15 minutes. */
  readonly expiresIn?: number;
  readonly now?: () => number;
}

export function createSignIn(options: SignInOptions): SignIn {
  const { accounts, storage, passwords, throttle, secret, issuer, audience } = options;
  const { expiresIn = accessTokenSeconds, now = Date.now } = options;

  const answer = (user: UserFacts, login: LoginRecord): SignedIn => {
    const issuedAt = Math.floor(now() / 1000);
    return {
      kind: 'signed-in',
      username: user.username,
      sid: login.sid,
      accessToken: mintToken(
        {
          issuer,
          audience,
          subject: user.username,
          scope: user.role,
          name: user.name ?? user.username,
          sid: login.sid,
          issuedAt,
          expiresAt: issuedAt + expiresIn,
        },
        secret,
      ),
      expiresIn,
      refreshToken: refreshToken(login, secret),
    };
  };

  const begin = async (username: string, visitor: Visitor): Promise<SignInResult> => {
    // The command may have added or disabled this user a moment ago.
    await accounts.notice();
    const user = accounts.user(username);
    if (user === undefined) return { kind: 'refused', reason: 'wrong' };
    if (user.disabled === 1) return { kind: 'refused', reason: 'disabled' };
    const time = now();
    const login: LoginRecord = {
      sid: randomBytes(16).toString('base64url'),
      username,
      created_at: time,
      last_seen_at: time,
      address: visitor.address,
      user_agent: visitor.userAgent.slice(0, 256),
      salt: randomBytes(32).toString('base64url'),
      generation: 1,
      rotated_at: time,
    };
    await accounts.addLogin(login);
    return { ...answer(user, login), device: deviceProof(secret, username) };
  };

  const genuine = (text: string): { sid: string; generation: number; login: LoginRecord } | undefined => {
    const token = readRefreshToken(text);
    const login = token === undefined ? undefined : accounts.login(token.sid);
    if (token === undefined || login === undefined || !isGenuine(token, login.salt, secret)) return undefined;
    return { sid: token.sid, generation: token.generation, login };
  };

  return {
    as: begin,

    async withPassword(username, password, visitor) {
      // A name no user can have takes the same path, so that the answer's time tells nothing.
      const named = isUsername(username) ? username : '';
      const device = knownDevice(secret, named, visitor.device);
      const known = device !== undefined || (await storage.isKnownAddress(named, visitor.address));
      const source = known ? (device ?? visitor.address) : undefined;
      const ask = { username: named, address: visitor.address, source };
      const retryAfterMs = await throttle.take(ask);
      if (retryAfterMs !== undefined) return { kind: 'throttled', retryAfterMs };
      const stored = await storage.passwordHash(named);
      const check = await passwords.check(password, stored, known ? 'known' : 'stranger');
      if (check === 'busy') return { kind: 'refused', reason: 'busy' };
      if (check === 'wrong') return { kind: 'refused', reason: 'wrong' };
      await throttle.succeeded(ask);
      return await begin(named, visitor);
    },

    async withRefreshToken(text, visitor) {
      await accounts.notice();
      const token = genuine(text);
      if (token === undefined) return { kind: 'refused', reason: 'ended' };
      const { sid, generation, login } = token;
      const time = now();
      if (time - login.created_at > loginLifeMs || time - login.last_seen_at > loginRestMs) {
        await accounts.endLogin(sid, 'signed-out');
        return { kind: 'refused', reason: 'ended' };
      }
      const { address } = visitor;
      const rotation = await accounts.rotate({ sid, generation, now: time, graceMs: refreshGraceMs, address });
      if (rotation.kind === 'gone' || rotation.kind === 'reused') return { kind: 'refused', reason: 'ended' };
      const user = accounts.user(login.username);
      if (user === undefined || user.disabled === 1) return { kind: 'refused', reason: 'disabled' };
      return answer(user, rotation.login);
    },

    async confirm(username, password, sid) {
      const stored = await storage.passwordHash(username);
      if (stored === null) return undefined;
      const ask = { username, address: '', source: `confirm ${sid}` };
      const retryAfterMs = await throttle.take(ask);
      if (retryAfterMs !== undefined) return { kind: 'throttled', retryAfterMs };
      const check = await passwords.check(password, stored, 'known');
      if (check !== 'right') return { kind: 'refused', reason: check };
      await throttle.succeeded(ask);
      return undefined;
    },

    async signOut(text) {
      const token = genuine(text);
      return token !== undefined && (await accounts.endLogin(token.sid, 'signed-out'));
    },
  };
}
