// One WebSocket for one attempt. Once left it is never heard of again, whatever it still does: closing a dead one can
// take a minute, and nothing here waits for that.

import type { WebSocketConstructor, WebSocketLike } from './types.ts';

/** What a close event says. */
export interface Close {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

export interface SocketHandlers {
  onOpen(): void;
  /** `undefined` stands for a binary message, which nobody should send. */
  onText(text: string | undefined): void;
  onClose(close: Close): void;
}

export interface Socket {
  /** False if it is not open. */
  send(text: string): boolean;
  /** Detaches and closes. */
  leave(code?: number, reason?: string): void;
}

/** Opens a socket; throws what the constructor throws (bad URL, mixed content). */
export function openSocket(
  WebSocketClass: WebSocketConstructor,
  url: string,
  protocols: string[],
  handlers: SocketHandlers,
): Socket {
  const socket: WebSocketLike = new WebSocketClass(url, protocols);
  const ignore = () => {};
  const detach = () => {
    socket.onopen = socket.onmessage = socket.onclose = ignore;
  };
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => handlers.onOpen();
  socket.onmessage = ({ data }: { data: unknown }) => handlers.onText(typeof data === 'string' ? data : undefined);
  // An error says nothing that the close behind it does not; in Node it must have a listener, or it ends the process.
  socket.onerror = ignore;
  socket.onclose = ({ code, reason, wasClean }: Close) => {
    detach();
    handlers.onClose({ code, reason, wasClean });
  };
  return {
    send(text) {
      if (socket.readyState !== 1) return false;
      socket.send(text);
      return true;
    },
    leave(code, reason) {
      detach();
      try {
        socket.close(code, reason);
      } catch {
        // A close that fails leaves a socket nobody listens to.
      }
    },
  };
}
