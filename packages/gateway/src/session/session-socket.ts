// The seam between a session and its socket. The real one is made by the upgrade layer; tests use a pair in memory.

import type { Transport } from '../delivery/transport.ts';

export interface SocketHandler {
  onText(text: string): void;
  onBinary(): void;
  /** What came can't be read, for the reason that this close code of RFC 6455 gives; nothing more is read. */
  onFault(code: number): void;
  /** A congested peer has answered. */
  onResumed(): void;
  /** The socket is gone; called once. */
  onClosed(end: { readonly code: number; readonly reason: string; readonly wasClean: boolean }): void;
}

export interface SessionSocket extends Transport {
  /** Called once, before anything is received. */
  listen(handler: SocketHandler): void;
  /** Bytes received so far; that they grow is the sign of life. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly roundTripMs: number | undefined;
  /** Monotonic time since which a full window got no answer; undefined if the window is not full. */
  readonly stalledSince: number | undefined;
  /** Sends a WebSocket ping; calls back when it has left the process. */
  ping(onLeft: () => void): void;
  /** Stops reading, sends the close frame behind what is under way, and destroys what does not answer within 2 s. */
  close(code: number, text: string): void;
  /** Whether the connection is gone. */
  readonly isGone: boolean;
  /** Drops the connection without a word. */
  destroy(): void;
}
