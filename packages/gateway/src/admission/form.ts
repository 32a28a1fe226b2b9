// Whether a request is a plain RFC 6455 handshake and nothing else (ADM2). Called by admit.ts before any credential is
// looked at, and by upgrade/ to learn whether a refusal can be told over an upgraded socket. Knows no credential's value.

import { type RefusalFound, shown } from '@telltale/protocol/explain';
import type { RefusalName } from '@telltale/protocol';
import { headerOf, type UpgradeRequest } from './request.ts';

/** What is wrong with a request, by name and with what was found. */
export interface Fault {
  readonly name: RefusalName;
  readonly found: RefusalFound;
}

const keyGrammar = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
const tokenList = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;
const ownSubprotocol = 'telltale.v1';
const attemptGrammar = /^[A-Za-z0-9_-]{22,64}$/;

// Proxies and servers disagree on which of two wins, so two are none. Names as a person writes them.
const single = [
  'Host',
  'Origin',
  'Authorization',
  'Upgrade',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Content-Length',
];

/** The first thing that keeps a request from being a plain handshake, or undefined. */
export function handshakeFault(request: UpgradeRequest): Fault | undefined {
  const { method, httpVersion, headers } = request;
  if (method !== 'GET') return { name: 'method-not-get', found: { value: method } };
  if (httpVersion !== '1.1') return { name: 'http-version', found: { value: httpVersion, expected: '1.1' } };
  for (const field of single) {
    if ((headers.get(field.toLowerCase())?.length ?? 0) > 1) return { name: 'header-repeated', found: { field } };
  }
  if (headers.has('transfer-encoding')) return { name: 'body-on-upgrade', found: { field: 'Transfer-Encoding' } };
  if ((headerOf(request, 'content-length') ?? '0') !== '0') {
    return { name: 'body-on-upgrade', found: { field: 'Content-Length' } };
  }
  if (!headerOf(request, 'host')) return { name: 'header-missing', found: { field: 'Host' } };
  return upgradeFault(request) ?? keyFault(request) ?? subprotocolFault(request);
}

function upgradeFault(request: UpgradeRequest): Fault | undefined {
  const upgrade = headerOf(request, 'upgrade');
  if (upgrade === undefined) return { name: 'upgrade-missing', found: { value: 'Upgrade' } };
  if (upgrade.toLowerCase() !== 'websocket') {
    return { name: 'header-malformed', found: { field: 'Upgrade', expected: 'websocket' } };
  }
  const connection = (request.headers.get('connection') ?? []).join(',').toLowerCase();
  if (!connection.split(',').some((option) => option.trim() === 'upgrade')) {
    return { name: 'upgrade-missing', found: { value: 'Connection: Upgrade' } };
  }
  const version = headerOf(request, 'sec-websocket-version');
  return version === '13' ? undefined : { name: 'version-unsupported', found: { value: version ?? 'missing' } };
}

function keyFault(request: UpgradeRequest): Fault | undefined {
  const key = headerOf(request, 'sec-websocket-key');
  if (key === undefined) return { name: 'header-missing', found: { field: 'Sec-WebSocket-Key' } };
  if (keyGrammar.test(key)) return undefined;
  return { name: 'header-malformed', found: { field: 'Sec-WebSocket-Key', expected: '16 bytes in base64' } };
}

function subprotocolFault(request: UpgradeRequest): Fault | undefined {
  const field = 'Sec-WebSocket-Protocol';
  const values = request.headers.get('sec-websocket-protocol');
  if (values === undefined) return undefined;
  if (!values.every((value) => tokenList.test(value))) {
    return { name: 'header-malformed', found: { field, expected: 'a list such as telltale.v1, bearer.<jwt>' } };
  }
  const offered = offeredSubprotocols(request);
  return new Set(offered).size === offered.length
    ? undefined
    : { name: 'header-malformed', found: { field, expected: 'each subprotocol once' } };
}

/** What a handshake may have of headers. A server of node:http that was not told to read further ends it there (ADM15). */
const mostHeaderBytes = 16 * 1024;

/** Headers that are longer than are taken, and which of them takes most (ADM14). */
export function sizeFault(request: Pick<UpgradeRequest, 'target' | 'headers'>): Fault | undefined {
  const { bytes } = largestPart(request);
  return bytes.ofAll <= mostHeaderBytes ? undefined : tooLarge(request, `${Math.ceil(bytes.ofAll / 1024)} KiB`);
}

/** The fault of headers of so many bytes, in words; `request` is what was read of them. */
export function tooLarge(request: Pick<UpgradeRequest, 'target' | 'headers'>, value: string): Fault {
  const { field, bytes } = largestPart(request);
  const found = { field: bytes.ofIt === 0 ? 'what nobody has read' : field, value, limit: mostHeaderBytes / 1024 };
  return { name: 'headers-too-large', found };
}

interface LargestPart {
  readonly field: string;
  readonly bytes: { readonly ofIt: number; readonly ofAll: number };
}

function largestPart({ target, headers }: Pick<UpgradeRequest, 'target' | 'headers'>): LargestPart {
  let [field, ofIt, ofAll] = ['the address', target.length, target.length];
  for (const [name, values] of headers) {
    const taken = values.reduce((sum, value) => sum + name.length + value.length, 0);
    ofAll += taken;
    if (taken > ofIt) [field, ofIt] = [name === 'cookie' ? 'Cookie' : `the header ${shown(name)}`, taken];
  }
  return { field, bytes: { ofIt, ofAll } };
}

/** The subprotocols a request offers, in order. One may be `bearer.<jwt>`: never log them. */
export function offeredSubprotocols(request: UpgradeRequest): readonly string[] {
  return (request.headers.get('sec-websocket-protocol') ?? []).flatMap((value) =>
    value.split(',').map((text) => text.trim()),
  );
}

/** The subprotocol to answer with: ours if offered, else the first that is no token; undefined: none (REF5). */
export function chosenSubprotocol(offered: Iterable<string>): string | undefined {
  let first: string | undefined;
  for (const name of offered) {
    // The constant and not the peer's own copy: `ws` keeps it as long as the socket lives.
    if (name === ownSubprotocol) return ownSubprotocol;
    if (first === undefined && !name.toLowerCase().startsWith('bearer.')) first = name;
  }
  return first;
}

/** Whether a text may be an attempt's id (ADM12). */
export function isAttemptId(text: string): boolean {
  return attemptGrammar.test(text);
}
