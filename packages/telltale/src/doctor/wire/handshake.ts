// The upgrade request of RFC 6455, byte by byte, and whether its 101 is one that browsers take.

import { createHash, randomBytes } from 'node:crypto';
import type { DialFailure } from './dial.ts';
import type { Exchange } from './exchange.ts';
import { headerOf, type HttpHead } from './http-head.ts';
import type { Line } from './line.ts';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export interface HandshakeAsk {
  /** Path and query, with the credential where it travels there. */
  readonly target: string;
  /** For the header `Host`. */
  readonly authority: string;
  readonly origin: string | undefined;
  /** Offered subprotocols, in order. */
  readonly protocols: readonly string[];
  /** For `Authorization: Bearer`. */
  readonly bearer: string | undefined;
}

export type Handshake =
  | {
      readonly kind: 'open';
      readonly head: HttpHead;
      readonly line: Line;
      readonly ask: HandshakeAsk;
      /** What keeps a browser from taking the 101. */
      readonly faults: readonly ConformanceFault[];
      readonly afterMs: number;
    }
  | { readonly kind: 'answer'; readonly head: HttpHead; readonly body: string; readonly afterMs: number }
  | Exclude<Exchange, { kind: 'answer' }>
  | DialFailure;

/** How a 101 is not one, in the words of what a browser says of it. */
export interface ConformanceFault {
  readonly id:
    | 'accept-missing'
    | 'accept-wrong'
    | 'upgrade-header-missing'
    | 'upgrade-header-wrong'
    | 'connection-header-missing'
    | 'connection-header-wrong'
    | 'subprotocol-unoffered'
    | 'subprotocol-repeated'
    | 'extension-unoffered'
    | 'compression-unoffered';
  readonly found: string;
}

export function makeKey(): string {
  return randomBytes(16).toString('base64');
}

export function requestText(ask: HandshakeAsk, key: string, agent: string): string {
  const headers: readonly (readonly [string, string | undefined])[] = [
    ['Host', ask.authority],
    ['Connection', 'Upgrade'],
    ['Pragma', 'no-cache'],
    ['Cache-Control', 'no-cache'],
    ['User-Agent', agent],
    ['Upgrade', 'websocket'],
    ['Origin', ask.origin],
    ['Sec-WebSocket-Version', '13'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Protocol', ask.protocols.length === 0 ? undefined : ask.protocols.join(', ')],
    ['Authorization', ask.bearer === undefined ? undefined : `Bearer ${ask.bearer}`],
  ];
  const lines = headers.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return `GET ${ask.target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Everything in a 101 that a browser fails on (RFC 6455 section 4.1). */
export function conformanceFaults(
  head: HttpHead,
  key: string,
  offered: readonly string[],
): readonly ConformanceFault[] {
  const faults: ConformanceFault[] = [];
  const upgrade = headerOf(head, 'upgrade');
  if (upgrade === undefined) faults.push({ id: 'upgrade-header-missing', found: 'has no header Upgrade' });
  else if (upgrade.toLowerCase() !== 'websocket') {
    faults.push({ id: 'upgrade-header-wrong', found: `says Upgrade: ${short(upgrade)} in place of websocket` });
  }
  const connection = headerOf(head, 'connection');
  if (connection === undefined) faults.push({ id: 'connection-header-missing', found: 'has no header Connection' });
  else if (!connection.split(',').some((word) => word.trim().toLowerCase() === 'upgrade')) {
    faults.push({ id: 'connection-header-wrong', found: `says Connection: ${short(connection)} in place of Upgrade` });
  }
  const accept = headerOf(head, 'sec-websocket-accept');
  if (accept === undefined) faults.push({ id: 'accept-missing', found: 'has no header Sec-WebSocket-Accept' });
  else if (accept !== createHash('sha1').update(`${key}${guid}`).digest('base64')) {
    faults.push({ id: 'accept-wrong', found: 'has a Sec-WebSocket-Accept that does not fit the key that was sent' });
  }
  const protocols = head.headers.get('sec-websocket-protocol') ?? [];
  const [protocol] = protocols;
  if (protocols.length > 1) {
    faults.push({ id: 'subprotocol-repeated', found: 'has the header Sec-WebSocket-Protocol more than once' });
  } else if (protocol !== undefined && !offered.includes(protocol)) {
    const what = offered.length === 0 ? 'none was offered' : 'it was not offered';
    faults.push({ id: 'subprotocol-unoffered', found: `chooses the subprotocol "${short(protocol)}", and ${what}` });
  }
  const extension = headerOf(head, 'sec-websocket-extensions');
  if (extension !== undefined) {
    const id = /^permessage-deflate\b/.test(extension) ? 'compression-unoffered' : 'extension-unoffered';
    faults.push({ id, found: `uses the extension "${short(extension)}", which was not offered` });
  }
  return faults;
}

function short(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
