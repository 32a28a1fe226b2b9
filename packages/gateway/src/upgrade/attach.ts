// How a server of node:http comes to ask the gateway first: for requests and upgrades under its prefix, and for requests
// that are never read. Called by upgrade.ts, which answers them; all others go on to the application's own listeners, and
// come back where an upgrade has none: nobody else would tell why.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import type { Router } from '../admission/route.ts';
import type { FirstBytes } from './first-bytes.ts';
import type { ParserError, UnreadRequest } from './unread-requests.ts';

export interface AttachParts {
  readonly router: Router;
  readonly firstBytes: FirstBytes;
  /** Answers a plain request under the prefix; false: it is not ours. */
  readonly handlePlain: (message: IncomingMessage, response: ServerResponse) => boolean;
  readonly handleUpgrade: (message: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes a request that was ended unread; answers whether somebody answers it. */
  readonly handleUnread: (request: UnreadRequest, others: () => boolean) => boolean;
}

/** The listeners of all gateways of this process, which leave foreign paths to others. */
const foreignHandlers = new WeakSet<object>();

/** What node:http raises once a request's headers are whole. */
const wholeEvents: ReadonlySet<string> = new Set([
  'request',
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
]);

/** Begins to take what is ours; answers how to let go. */
export function attach(server: Server, parts: AttachParts): () => void {
  const { router, firstBytes, handlePlain, handleUpgrade, handleUnread } = parts;
  // An Express app has `listen` and `emit` too, and would be attached to without an effect or a word.
  if (typeof (server as Partial<Server> | undefined)?.address !== 'function') {
    throw new TypeError(
      "attach: found no server of node:http, expected what createServer(app) or Express's app.listen() returns, or Fastify's app.server",
    );
  }
  const opened = server instanceof TlsServer ? 'secureConnection' : 'connection';
  // Taken at `emit`, not by a listener: a listener cannot keep the application's own ones, added before or after,
  // from answering too, and those of other WebSocket libraries destroy sockets whose path they do not know.
  let isAttached = true;
  const emit = server.emit.bind(server) as (event: string, ...values: unknown[]) => boolean;
  const own = (event: string, ...values: unknown[]): boolean => {
    if (!isAttached) return emit(event, ...values);
    const [message, second, head] = values as [IncomingMessage, unknown, Buffer];
    if (wholeEvents.has(event)) firstBytes.forget(message.socket);
    if (event === 'request' && handlePlain(message, second as ServerResponse)) return true;
    if (event === 'upgrade' && router.claims(message.url ?? '')) {
      handleUpgrade(message, second as Duplex, head);
      return true;
    }
    if (event === 'clientError') {
      const [error, socket] = values as [ParserError, Duplex];
      return handleUnread({ server, error, socket }, () => emit(event, ...values));
    }
    const isTaken = emit(event, ...values);
    if (event === opened) firstBytes.watch(values[0] as Duplex);
    return isTaken;
  };
  server.emit = own as typeof server.emit;
  // node:http raises 'upgrade' only where somebody listens; where only gateways do, the first refuses foreign paths: it is
  // an attempt whose path was mistyped, or cut by a proxy.
  const handleForeign = (message: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const listeners = server.listeners('upgrade');
    if (listeners[0] !== handleForeign || !listeners.every((listener) => foreignHandlers.has(listener))) return;
    handleUpgrade(message, socket, head);
  };
  foreignHandlers.add(handleForeign);
  server.on('upgrade', handleForeign);
  return () => {
    isAttached = false;
    server.off('upgrade', handleForeign);
    if (server.emit === own) server.emit = emit as typeof server.emit;
  };
}
