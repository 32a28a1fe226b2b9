// Puts an HTTP server on its addresses. In development `localhost` means both loopback addresses, since browsers and
// programs disagree on which one the name is; a port somebody else has is a StartFault.

import type { Server } from 'node:http';
import { errorCode, StartFault } from './start-fault.ts';

export interface Listening {
  readonly port: number;
  /** Stops taking connections and ends those that are open. */
  close(): Promise<void>;
}

/**
 * Connections that may wait to be taken, where the system allows so many. When all come back at once, Linux drops those
 * beyond it without a word, and their systems try again after 1, 3 and 7 s.
 */
const backlog = 4096;

async function bind(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function listenFault(host: string, port: number, cause: unknown): StartFault {
  const code = errorCode(cause);
  const sentence =
    code === 'EADDRINUSE'
      ? `Port ${port} is taken by another program: stop it, or choose another port with TELLTALE_PORT or --port.`
      : code === 'EACCES'
        ? `Port ${port} may not be opened by this user: choose one above 1023 with TELLTALE_PORT or --port.`
        : `The hub cannot listen on ${host}:${port} (${code}): choose another address with TELLTALE_HOST or --host.`;
  return new StartFault([sentence], { cause });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Listens; throws a StartFault if it cannot. `makeTwin` makes a server like the given one for a second address. */
export async function listen(server: Server, host: string, port: number, makeTwin: () => Server): Promise<Listening> {
  try {
    if (host !== 'localhost') {
      const bound = await bind(server, host, port);
      return { port: bound, close: () => close(server) };
    }
    const bound = await bind(server, '127.0.0.1', port);
    const twin = makeTwin();
    for (const event of ['request', 'clientError']) {
      twin.on(event, (...values: unknown[]) => void server.emit(event, ...values));
    }
    twin.on('upgrade', (request, socket, head) => {
      // Where nobody takes it any more, nobody would end it either.
      if (!server.emit('upgrade', request, socket, head)) socket.destroy();
    });
    try {
      await bind(twin, '::1', bound);
    } catch (error) {
      // A machine without IPv6 has no second loopback address.
      if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(errorCode(error))) {
        return { port: bound, close: () => close(server) };
      }
      await close(server);
      throw error;
    }
    return {
      port: bound,
      async close() {
        await Promise.all([close(server), close(twin)]);
      },
    };
  } catch (cause) {
    throw listenFault(host, port, cause);
  }
}
