// The `ws` package's part in an upgrade: it answers the handshake and reads what comes. What it may take of a peer, and
// what it may agree on with one, stands here. Called by upgrade.ts once an attempt is admitted.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { chosenSubprotocol } from '../admission/form.ts';
import { acceptableOffer } from './compression.ts';
import { inflateWithoutKeeping } from './inflater.ts';
import { ToldSocket } from './told-socket.ts';

export interface WebSocketOptions {
  readonly maxFrameBytes: number;
  /** Whether there is a channel of which frames are compressed. Without one nothing is negotiated. */
  readonly compresses: boolean;
}

/** Completes a handshake; `onUpgraded` is called before anything is read, and not at all if the peer has left. */
export type CompleteUpgrade = (
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  onUpgraded: (webSocket: ToldSocket) => void,
) => void;

const mostFragments = 64;
const extensionsHeader = 'sec-websocket-extensions';

export function createWebSockets({ maxFrameBytes, compresses }: WebSocketOptions): CompleteUpgrade {
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    WebSocket: ToldSocket,
    maxPayload: maxFrameBytes,
    maxFragments: mostFragments,
    maxBufferedChunks: 1_024,
    // Missing in @types/ws 8.18, hence the spread.
    ...{ maxPendingAutoPongs: 10 },
    perMessageDeflate: compresses && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      // It compresses nothing itself: frames that it is still deflating would be overtaken by those written past it.
      threshold: Infinity,
    },
    handleProtocols: (offered) => chosenSubprotocol(offered) ?? false,
  });

  return (message, socket, head, onUpgraded) => {
    const { headers } = message;
    // Offers are judged here: `ws` ends the handshake with 400 where none suits, and nobody would be told why.
    const offer = compresses ? acceptableOffer(headers[extensionsHeader]) : undefined;
    if (offer === undefined) delete headers[extensionsHeader];
    else headers[extensionsHeader] = offer;
    sockets.handleUpgrade(message, socket, head, (webSocket) => {
      if (offer !== undefined) inflateWithoutKeeping(webSocket, maxFrameBytes);
      onUpgraded(webSocket);
    });
  };
}
