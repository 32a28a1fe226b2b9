// Node's HTTP server with the hub's limits, on which no response can be without the security headers: they are set where
// the response is made, before Fastify, the gateway or anybody else sees it.

import { createServer, type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import { securityHeaders } from './headers.ts';
import type { Origins } from './origins.ts';

/** What a request may have of headers: so that a token of 4 KiB passes beside what a browser sends. */
export const mostHeaderBytes: number = 16 * 1024;
/** What is read of them all the same, so that who has too many is told which; what is longer Node ends unread (ADM15). */
const readHeaderBytes: number = 4 * mostHeaderBytes;

/** What Node counts of a request's head. */
export function headerBytesOf({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length, url.length);
}

export function createHttpServer(origins: Origins, handler?: RequestListener): Server {
  class GuardedResponse<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    constructor(request: Request) {
      super(request);
      for (const [name, value] of Object.entries(securityHeaders(origins, request.headers.host))) {
        this.setHeader(name, value);
      }
    }
  }
  const server = createServer(
    {
      maxHeaderSize: readHeaderBytes,
      requireHostHeader: true,
      connectionsCheckingInterval: 1000,
      ServerResponse: GuardedResponse,
    },
    handler,
  );
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  server.keepAliveTimeout = 5_000;
  return server;
}
