// The first bytes of connections whose first request is not whole yet. node:http tells neither path nor origin of a
// request it ends before its headers are, and by then its first bytes are gone. Owns nothing of a connection that has had
// its request; called by attach.ts, which sees both, and by unread-requests.ts, which wants to know.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Kept of one connection: what a handshake may have of headers. */
const mostBytes = 16 * 1024;

export interface FirstBytes {
  /** A connection begins. To be called behind node:http's own listener, which then has read each piece before it comes here. */
  watch(socket: Duplex): void;
  /** Its first request is whole. */
  forget(socket: Duplex): void;
  /** What has come of its first request, the piece that is read now at the end; undefined: it has had one, or was not watched. */
  of(socket: Duplex, piece: Buffer): Buffer | undefined;
}

export function createFirstBytes(): FirstBytes {
  const kept = new WeakMap<Duplex, Buffer>();
  const nothing = Buffer.alloc(0);

  function keep(this: Duplex, piece: Buffer): void {
    const before = kept.get(this);
    if (before === undefined || before.length >= mostBytes) this.off('data', keep);
    else kept.set(this, joined(before, piece));
  }

  return {
    watch(socket) {
      kept.set(socket, nothing);
      // Remembered by the socket once it was asked: one that is reset has forgotten it.
      void (socket as Partial<Socket>).remoteAddress;
      socket.on('data', keep);
    },
    forget: (socket) => void kept.delete(socket),
    of(socket, piece) {
      const before = kept.get(socket);
      return before && joined(before, piece);
    },
  };
}

function joined(before: Buffer, piece: Buffer): Buffer {
  return Buffer.concat([before, piece.subarray(0, mostBytes - before.length)]);
}
