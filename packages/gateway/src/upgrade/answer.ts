// The bytes of a refusal: the upgrade completed only to say why, or a plain HTTP answer. Called by upgrade.ts; written
// by hand, because whoever is not admitted shall cost one write and leave no WebSocket object behind (ADM3).

import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { closeText, type PublicRefusal, refusalStatus, type RefusalName } from '@telltale/protocol';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** An HTTP answer, ready for a socket or a `ServerResponse`. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A completed upgrade, the `refused` frame and a close frame with the refusal's code (REF2, REF5, REF6). */
export function explainedRefusal(refusal: PublicRefusal, key: string, subprotocol: string | undefined): Buffer {
  const accept = createHash('sha1').update(`${key}${guid}`).digest('base64');
  const head = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    '\r\n',
  ].join('\r\n');
  const code = Buffer.alloc(2);
  code.writeUInt16BE(refusal.code);
  const reason = Buffer.from(closeText(refusal.name, refusal.reason ?? ''));
  return Buffer.concat([
    Buffer.from(head, 'latin1'),
    frame(0x1, Buffer.from(JSON.stringify({ type: 'refused', ...refusal }))),
    frame(0x8, Buffer.concat([code, reason])),
  ]);
}

/** One unmasked, unfragmented frame (RFC 6455 section 5.2) of less than 64 KiB. */
function frame(opcode: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(payload.length < 126 ? 2 : 4);
  head[0] = 0x80 | opcode;
  if (payload.length < 126) head[1] = payload.length;
  else {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}

/** The refusal as an HTTP answer for a program (REF3), or for who is over the budget of explained ones (RAT1). */
export function httpRefusal(
  refusal: PublicRefusal,
  status: number = refusalStatus(refusal.name as RefusalName),
): HttpAnswer {
  const { retryAfterMs } = refusal;
  return jsonAnswer(status, refusal, {
    ...(retryAfterMs === undefined ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) }),
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(status === 405 ? { Allow: 'GET' } : {}),
    ...(status === 426 ? { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' } : {}),
  });
}

/** An answer in JSON that nobody keeps. */
export function jsonAnswer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return {
    status,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    },
    body: `${JSON.stringify(value)}\n`,
  };
}

/** The bytes of an HTTP answer that ends its connection. */
export function httpBytes({ status, headers, body }: HttpAnswer, withBody = true): Buffer {
  const all = {
    ...headers,
    Connection: status === 426 ? 'close, Upgrade' : 'close',
    'Content-Length': String(Buffer.byteLength(body)),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
  return Buffer.from(withBody ? head + body : head, 'utf8');
}
