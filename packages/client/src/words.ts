// Causes in full words, for people. What a frame brought is kept; what only a client can find has its words here, the
// rest comes from the protocol's table. Part of the chunk that loads late.

import type { EndName, RefusalName } from '@telltale/protocol';
import { explainCode, explainEnd, explainRefusal } from '@telltale/protocol/explain';
import type { End } from './retry.ts';
import type { Cause } from './types.ts';

interface Text {
  readonly reason: string;
  readonly hint: string;
}

// What only a client can find: the gateway has no words for it.
const own: Readonly<Record<string, Text>> = {
  'websocket-missing': {
    reason: 'there is no WebSocket here',
    hint: 'In Node before 22 pass one: createConnection({ WebSocket }) with the class of the package "ws".',
  },
  'url-invalid': { reason: 'the URL is not one to connect to', hint: 'Correct the URL.' },
  'mixed-content': {
    reason: 'the browser forbids ws:// on a page that came by https',
    hint: 'Use a wss:// URL, and TLS in front of the gateway.',
  },
  'socket-refused': {
    reason: 'the WebSocket class refused the URL or the token',
    hint: 'Look whether the token holds characters that no JWT has, such as spaces or quotes.',
  },
  'connect-timeout': {
    reason: 'the server did not answer in time',
    hint: 'It may be overloaded, suspended, or cut off by the network; it tries again by itself.',
  },
  'welcome-missing': {
    reason: 'it connected, but no welcome came',
    hint: 'Something other than a Telltale gateway answers at this address, or a proxy holds frames back.',
  },
  'protocol-version': {
    reason: 'the gateway speaks another version of the protocol',
    hint: 'Reload the page; if that does not help, the client and the gateway must be brought to the same version.',
  },
  silent: {
    reason: 'nothing was heard from the server',
    hint: 'The server stopped or the network between is gone; it connects anew by itself.',
  },
  offline: { reason: 'the browser has no network', hint: 'It tries again as soon as there is one.' },
  'token-unavailable': {
    reason: 'the application could not supply a token',
    hint: 'The server that renews it may be away; it tries again by itself.',
  },
};

/** The cause in full words, where the frame that brought the end did not bring them. */
export function inWords(end: End, cause: Cause): Cause {
  const text = textOf(cause);
  return { ...cause, hint: end.hint || text.hint, reason: end.reason || text.reason };
}

function textOf({ name, code }: Cause): Text {
  const found = Object.hasOwn(own, name) ? own[name] : undefined;
  if (found !== undefined) return found;
  try {
    return explainRefusal(name as RefusalName);
  } catch {
    // Not the name of a refusal.
  }
  return (explainEnd(name as EndName) as Text | undefined) ?? explainCode(code);
}
