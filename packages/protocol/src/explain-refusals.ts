// The texts of every refusal: a title of a few words, what was found against what was expected, and what to do.
// Called by explain.ts only, which has made the values fit to show. A new refusal is one line in codes.ts and one here.

import type { RefusalName } from './codes.ts';
import { credentialTexts } from './explain-credentials.ts';
import { probeOrigin } from './probe-origin.ts';
import { expected, found, quoted, type RefusalText } from './refusal-text.ts';

export const refusalTexts: Readonly<Record<RefusalName, RefusalText>> = {
  'path-unknown': {
    title: 'no such endpoint',
    reason: (f) => `there is no endpoint at ${quoted(f.path, 'this path')}${expected(f.expected)}`,
    hint: 'Correct the path of the WebSocket address, or let the proxy before the gateway pass it on whole.',
  },
  'target-malformed': {
    title: 'malformed address',
    reason: () => 'the request names a full address or begins with "//", expected a path such as /ws/',
    hint: 'Connect directly or through a reverse proxy that forwards only the path.',
  },
  'host-not-allowed': {
    title: 'host not allowed',
    reason: (f) =>
      `the request is for host ${quoted(f.host, 'another host')}, in development only loopback is answered`,
    hint: 'Use http://localhost with the port of the gateway, name the host in TELLTALE_HOST, or run in production mode.',
  },
  'method-not-get': {
    title: 'method not GET',
    reason: (f) => `found method ${f.value ?? 'other than GET'}, a WebSocket is opened with GET`,
    hint: 'Open the address with a WebSocket client.',
  },
  'http-version': {
    title: 'HTTP version',
    reason: (f) => `found HTTP/${f.value ?? '1.0'}, a WebSocket is opened over HTTP/1.1`,
    hint: 'Set `proxy_http_version 1.1` (nginx) or its like in the proxy before the gateway.',
  },
  'header-missing': {
    title: 'header missing',
    reason: (f) => `the header ${f.field ?? 'of the handshake'} is missing`,
    hint: 'Use a WebSocket client, and let proxies pass all headers of the handshake.',
  },
  'header-repeated': {
    title: 'header repeated',
    reason: (f) => `the header ${f.field ?? 'of the handshake'} arrived more than once`,
    hint: 'Let only one side set it: often a proxy adds what the client already sent.',
  },
  'header-malformed': {
    title: 'header malformed',
    reason: (f) => `the header ${f.field ?? 'of the handshake'} is malformed${expected(f.expected)}`,
    hint: 'Use a client that speaks RFC 6455.',
  },
  'headers-too-large': {
    title: 'headers too large',
    reason: (f) =>
      `the handshake has ${f.value ?? 'too much'} of headers, at most ${f.limit ?? 16} KiB are taken; most of it is ${f.field ?? 'one of them'}`,
    hint: (f) =>
      f.field === 'Cookie'
        ? 'Delete the cookies of this site, and let whoever sets them keep less there: browsers send them to every port of a name.'
        : 'Send less in it: a token of up to 4,096 characters fits beside what browsers send.',
  },
  'request-malformed': {
    title: 'not HTTP',
    reason: (f) => `what arrived is no HTTP request that can be read${found(f.value)}`,
    hint: 'Ask with a WebSocket client, and let a proxy between speak HTTP/1.1 to this port.',
  },
  'request-unfinished': {
    title: 'request unfinished',
    reason: (f) => `the request began, and its headers were not whole ${f.value ?? 'in time'}`,
    hint: 'Try again; if it stays so, something between holds the rest back: a proxy that waits, or a network that loses large packets.',
  },
  'tls-to-plain': {
    title: 'TLS at a plain port',
    reason: () => 'TLS arrived at a port that speaks plain HTTP',
    hint: 'Use ws:// to this port, or wss:// to the port where TLS is spoken, which is that of the proxy before it.',
  },
  'upgrade-missing': {
    title: 'not a WebSocket request',
    reason: (f) => `this address speaks WebSocket; the request arrived without ${f.value ?? 'an upgrade'}`,
    hint: 'Open it with a WebSocket client; if one was used, a proxy between removes these headers: let it pass Upgrade and Connection.',
  },
  'version-unsupported': {
    title: 'WebSocket version',
    reason: (f) => `found Sec-WebSocket-Version ${f.value ?? 'other than 13'}, expected 13`,
    hint: 'Update the WebSocket client.',
  },
  'body-on-upgrade': {
    title: 'body on the handshake',
    reason: (f) => `the handshake announces a body with ${f.field ?? 'a header'}; it must have none`,
    hint: 'Send credentials in the query, the subprotocol or the Authorization header, not in a body.',
  },
  'query-malformed': {
    title: 'malformed query',
    reason: (f) => `the query parameter ${quoted(f.field, '(unnamed)')} ${f.value ?? 'is not valid percent-encoding'}`,
    hint: 'Encode each value with encodeURIComponent and give each parameter once.',
  },
  'attempt-malformed': {
    title: 'malformed attempt id',
    reason: () => 'the parameter `attempt` is not 22 to 64 characters of A-Z a-z 0-9 _ -',
    hint: 'Make it of 16 random bytes in base64url, or leave it out.',
  },
  'attempt-reused': {
    title: 'attempt id used before',
    reason: () => 'the id in the parameter `attempt` belongs to an earlier attempt',
    hint: 'Make a new id for each attempt.',
  },
  'credential-repeated': {
    title: 'several credentials',
    reason: (f) => `found more than one credential${found(f.value)}`,
    hint: 'Send one: ?token=, the subprotocol bearer.<jwt>, Authorization: Bearer or ?ticket=.',
  },
  'origin-not-allowed': {
    title: 'origin not allowed',
    reason: (f) => `pages of origin ${quoted(f.origin, 'unknown')} may not connect to this gateway`,
    hint: ({ origin = '<the origin of the page>' }) => {
      if (origin === 'null')
        return 'Serve the page from an address: a file or a sandboxed frame has no origin and cannot be allowed.';
      if (origin === probeOrigin)
        return 'Leave it out: telltale doctor tries this name, which nobody can own, to see that it is refused.';
      return `Add it where the gateway runs, behind the origins that are there: TELLTALE_ALLOWED_ORIGINS=${origin}`;
    },
  },
  'origin-needs-token': {
    title: 'origin needs a token',
    reason: (f) =>
      `without a token only pages on this machine may connect, even in development; found origin ${quoted(f.origin, 'unknown')}`,
    hint: 'Send a valid token, or open the page on http://localhost.',
  },
  'too-many-attempts': {
    title: 'too many refused attempts',
    reason: (f) => `more than ${f.limit ?? 10} refused attempts from this address in 10 seconds`,
    hint: 'Stop repeating what is refused; the earlier answers say why.',
  },
  'too-many-sessions': {
    title: 'too many sessions',
    reason: (f) =>
      `${f.value ?? 'this user or address'} already has ${f.limit ?? 'as many'} sessions, the most allowed`,
    hint: 'Close sessions that are no longer needed, or share one between tabs.',
  },
  'at-capacity': {
    title: 'gateway full',
    reason: (f) => `the gateway holds ${f.limit ?? 'its'} sessions, the most it is set to`,
    hint: 'Come back after the time named, or raise the limit maxSessions.',
  },
  'admission-queue': {
    title: 'many are connecting',
    reason: (f) => `more than ${f.limit ?? 'the allowed number of'} sessions a second are being opened`,
    hint: 'Come back after the time named; clients do so by themselves.',
  },
  stopping: {
    title: 'gateway stopping',
    reason: () => 'the gateway is stopping',
    hint: 'Come back after the time named: another one, or this one again, will answer.',
  },
  'deadline-passed': {
    title: 'decision took too long',
    reason: (f) => `the attempt could not be decided within ${f.seconds ?? 5} s`,
    hint: 'Try again; the operator should see which key server or store is slow.',
  },
  ...credentialTexts,
  'channel-forbidden': {
    title: 'channel not allowed',
    reason: (f) => `this identity may not read ${quoted(f.value, 'the channel of this endpoint')}`,
    hint: 'Ask an operator for access, or sign in as somebody who has it.',
  },
  'channel-unknown': {
    title: 'no such channel',
    reason: (f) => `there is no channel ${quoted(f.value, 'for this endpoint')}`,
    hint: 'Check the name in the path.',
  },
  'endpoint-forbidden': {
    title: 'endpoint not allowed',
    reason: (f) => `this identity may not connect to ${quoted(f.path, 'this endpoint')}`,
    hint: 'Use an endpoint meant for this kind of identity, or ask for access.',
  },
};
