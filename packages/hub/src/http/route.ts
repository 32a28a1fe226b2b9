// The shape of a route and its rule. Every route of the hub is one value of this type in one table (routes.ts); server.ts
// registers from that table and from nowhere else, so a route without a rule cannot exist.

import type { Identity } from '@telltale/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { LoginRecord } from '../storage/schema.ts';

/**
 * Who may use a route.
 *
 * - `anyone`: no credential is looked at
 * - `reader`: a Bearer, or nobody in particular where development allows that
 * - `viewer`, `operator`, `admin`: a Bearer with at least this scope
 * - `login`: a Bearer that belongs to a login of this hub
 * - `cookie`: the refresh cookie, and an `Origin` that is our own
 * - `first-start`: development, from this machine, from our own page
 * - `operations`: from this machine, or with the metrics token
 */
export type RouteRule =
  'anyone' | 'reader' | 'viewer' | 'operator' | 'admin' | 'login' | 'cookie' | 'first-start' | 'operations';

/** What a rule has found out, and what a handler works with. */
export interface RouteRequest<Body> {
  readonly body: Body;
  readonly identity: Identity | undefined;
  readonly sid: string | undefined;
  readonly jti: string | undefined;
  /** Set where the rule is `login`. */
  readonly login: LoginRecord | undefined;
  readonly address: string;
  readonly raw: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface Route<Body = unknown> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly rule: RouteRule;
  /** Whether pages of allowed origins may use it by CORS. */
  readonly cors?: 'allowed-origins';
  /** Shape of the JSON body; a POST without one takes an empty object. */
  readonly body?: z.ZodType<Body>;
  /** Answers with the JSON body, or with `reply` itself where it is no JSON. */
  readonly handle: (request: RouteRequest<Body>) => unknown;
}

/** Declares a route; lets the handler know the type of its body. */
export function route<Body>(definition: Route<Body>): Route {
  return definition as unknown as Route;
}
