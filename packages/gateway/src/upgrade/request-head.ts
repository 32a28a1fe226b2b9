// What can be read of a request that node:http has ended before it was whole: the beginning of its bytes, as its peer sent
// them. Whatever is cut off in the middle counts for its size alone. Called by unread-requests.ts only.

import { readHeaders } from '../admission/request.ts';

/** As much of a request as its first bytes hold. Holds credentials: never log it. */
export interface RequestHead {
  readonly method: string;
  /** As sent, without a last parameter that is not whole. */
  readonly target: string;
  /** `1.1`; empty: it is not among these bytes, or is none. */
  readonly httpVersion: string;
  /** Those that are whole. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Those, and what there is of the one at which the bytes end. */
  readonly begun: ReadonlyMap<string, readonly string[]>;
  /** Whether its headers end among these bytes: who writes the last of a name is known only then. */
  readonly isWhole: boolean;
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Reads a request's first bytes; undefined: they do not say which path it is for. */
export function readHead(bytes: Buffer): RequestHead | undefined {
  const [line = '', ...rest] = bytes
    .toString('latin1')
    .replace(/^(?:\r\n)+/, '')
    // The cut may go through the end of a line.
    .replace(/\r$/, '')
    .split('\r\n');
  const [method = '', sent = '', version] = line.split(' ', 3);
  if (!/^[A-Z]{3,20}$/.test(method) || isBroken(line)) return undefined;
  // A path that may be cut is no path; a query is good up to its last whole parameter.
  const target = version === undefined && rest.length === 0 ? wholeTarget(sent) : sent;
  if (target === undefined || target === '' || target === '*') return undefined;
  const end = rest.indexOf('');
  const whole = headersOf(end < 0 ? rest.slice(0, -1) : rest.slice(0, end));
  const [cut] = end < 0 ? rest.slice(-1) : [];
  return {
    method,
    target,
    httpVersion: /^HTTP\/(\d\.\d)$/.exec(version ?? '')?.[1] ?? '',
    headers: readHeaders(whole),
    isWhole: end >= 0,
    begun: readHeaders(cut === undefined ? whole : [...whole, ...headersOf([cut])]),
  };
}

/** Half an end of a line: where it goes on is read by each in their own way (RFC 9112 section 2.2). */
function isBroken(line: string): boolean {
  return /[\r\n]/.test(line);
}

function wholeTarget(sent: string): string | undefined {
  if (!sent.includes('?')) return undefined;
  return sent.slice(0, Math.max(sent.indexOf('?'), sent.lastIndexOf('&')));
}

/** Name, value, name, value, …, of lines that are headers. */
function headersOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    return headerName.test(name) && !isBroken(line) ? [name, line.slice(colon + 1).trim()] : [];
  });
}
