// All connections of one examination: opens them, keeps every one until the end, and destroys what is left of them then.

import type { Socket } from 'node:net';
import { version } from '../../version.ts';
import type { Budget } from '../budget.ts';
import { type Connected, dial, type DialFailure, type Place } from './dial.ts';
import { exchange, type Exchange } from './exchange.ts';
import { conformanceFaults, type Handshake, type HandshakeAsk, makeKey, requestText } from './handshake.ts';
import { Line } from './line.ts';

const agent = `telltale-doctor/${version}`;

export interface Wire {
  /** TCP and, where the place has it, TLS: whatever its certificate is, for whoever looks at that. */
  connect(place: Place, protocols?: readonly string[]): Promise<Connected | DialFailure>;
  /** A plain GET, without a credential. */
  get(place: Place, path: string, authority: string): Promise<Exchange | DialFailure>;
  handshake(place: Place, ask: HandshakeAsk): Promise<Handshake>;
  /** Closes every session and destroys every connection that is still open. */
  close(): void;
}

export function createWire({ budget, ca }: { readonly budget: Budget; readonly ca: string | undefined }): Wire {
  const sockets = new Set<Socket>();
  const lines = new Set<Line>();

  async function connect(place: Place, protocols: readonly string[] = ['http/1.1']): Promise<Connected | DialFailure> {
    const dialled = await dial(place, { timeoutMs: budget.step(), ca, protocols });
    if (dialled.kind === 'connected') {
      const { socket } = dialled;
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    return dialled;
  }

  /** Nothing is said to who cannot prove to be whom the certificate names. */
  async function connectSafely(place: Place): Promise<Connected | DialFailure> {
    const dialled = await connect(place);
    if (dialled.kind === 'failed' || dialled.tls === undefined) return dialled;
    const code = dialled.tls.chainFault ?? (dialled.tls.otherNames === undefined ? undefined : 'OTHER_NAME');
    if (code === undefined) return dialled;
    dialled.socket.destroy();
    return { kind: 'failed', stage: 'tls', code };
  }

  return {
    connect,
    async get(place, path, authority) {
      const dialled = await connectSafely(place);
      if (dialled.kind === 'failed') return dialled;
      const request =
        `GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: ${agent}\r\n` +
        'Accept: */*\r\nConnection: close\r\n\r\n';
      return await exchange(dialled.socket, request, budget.step());
    },
    async handshake(place, ask) {
      const dialled = await connectSafely(place);
      if (dialled.kind === 'failed') return dialled;
      const { socket } = dialled;
      const key = makeKey();
      const answer = await exchange(socket, requestText(ask, key, agent), budget.step());
      if (answer.kind !== 'answer' || answer.head.status !== 101) return answer;
      const { head, rest, afterMs } = answer;
      const faults = conformanceFaults(head, key, ask.protocols);
      const line = new Line(socket, rest);
      lines.add(line);
      socket.once('close', () => lines.delete(line));
      return { kind: 'open', head, line, ask, faults, afterMs };
    },
    close() {
      for (const line of lines) line.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
