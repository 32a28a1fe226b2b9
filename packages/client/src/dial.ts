// From options and a token to a socket: the URL, the credential's place, the attempt's name. The only file that sees a
// token become part of something; it logs nothing.

import { subprotocol } from '@telltale/protocol';
import type { End } from './retry.ts';
import { openSocket, type Socket, type SocketHandlers } from './socket.ts';
import type { ConnectionOptions, WebSocketConstructor } from './types.ts';
import { socketUrl, withQuery } from './url.ts';

/** Opens a socket, or says why it can't even be tried. */
export function dial(
  options: ConnectionOptions,
  attempt: string,
  token: string | undefined,
  handlers: SocketHandlers,
): Socket | Pick<End, 'name' | 'reason' | 'hint'> {
  const WebSocketClass = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor | undefined);
  if (WebSocketClass === undefined) {
    return {
      name: 'websocket-missing',
      reason: 'There is no WebSocket here.',
      hint: 'In Node before 22 pass one: createConnection({ WebSocket }) with the class of the package "ws".',
    };
  }
  const isForeign = options.speaks === 'foreign';
  const protocols = isForeign ? [] : [subprotocol];
  try {
    let url = socketUrl(options.url);
    if (token !== undefined) {
      if (options.tokenIn === 'query') url = withQuery(url, 'token', token);
      else protocols.push(`bearer.${token}`);
    }
    return openSocket(WebSocketClass, isForeign ? url : withQuery(url, 'attempt', attempt), protocols, handlers);
  } catch (error) {
    // A constructor's own message can quote the URL or the subprotocol, and the token with it; only our own is shown.
    if (error instanceof TypeError && error.message.startsWith('found ')) {
      return { name: 'url-invalid', reason: error.message, hint: 'Correct the URL.' };
    }
    return (error as Error | null)?.name === 'SecurityError'
      ? {
          name: 'mixed-content',
          reason: 'The browser forbids ws:// on a page that came by https.',
          hint: 'Use a wss:// URL.',
        }
      : {
          name: 'socket-refused',
          reason: 'The WebSocket class refused the URL or the token.',
          hint: 'Look whether the token holds characters that no JWT has, such as spaces or quotes.',
        };
  }
}
