// What a page names of the members that doctor examines. Browsers tell a page neither name, port nor TLS apart, and hide
// the answer to a handshake; where that leaves several members alike, the class is asserted and the reason written here.

export interface Sight {
  /** Names of members. */
  readonly members: readonly string[];
  /** What the page's diagnosis names; absent: the same as doctor. */
  readonly name?: string;
  /** Why it cannot name it as doctor does. */
  readonly because?: string;
  /** The page lies on loopback, in place of its usual origin. */
  readonly isOnLoopback?: true;
}

export const sights: readonly Sight[] = [
  {
    members: [
      ...['mixed-content', 'page-policy', 'page-policy-meta', 'healthy', 'encrypted', 'plain-to-tls', 'tls-to-plain'],
      ...['token-undefined', 'token-object', 'token-with-bearer', 'token-in-quotes', 'token-encoded-twice'],
      ...['token-with-space', 'token-cut', 'token-unsigned', 'token-expired', 'token-of-tomorrow'],
      ...['silence', 'half-an-answer', 'upgrade-dropped', 'subprotocol-ignored'],
      ...['page-behind-101', 'masked-frames', 'not-utf8', 'dropped-at-once', 'closed-by-policy', 'closed-by-error'],
      ...['closed-too-busy', 'closed-unauthorized', 'closed-by-own-code'],
      ...['telltale-production', 'telltale-no-token', 'telltale-token-header', 'telltale-origin'],
      ...['telltale-development-page', 'telltale-expired', 'telltale-other-secret', 'telltale-other-audience'],
      ...['telltale-never-expires', 'telltale-path-unknown', 'telltale-path-outside', 'telltale-full'],
      ...['telltale-token-too-long', 'telltale-store-away', 'telltale-crash', 'telltale-mute', 'nginx-path-lost'],
      ...['nginx-right', 'nginx-wrong-host', 'nginx-no-subprotocol', 'nginx-no-upgrade', 'nginx-no-upgrade-direct'],
    ],
  },
  { members: ['telltale-development', 'telltale-tunnel', 'nginx-tunnel'], isOnLoopback: true },
  {
    name: 'unreachable',
    because: 'a browser tells a page neither a name, a port, a protocol nor a certificate that is wrong',
    members: [
      ...['port-closed', 'end-at-handshake', 'ssh', 'redis', 'binary-protocol', 'http2-only-plain', 'nginx-http2-only'],
      ...['self-signed', 'unknown-authority', 'chain-incomplete', 'other-name', 'expired', 'not-yet-valid'],
      ...['old-tls', 'client-certificate', 'tls-cut'],
    ],
  },
  {
    name: 'silent',
    because: 'a page sees no step of a connection, so that silence is one thing whoever is silent',
    members: ['queue-full', 'tls-silence'],
  },
  {
    name: 'handshake-refused',
    because:
      'the status and the headers of the answer to a handshake are hidden from a page, and those of another origin’s page as well',
    members: [
      ...['page-for-everything', 'redirect-to-login', 'redirect-to-slash', 'redirect-elsewhere', 'bad-request'],
      ...['socket-io', 'token-wanted', 'password-wanted', 'forbidden', 'origin-forbidden', 'firewall', 'path-wrong'],
      ...['method-refused', 'forward-proxy', 'wrong-virtual-host', 'upgrade-removed', 'other-version', 'too-many'],
      ...['token-too-long', 'server-error', 'upgrade-not-implemented', 'upstream-down', 'unavailable'],
      ...['upstream-slow', 'redirect-to-https', 'reset-at-handshake', 'http2-only', 'token-good-by-our-clock'],
      ...['accept-missing', 'accept-wrong', 'upgrade-header-missing', 'upgrade-header-wrong'],
      ...['connection-header-missing', 'connection-header-wrong', 'subprotocol-unoffered', 'extension-unoffered'],
      ...['nginx-upstream-down', 'nginx-password', 'nginx-plain-to-tls'],
    ],
  },
  {
    name: 'dropped-at-once',
    because: 'an end and a reset are the same close event',
    members: ['reset-at-once'],
  },
  {
    name: 'never-arrived',
    because: 'the gateway knows that the attempt did not reach it, and not who dropped it',
    members: ['vite-no-ws'],
    isOnLoopback: true,
  },
  {
    name: 'connects',
    because: 'it does connect from a page: what is wrong is wrong for others, or shows only later',
    members: [
      ...['address-fragment', 'address-http', 'address-double-slash', 'compression-unoffered', 'clock-off'],
      ...['frames-held-back', 'messages-too-large', 'idle-cut', 'any-page', 'telltale-firewall'],
      ...['nginx-short-timeout', 'nginx-origin-rewritten'],
    ],
  },
];

/** Members that no page can meet here, each with its reason. */
export const unseen: Readonly<Record<string, string>> = {
  'name-unknown': 'they need a name server of their own, and browsers ask the machine’s: see page-name-unknown',
  'name-failure': 'as name-unknown',
  'name-silence': 'as name-unknown',
  'name-without-address': 'as name-unknown',
  'name-half-broken': 'as name-unknown',
  'one-address-dead': 'as name-unknown',
  'localhost-other-family': 'browsers try both families of localhost by themselves',
  'local-network': 'whether an address is near is known by its digits alone: see local-network-denied',
  'token-unencrypted': 'it is mixed content where the page is encrypted, and its owner’s choice where it is not',
  'expires-soon': 'it is a warning to the operator, in a certificate that no page can read',
  'sandboxed-page': 'it is about who else gets in',
  'pings-unanswered': 'a page can send no ping',
  'close-unanswered': 'it shows at the end, when the page has gone',
  'telltale-direct': 'a page knows one way to the server',
  'direct-same': 'as telltale-direct',
  'direct-otherwise': 'as telltale-direct',
  'direct-differs': 'as telltale-direct',
  'telltale-too-many': 'it lasts ten seconds, of which a browser may need more to come',
  'nginx-redirect': 'it leads to port 443 of this machine: see same-origin-redirect',
  'subprotocol-is-token': 'it is about what the network between sees',
  'expiry-ignored': 'it shows when the token has expired, later than an examination lasts',
  'expiry-silent': 'as expiry-ignored',
  'telltale-expires': 'as expiry-ignored',
};
