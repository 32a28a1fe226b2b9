// What is answered to an offer of `permessage-deflate` (RFC 7692). A frame is deflated once for all who read it, so no
// socket has a deflater, and no message may lean on the one before it. Pure: a header in, a header out.

import { sharedWindowBits } from '../log/deflated-frame.ts';

const extension = 'permessage-deflate';

/** Bits that a window can have (RFC 7692, 7.1.2). */
const windowBits = /^(?:[89]|1[0-5])$/;

/**
 * The first offer of `Sec-WebSocket-Extensions` that can be accepted, written anew; undefined: none can, and the session
 * goes on without. It is never a reason to refuse anybody (CMP1).
 */
export function acceptableOffer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  // Numbers may stand in quotes. Nothing else that we know does, and a quoted comma would look like the next offer.
  const plain = header.replace(/="(\d+)"/g, '=$1');
  if (plain.includes('"')) return undefined;
  return plain
    .split(',')
    .map(readOffer)
    .find((offer) => offer !== undefined);
}

function readOffer(text: string): string | undefined {
  const [name, ...parameters] = text.split(';').map((part) => part.trim());
  if (name !== extension) return undefined;
  const read = new Map<string, string | undefined>();
  for (const parameter of parameters) {
    const [key = '', value, ...more] = parameter.split('=').map((part) => part.trim());
    if (more.length > 0 || read.has(key) || !isAcceptable(key, value)) return undefined;
    read.set(key, value);
  }
  // Of what was read, and not as it was written: `ws` takes no space beside an equals sign.
  return [extension, ...[...read].map(([key, value]) => (value === undefined ? key : `${key}=${value}`))].join('; ');
}

function isAcceptable(key: string, value: string | undefined): boolean {
  switch (key) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === undefined;
    case 'client_max_window_bits':
      return value === undefined || windowBits.test(value);
    case 'server_max_window_bits':
      // Who has room for less could not read the frames that all others get.
      return value !== undefined && windowBits.test(value) && Number(value) >= sharedWindowBits;
    default:
      return false;
  }
}
