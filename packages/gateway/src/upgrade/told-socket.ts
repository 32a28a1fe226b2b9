// A WebSocket of the `ws` package with one reader instead of a listener for each event: there are as many sockets as
// viewers, and a handful of listeners would weigh more than the session they speak to. It also tells what is wrong with
// what it reads before it closes for it: `ws` closes with a code alone, and whoever sent too much would never learn how
// much that is. Made by web-sockets.ts.

import { WebSocket } from 'ws';
import type { Hold } from '../admission/rates.ts';

/** Who reads a socket. */
export interface SocketReader {
  received(data: Buffer, isBinary: boolean): void;
  /** A pong of the peer. */
  answered(payload: Buffer): void;
  /** What came can't be read, and `ws` is about to close with this code. Who hears it may close first, in words. */
  faulted(code: number): void;
  /** Called once, when the connection is gone. */
  closed(code: number, reason: string): void;
}

export class ToldSocket extends WebSocket {
  /** Undefined: it tells its listeners, as any WebSocket does. */
  reader: SocketReader | undefined = undefined;
  /** Given back once the connection is gone. */
  hold: Hold | undefined = undefined;
  /**
   * Where Node keeps an emitter's listeners, made anew as soon as there is one. Not documented: without this line
   * everything works, and each socket weighs 184 bytes more.
   */
  _events: object | undefined = undefined;

  override emit(event: string | symbol, ...details: unknown[]): boolean {
    const { reader } = this;
    if (event === 'close') this.hold?.release();
    if (reader === undefined) return super.emit(event, ...details);
    switch (event) {
      case 'message':
        reader.received(details[0] as Buffer, details[1] as boolean);
        break;
      case 'pong':
        reader.answered(details[0] as Buffer);
        break;
      case 'close':
        reader.closed(details[0] as number, (details[1] as Buffer).toString());
        break;
      default:
        // Also `error`: `close` follows and says what there is to say.
        return false;
    }
    return true;
  }

  override close(code?: number, reason?: string | Buffer): void {
    // An answer to a close frame brings its reason along, and so does who embeds this: only `ws` itself gives none.
    if (code !== undefined && reason === undefined && this.readyState === WebSocket.OPEN) this.reader?.faulted(code);
    super.close(code, reason);
  }
}
