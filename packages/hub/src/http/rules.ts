// Decides each route's rule. Called by server.ts before a handler runs; the only place in the hub that reads
// credentials from HTTP requests.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CredentialRequest, Gateway } from '@telltale/gateway';
import { hasScope, type Identity, identityId, refusals, refusalStatus } from '@telltale/protocol';
import type { FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { plainText } from '../plain-text.ts';
import type { LoginRecord } from '../storage/schema.ts';
import type { Settings } from '../settings.ts';
import { isLoopbackHost } from '../settings-table.ts';
import { plainAddress } from './client-address.ts';
import { Failure, refusalFailure } from './failure.ts';
import { forgery, hostName, type Origins } from './origins.ts';
import type { RouteRule } from './route.ts';

/** Who a rule let in. */
export interface Admitted {
  readonly identity: Identity | undefined;
  readonly sid: string | undefined;
  readonly jti: string | undefined;
  readonly login: LoginRecord | undefined;
}

export interface RulesOptions {
  readonly settings: Pick<Settings, 'mode' | 'host' | 'metricsToken' | 'issuer'>;
  readonly origins: Origins;
  readonly accounts: Accounts;
  readonly authenticate: Gateway['authenticate'];
  readonly addressOf: (request: IncomingMessage) => string;
}

const nobody: Admitted = { identity: undefined, sid: undefined, jti: undefined, login: undefined };
const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Nobody in particular, with the same id a socket without a token has. */
function anonymousOf(issuer: string): Identity {
  const name = { issuer, kind: 'anonymous', subject: 'anonymous' } as const;
  const id = identityId(name, (text) => createHash('sha256').update(text).digest());
  return { id, ...name, scope: 'viewer' };
}

/** The token of a Bearer, whatever its form: one that is empty or garbled is refused, never taken for none. */
function bearer(request: FastifyRequest): string | undefined {
  const [found, token = ''] = /^bearer(?: +(.*))?$/i.exec(request.headers.authorization ?? '') ?? [];
  return found === undefined ? undefined : token;
}

/** What the store's word on a token may depend on beside the token: an agent's is good on one machine. */
function circumstances(request: FastifyRequest, address: string): CredentialRequest {
  const { pathname, searchParams } = new URL(request.url, 'http://hub');
  const parameters = new Map<string, string>();
  for (const [name, value] of searchParams) {
    if (!['token', 'ticket'].includes(name) && !parameters.has(name)) parameters.set(name, value);
  }
  const userAgent = request.headers['user-agent'];
  return {
    address,
    path: plainText(pathname, 120),
    userAgent: userAgent === undefined ? undefined : plainText(userAgent, 120),
    parameters,
  };
}

function isSame(one: string, other: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}

/** Whether a request comes from this very machine and was not passed on by anything. */
export function isFromHere(request: FastifyRequest): boolean {
  const peer = request.raw.socket.remoteAddress ?? '';
  // A proxy on this machine that adds no header of its own still asks for the name its visitors typed.
  const loopback =
    isLoopbackHost(plainAddress(peer)) && isLoopbackHost(hostName(request.headers.host?.toLowerCase() ?? ''));
  return loopback && !forwarding.some((name) => request.headers[name] !== undefined);
}

/** Whether a request without a credential may look around: in development, from where the hub listens, not passed on. */
export function isOpenTo(request: FastifyRequest, settings: Pick<Settings, 'mode' | 'host'>): boolean {
  if (settings.mode !== 'development') return false;
  if (isLoopbackHost(settings.host)) return isFromHere(request);
  return !forwarding.some((name) => request.headers[name] !== undefined);
}

export function createRules(options: RulesOptions): (rule: RouteRule, request: FastifyRequest) => Promise<Admitted> {
  const { settings, origins, accounts, authenticate, addressOf } = options;
  const anonymous = anonymousOf(settings.issuer);

  const byToken = async (token: string, request: FastifyRequest): Promise<Admitted & { identity: Identity }> => {
    const result = await authenticate(token, circumstances(request, addressOf(request.raw)));
    if (result.kind === 'refused') {
      const { name, reason, hint, code } = result;
      throw new Failure({
        status: refusalStatus(name),
        code: refusals[name].code ?? code,
        name,
        message: reason,
        hint,
      });
    }
    const { identity, sid, jti } = result;
    return { identity, sid, jti, login: undefined };
  };
  const required = async (request: FastifyRequest): Promise<Admitted & { identity: Identity }> => {
    const token = bearer(request);
    if (token !== undefined) return await byToken(token, request);
    throw refusalFailure(
      'token-missing',
      'This needs a signed-in user: found no "Authorization: Bearer <token>" header.',
      'Sign in with POST /api/login, or mint a token with "telltale token".',
    );
  };

  return async (rule, request) => {
    switch (rule) {
      case 'anyone':
        return nobody;
      case 'reader': {
        const open = bearer(request) === undefined && isOpenTo(request, settings);
        return open ? { ...nobody, identity: anonymous } : await required(request);
      }
      case 'viewer':
      case 'operator':
      case 'admin': {
        const admitted = await required(request);
        if (hasScope(admitted.identity, rule)) return admitted;
        throw new Failure({
          status: 403,
          code: 4403,
          name: 'forbidden',
          message: `This needs the scope ${rule}; you have ${admitted.identity.scope}.`,
        });
      }
      case 'login': {
        const admitted = await required(request);
        const login = admitted.sid === undefined ? undefined : accounts.login(admitted.sid);
        if (login !== undefined) return { ...admitted, login };
        throw new Failure({
          status: 403,
          code: 4403,
          name: 'forbidden',
          message: 'This is about your own login, and this token does not belong to one.',
          hint: 'Sign in with POST /api/login and use the token it answers.',
        });
      }
      case 'cookie': {
        const fault = forgery(request.headers, origins, 'by-cookie');
        if (fault === undefined) return nobody;
        throw refusalFailure(
          'origin-not-allowed',
          fault === 'origin-missing'
            ? 'A request that a cookie authenticates must carry the Origin of our own page; found none.'
            : 'A request that a cookie authenticates must come from our own page.',
          'A program signs in with POST /api/login and uses its token as a Bearer.',
        );
      }
      case 'first-start': {
        const own = origins.isOwn(request.headers.origin, request.headers.host);
        if (settings.mode === 'development' && own && isFromHere(request)) return nobody;
        throw new Failure({
          status: 403,
          code: 4403,
          name: 'forbidden',
          message: 'The one-time link works in development, on the machine the hub runs on, from its own page only.',
        });
      }
      case 'operations': {
        const token = bearer(request);
        const { metricsToken } = settings;
        if (token !== undefined && metricsToken !== undefined && isSame(token, metricsToken)) return nobody;
        if (token === undefined && isFromHere(request)) return nobody;
        // As if it did not exist: what is measured here is nobody else's business.
        throw new Failure({ status: 404, code: 4404, name: 'not-found', message: 'There is nothing at this address.' });
      }
    }
  };
}
