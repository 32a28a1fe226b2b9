// Which endpoint a request is for. Paths are compared as sent, never decoded or normalised: what needs that is not ours.
// Called by admit.ts, and by upgrade/ to tell requests under the prefix from those of the application.

import { type CompiledPattern, compilePattern, isChannelName } from '@telltale/protocol';
import type { EndpointDefinition } from '../types.ts';
import { pathOf } from './request.ts';

/** An endpoint and the values of its path's placeholders. */
export interface Route {
  readonly endpoint: EndpointDefinition;
  readonly params: Readonly<Record<string, string>>;
}

export interface Router {
  /** Whether a target is under the prefix and so ours to answer, however malformed. */
  claims(target: string): boolean;
  /** The endpoint of a path under the prefix, with and without the trailing slash (END1). */
  find(target: string): Route | undefined;
  /** The id of `<prefix>/attempts/<id>`, or undefined for other paths. */
  attemptId(target: string): string | undefined;
  /** Every path there is, for people. */
  readonly paths: string;
}

const rootEndpoint: EndpointDefinition = { path: '', title: 'Session' };

/** Throws on a prefix or an endpoint's path that could never match. */
export function createRouter(prefix = '/ws', endpoints: readonly EndpointDefinition[] = [rootEndpoint]): Router {
  if (!/^(?:\/[A-Za-z0-9._-]+)+$/.test(prefix)) {
    throw Object.assign(new TypeError(`prefix ${JSON.stringify(prefix)}: expected a path such as "/ws"`), {
      code: 'ERR_TELLTALE_PREFIX',
    });
  }
  const compiled = endpoints
    .map((endpoint) => ({ endpoint, pattern: compileEndpoint(endpoint.path) }))
    .sort((one, other) => (other.pattern?.literals ?? 0) - (one.pattern?.literals ?? 0));
  const isUnder = (path: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

  return {
    paths: endpoints.map(({ path }) => (path === '' ? `${prefix}/` : `${prefix}/${path}/`)).join(', '),
    claims(target) {
      // An absolute target, or one that begins with "//", is ours to refuse if its path is: nobody else would tell why.
      const path = pathOf(target);
      return (
        isUnder(path) ||
        isUnder(path.replace(/^(?:[a-z][a-z0-9+.-]*:)?\/\/[^/]*/i, '')) ||
        isUnder(path.replace(/^\/+/, '/'))
      );
    },
    find(target) {
      const path = pathOf(target);
      if (!isUnder(path)) return undefined;
      const name = path.slice(prefix.length).replace(/^\//, '').replace(/\/$/, '');
      if (name !== '' && !isChannelName(name)) return undefined;
      for (const { endpoint, pattern } of compiled) {
        const params = pattern ? pattern.match(name) : name === '' ? {} : undefined;
        if (params) return { endpoint, params };
      }
      return undefined;
    },
    attemptId(target) {
      const path = pathOf(target);
      const id = path.startsWith(`${prefix}/attempts/`) ? path.slice(prefix.length + '/attempts/'.length) : '';
      return id === '' || id.includes('/') ? undefined : id;
    },
  };
}

function compileEndpoint(path: string): CompiledPattern | undefined {
  if (path === '') return undefined;
  try {
    return compilePattern(path);
  } catch (cause) {
    const message = `endpoint path ${JSON.stringify(path)}: expected parts like "chat/:room", without a slash at either end`;
    throw Object.assign(new TypeError(message, { cause }), { code: 'ERR_TELLTALE_ENDPOINT' });
  }
}

/** Whether a target is a path: an absolute address and "//" name another host than the one asked (ADM2). */
export function isPathTarget(target: string): boolean {
  return target.startsWith('/') && !target.startsWith('//');
}
