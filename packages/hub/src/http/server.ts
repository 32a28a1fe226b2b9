// The hub's HTTP server: Fastify, made deaf to everything but the route table. Owns the order in which a request is
// judged: host, forged request, body, rule, handler; and the one place where errors become answers.

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { HubContext } from './context.ts';
import { badRequest, Failure, notFound, refusalFailure } from './failure.ts';
import { createHttpServer, headerBytesOf, mostHeaderBytes } from './http-server.ts';
import { createMalformedHandler, headersTooLarge } from './malformed.ts';
import { forgery } from './origins.ts';
import type { Route, RouteRule } from './route.ts';
import { createRules } from './rules.ts';
import { findStaticFile, type StaticFile } from './static-files.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on every route; registering one without it throws. */
    rule?: RouteRule;
  }
}

const emptyBody = z.object({}).optional();

/** Request target without its query, which may hold a credential. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end < 0 ? url : url.slice(0, end);
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: StaticFile): FastifyReply {
  reply.header('cache-control', file.caching === 'immutable' ? 'public, max-age=31536000, immutable' : 'no-cache');
  reply.header('etag', file.etag).header('vary', 'Accept-Encoding').type(file.type);
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const accepts = request.headers['accept-encoding']?.toString() ?? '';
  if (file.brotli !== undefined && /\bbr\b/.test(accepts))
    return reply.header('content-encoding', 'br').send(file.brotli);
  if (file.gzip !== undefined && /\bgzip\b/.test(accepts)) {
    return reply.header('content-encoding', 'gzip').send(file.gzip);
  }
  return reply.send(file.body);
}

function issueSentences(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length === 0 ? 'body' : issue.path.join('.')}: ${issue.message}`)
    .join('; ');
}

/** Makes the server from the table. It listens to nothing yet. */
export function createServer(context: HubContext, routes: readonly Route[]): FastifyInstance {
  const { origins, log } = context;
  const app = fastify({
    logger: false,
    bodyLimit: 512 * 1024,
    exposeHeadRoutes: true,
    forceCloseConnections: true,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: (error, request, reply) => {
      answerError(error, request, reply);
    },
    clientErrorHandler: createMalformedHandler(origins),
    serverFactory: (handler) => createHttpServer(origins, handler),
  });

  function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const failure = asFailure(error, request);
    const { status, retryAfterMs } = failure.options;
    if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(failure.body));
  }

  function asFailure(error: unknown, request: FastifyRequest): Failure {
    if (error instanceof Failure) return error;
    const { statusCode, code } = error as { statusCode?: number; code?: string };
    if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      const found = (request.headers['content-type'] ?? 'none').slice(0, 60);
      return new Failure({
        status: 415,
        code: 4400,
        name: 'bad-request',
        message: `Found the content type ${JSON.stringify(found)}, expected application/json.`,
      });
    }
    if (statusCode === 413) {
      return new Failure({ status: 413, code: 4400, name: 'bad-request', message: 'The body is longer than 512 KiB.' });
    }
    if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
      return badRequest('The body is not a JSON object we can read, or its length is wrong.');
    }
    log.error({ err: error, path: pathOf(request.url) }, 'a request failed inside the hub');
    if (/^SQLITE_(FULL|BUSY|IOERR|READONLY)/.test(code ?? '')) {
      return new Failure({
        status: 503,
        code: 4503,
        name: 'unavailable',
        message: 'The hub cannot write to its database now; its log says why.',
        retryAfterMs: 5000,
      });
    }
    return new Failure({
      status: 500,
      code: 4000,
      name: 'server-error',
      message: 'The hub failed inside; its log says why.',
    });
  }

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.setErrorHandler(answerError);
  app.addHook('onRoute', (options) => {
    if (options.config?.rule === undefined) throw new TypeError(`the route ${options.url} has no rule`);
  });

  app.addHook('onRequest', async (request, reply) => {
    const { host, origin } = request.headers;
    if (headerBytesOf(request.raw) > mostHeaderBytes) throw headersTooLarge;
    if (!origins.answersTo(host)) {
      throw refusalFailure(
        'host-not-allowed',
        `In development the hub answers to localhost and to configured names; found the host ${JSON.stringify(host?.slice(0, 100))}.`,
        'Open http://localhost instead, or set TELLTALE_HOST.',
      );
    }
    if (request.method === 'POST' && forgery(request.headers, origins, 'otherwise') !== undefined) {
      throw refusalFailure(
        'origin-not-allowed',
        `A page of ${JSON.stringify((origin ?? 'another site').slice(0, 200))} may not change anything here.`,
        'Add its origin to TELLTALE_ALLOWED_ORIGINS if it should.',
      );
    }
    const path = pathOf(request.url);
    const shared = corsPaths.has(path) || /^\/api\/(?:channels\/|rooms\/[^/]+\/messages$)/.test(path);
    if (shared) reply.header('vary', 'Origin');
    if (shared && origin !== undefined && origins.isAllowed(origin, host)) {
      reply.header('access-control-allow-origin', origin);
    }
  });

  const rules = createRules({
    settings: context.settings,
    origins,
    accounts: context.accounts,
    authenticate: context.gateway.authenticate,
    addressOf: context.addressOf,
  });
  const corsPaths = new Set(routes.filter((route) => route.cors !== undefined).map((route) => route.path));

  for (const { method, path, rule, body, cors, handle } of routes) {
    app.route({
      method,
      url: path,
      config: { rule },
      handler: async (raw, reply) => {
        const admitted = await rules(rule, raw);
        if (method === 'POST' && raw.headers['content-type'] === undefined) {
          throw badRequest('Found no content type, expected application/json with a JSON object as body.');
        }
        const parsed = (body ?? emptyBody).safeParse(raw.body ?? {});
        if (!parsed.success) throw badRequest(`The body does not fit: ${issueSentences(parsed.error)}.`);
        const address = context.addressOf(raw.raw);
        const answer = await handle({ ...admitted, body: parsed.data, address, raw, reply });
        if (answer === reply || reply.sent) return reply;
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer ?? {}));
      },
    });
    if (cors === undefined) continue;
    app.options(path, { config: { rule: 'anyone' } }, (request, reply) => {
      const { origin, host } = request.headers;
      if (origin !== undefined && origins.isAllowed(origin, host)) {
        reply.header('access-control-allow-methods', method);
        reply.header('access-control-allow-headers', 'Authorization, Content-Type');
        reply.header('access-control-max-age', '600');
      }
      return reply.code(204).send();
    });
  }

  app.get('/*', { config: { rule: 'anyone' } }, (request, reply) => {
    const path = pathOf(request.url);
    const file = findStaticFile(context.files, path);
    if (file !== undefined) return sendFile(request, reply, file);
    return answerError(missing(request.method, path), request, reply);
  });
  app.setNotFoundHandler((request, reply) => answerError(missing(request.method, pathOf(request.url)), request, reply));

  function missing(method: string, path: string): Failure {
    const expected = routes.filter((route) => route.path === path).map((route) => route.method);
    if (expected.length > 0) {
      return new Failure({
        status: 405,
        code: 4400,
        name: 'method-not-allowed',
        message: `Found the method ${method}, expected ${expected.join(' or ')}.`,
      });
    }
    return path === '/' && context.files.size === 0
      ? notFound('The dashboard has not been built.', 'Run "npm start" once, or "npm run build".')
      : notFound('There is nothing at this address.');
  }

  return app;
}
