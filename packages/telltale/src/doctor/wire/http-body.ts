// The body of an HTTP answer, as far as a diagnosis needs it: the first kilobytes, without its transfer coding.

import { headerOf, type HttpHead } from './http-head.ts';

/** As much of a body as is read. */
export const maxBodyBytes: number = 16 * 1024;

/** Whether these bytes are all of the body; false where only the end of the connection can tell. */
export function isWhole(head: HttpHead, bytes: Buffer): boolean {
  if (bytes.length >= maxBodyBytes || head.status === 204 || head.status === 304) return true;
  if (isChunked(head)) return bytes.includes('\r\n0\r\n') || bytes.subarray(0, 3).toString('latin1') === '0\r\n';
  const length = headerOf(head, 'content-length');
  return length !== undefined && bytes.length >= Number(length);
}

/** The body's text, cut at what is read of it. */
export function bodyText(head: HttpHead, bytes: Buffer): string {
  const body = isChunked(head) ? joinChunks(bytes) : bytes;
  const length = headerOf(head, 'content-length');
  const end = length === undefined || isChunked(head) ? maxBodyBytes : Math.min(Number(length) || 0, maxBodyBytes);
  return body.subarray(0, end).toString('utf8');
}

function isChunked(head: HttpHead): boolean {
  return /\bchunked\b/i.test(headerOf(head, 'transfer-encoding') ?? '');
}

function joinChunks(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = lineEnd < 0 ? 0 : Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
