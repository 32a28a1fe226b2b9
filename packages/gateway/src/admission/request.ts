// An upgrade request as plain values. Made by upgrade/ from node:http; everything in admission/ reads this and never a
// socket. Parsing keeps what was sent: it decodes the query and nothing else, and compares headers by exact name.

import { isChannelPart } from '@telltale/protocol';
import { shown } from '@telltale/protocol/explain';
import type { Attempt, CredentialRequest } from '../types.ts';

/** What admission knows of a request. */
export interface UpgradeRequest {
  readonly method: string;
  /** `1.1` */
  readonly httpVersion: string;
  /** The request target as sent, with query. Holds credentials: never log it. */
  readonly target: string;
  /** Every value of each header, by lower-case name, in the order sent. Holds credentials: never log it. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The client's address, behind trusted proxies the one they name. */
  readonly address: string;
  /** The trusted proxies it came through, nearest last. */
  readonly proxies: readonly string[];
  /** Whether the peer itself is a trusted proxy. */
  readonly isByProxy: boolean;
}

/** Groups `rawHeaders` (name, value, name, value, …) by lower-case name; nothing is joined or dropped. */
export function readHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    const values = headers.get(name);
    if (values) values.push(rawHeaders[index + 1] as string);
    else headers.set(name, [rawHeaders[index + 1] as string]);
  }
  return headers;
}

/** The value of a header that may occur once; undefined if it is absent. */
export function headerOf(request: UpgradeRequest, name: string): string | undefined {
  return request.headers.get(name)?.[0];
}

/** The path of a target, without query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/**
 * A path fit for logs and events: at most 120 characters, long parts that no channel has replaced, since they may be tokens. In
 * a path that is no endpoint's also those that may be a ticket: such a path may be a query that lost its question mark.
 * Without a target nobody has read it: `unknown`.
 */
export function shownPath(target: string, isEndpoint: boolean): string {
  if (target === '') return 'unknown';
  const path = pathOf(target).replace(/[^/]{65,}/g, (part) => (isChannelPart(part) ? part : '…'));
  return shown(isEndpoint ? path : path.replace(/(?<=\/)(?=[^/]*[A-Z0-9])[A-Za-z0-9_-]{22,}(?=\/|$)/g, '…'));
}

/** The query, or the first parameter that could not be read. */
export type Query =
  | { readonly kind: 'query'; readonly parameters: ReadonlyMap<string, readonly string[]> }
  | { readonly kind: 'malformed'; readonly field: string };

/** Reads a query strictly: invalid percent-encoding is a fault, `+` is a plus, and no parameter is taken for another. */
export function readQuery(target: string): Query {
  const parameters = new Map<string, string[]>();
  const start = target.indexOf('?');
  if (start < 0) return { kind: 'query', parameters };
  for (const pair of target.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const rawName = equals < 0 ? pair : pair.slice(0, equals);
    try {
      const name = decodeURIComponent(rawName);
      const value = equals < 0 ? '' : decodeURIComponent(pair.slice(equals + 1));
      const values = parameters.get(name);
      if (values) values.push(value);
      else parameters.set(name, [value]);
    } catch {
      return { kind: 'malformed', field: /^[\w-]{1,32}$/.test(rawName) ? rawName : '(unnamed)' };
    }
  }
  return { kind: 'query', parameters };
}

/** What an application's hook may know of an attempt: how it was asked, and nothing that is a credential. */
export function credentialRequest({ address, path, userAgent }: Attempt, query: Query): CredentialRequest {
  const parameters = new Map<string, string>();
  if (query.kind === 'query') {
    for (const [name, [first = '']] of query.parameters) {
      if (!credentialParameters.has(name)) parameters.set(name, first);
    }
  }
  return { address, path, userAgent, parameters };
}

/** The parameters that credentials are read from (ADM4). */
const credentialParameters: ReadonlySet<string> = new Set(['token', 'ticket']);
