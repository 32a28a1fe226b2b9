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
): Socket | Pick<End, 'name' | 'reason'> {
  const WebSocketClass = options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor | undefined);
  if (WebSocketClass === undefined) return { name: 'websocket-missing', reason: '' };
  const isForeign = options.speaks === 'foreign';
  const protocols = isForeign ? [] : [subprotocol];
  try {
    let url = socketUrl(options.url);
    if (token !== undefined) {
      if (options.tokenIn === 'query') url = withQuery(url, 'token', token);
      else protocols.push(`bearer.${token}`);
    }
    return openSocket(
      WebSocketClass,
      isForeign ? url : `${withQuery(url, 'attempt', attempt)}&joins=1`,
      protocols,
      handlers,
    );
  } catch (error) {
    // A constructor's own message can quote the URL or the subprotocol, and the token with it; only our own is shown.
    const { name, message } = error as Error;
    if (message.startsWith('found ')) return { name: 'url-invalid', reason: message };
    return { name: name === 'SecurityError' ? 'mixed-content' : 'socket-refused', reason: '' };
  }
}
