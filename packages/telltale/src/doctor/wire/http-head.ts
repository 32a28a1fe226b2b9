// Reads the head of an HTTP answer from raw bytes, and says what the bytes are where they are no HTTP at all. Written by
// hand because libraries hide what matters here: which headers a 101 has, and what a server of another protocol says.

/** Header names in lower case, each with its values in order. */
export type Headers = ReadonlyMap<string, readonly string[]>;

export interface HttpHead {
  readonly version: string;
  readonly status: number;
  /** Words behind the status, may be empty. */
  readonly statusText: string;
  readonly headers: Headers;
}

/** What answers in place of HTTP/1.1. */
export type Alien = 'TLS' | 'HTTP/2' | 'SSH' | 'SMTP or FTP' | 'Redis' | 'POP3' | 'IMAP' | 'MySQL' | 'unknown';

export type HeadReading =
  | { readonly kind: 'head'; readonly head: HttpHead; readonly rest: Buffer }
  | { readonly kind: 'more' }
  | { readonly kind: 'alien'; readonly alien: Alien };

/** A head longer than this is none. */
const maxHeadBytes = 64 * 1024;

/** Reads the final head: interim ones such as 100 and 103 are passed over, 101 is final. */
export function readHead(bytes: Buffer): HeadReading {
  const isHttp = 'HTTP/'.startsWith(bytes.subarray(0, 5).toString('latin1'));
  // Nine bytes are enough to know any of the others.
  if (!isHttp) return bytes.length < 9 ? { kind: 'more' } : { kind: 'alien', alien: alienIn(bytes) };
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length > maxHeadBytes ? { kind: 'alien', alien: 'unknown' } : { kind: 'more' };
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [, version, status, statusText = ''] = /^HTTP\/(\d(?:\.\d)?) (\d{3})(?: (.*))?$/.exec(first) ?? [];
  if (version === undefined) return { kind: 'alien', alien: 'unknown' };
  const rest = bytes.subarray(end + 4);
  const code = Number(status);
  if (code < 200 && code !== 101) return readHead(rest);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { kind: 'head', head: { version, status: code, statusText, headers }, rest };
}

/** The values of a header joined as one; undefined: it is absent. */
export function headerOf({ headers }: HttpHead, name: string): string | undefined {
  return headers.get(name)?.join(', ');
}

/** What speaks where HTTP should. */
export function alienIn(bytes: Buffer): Alien {
  const text = bytes.subarray(0, 8).toString('latin1');
  // A TLS record: alert or handshake, version 3.x.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return 'TLS';
  // A frame SETTINGS (4) or GOAWAY (7) of stream 0: how HTTP/2 begins, and how it ends with who speaks HTTP/1.1.
  if (bytes.length >= 9 && bytes[0] === 0 && (bytes[3] === 4 || bytes[3] === 7) && bytes.readUInt32BE(5) === 0) {
    return 'HTTP/2';
  }
  if (text.startsWith('SSH-')) return 'SSH';
  if (/^220[ -]/.test(text)) return 'SMTP or FTP';
  if (/^-(?:ERR|DENIED|NOAUTH)/.test(text)) return 'Redis';
  if (text.startsWith('+OK')) return 'POP3';
  if (text.startsWith('* OK')) return 'IMAP';
  if (bytes.length >= 5 && bytes[3] === 0 && bytes[4] === 10 && bytes.readUIntLE(0, 3) < 256) return 'MySQL';
  return 'unknown';
}
