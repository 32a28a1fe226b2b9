// A WebSocket of the `ws` package that tells what is wrong with what it reads before it closes for it. `ws` closes with a
// code alone, and whoever sent too much would never learn how much that is. Made by web-sockets.ts.

import { WebSocket } from 'ws';

/** Event of a code with which `ws` is about to close. Who hears it may close first, in words. */
export const faultEvent = 'fault';

export class FaultTellingSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    // An answer to a close frame brings its reason along, and so does who embeds this: only `ws` itself gives none.
    if (code !== undefined && reason === undefined && this.readyState === WebSocket.OPEN) this.emit(faultEvent, code);
    super.close(code, reason);
  }
}
