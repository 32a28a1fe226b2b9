// The answer to bytes that are no request we can read, or one that never became whole: written to the socket itself, with
// the security headers of any other, since for these Node makes no response. Attempts to connect are answered and recorded
// by the gateway, which also records those of which nobody can say what they were for. Called by server.ts.

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { badRequest, type Failure, refusalFailure } from './failure.ts';
import { securityHeaders } from './headers.ts';
import { mostHeaderBytes } from './http-server.ts';
import type { Origins } from './origins.ts';

export const headersTooLarge: Failure = refusalFailure(
  'headers-too-large',
  `The headers of the request are longer than ${mostHeaderBytes / 1024} KiB.`,
  'Delete the cookies of this site: browsers send them to every port of a name.',
);

const unfinished = refusalFailure(
  'request-unfinished',
  'The request began, and the rest of it did not come in time.',
  'Try again; if it stays so, something between holds the rest back.',
);

/** A peer that is still sending has so long to read why it was answered. */
const lingerMs = 2_000;

/** Makes the server's handler of requests that Node could not read. */
export function createMalformedHandler(origins: Origins): (error: Error & { code?: string }, socket: Socket) => void {
  /** Node tells again with every further piece. */
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    if (answered.has(socket)) return;
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    answered.add(socket);
    const { body, options } = failureOf(error.code);
    const text = JSON.stringify(body);
    const fields = {
      ...securityHeaders(origins, undefined),
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      connection: 'close',
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${options.status} ${STATUS_CODES[options.status] ?? ''}\r\n${lines.join('')}\r\n${text}`);
    const linger = setTimeout(() => socket.destroy(), lingerMs);
    linger.unref();
    socket.once('close', () => clearTimeout(linger));
  };
}

function failureOf(code: string | undefined): Failure {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return unfinished;
  return badRequest('This is not an HTTP request we can read.');
}
