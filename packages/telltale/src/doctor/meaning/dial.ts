// Why a connection could not be made, by the codes of the system and of OpenSSL. Pure.

import { fail, type Trouble } from '../check.ts';
import type { DialFailure } from '../wire/dial.ts';

export interface DialContext {
  readonly host: string;
  readonly authority: string;
}

export function dialTrouble({ stage, code }: DialFailure, context: DialContext): Trouble {
  return stage === 'tcp' ? tcpTrouble(code, context) : tlsTrouble(code, context);
}

function tcpTrouble(code: string, { authority }: DialContext): Trouble {
  switch (code) {
    case 'ECONNREFUSED':
      return fail({
        id: 'tcp-refused',
        hop: 'server',
        found: `nothing listens at ${authority}: the connection is refused`,
        cure: 'start the server, or correct the port; in a container, see that it listens on more than its own loopback',
      });
    case 'SILENT':
    case 'ETIMEDOUT':
      return fail({
        id: 'tcp-silent',
        hop: 'network',
        found: `${authority} does not answer to a connection at all`,
        cure: 'see whether a firewall drops it, the machine is off, or the process there takes nobody any more',
      });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return fail({
        id: 'tcp-unreachable',
        hop: 'network',
        found: `there is no way from here to ${authority} (${code})`,
        cure: 'see whether this machine has a network, and whether a VPN is needed',
      });
    case 'ECONNRESET':
    case 'CLOSED':
      return fail({
        id: 'tcp-reset',
        hop: 'network',
        found: `the connection to ${authority} is reset before a word is said`,
        cure: 'see whether a firewall does that, or the server has too many connections',
      });
    default:
      return fail({
        id: 'tcp-failed',
        hop: 'network',
        found: `the connection to ${authority} fails with ${code}`,
        cure: 'see what this word means on this system',
      });
  }
}

/** What OpenSSL says of a certificate's chain: id, what was found, and the cure. */
const chainFaults: Readonly<Record<string, readonly [string, string, string]>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'tls-self-signed',
    'the certificate is signed by itself, so no browser trusts it',
    'use one of a known authority, or open the https address once in that browser and accept it; --ca takes it here',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'tls-unknown-issuer',
    'the certificate leads to an authority that is not known here',
    'install that authority on each machine that connects; --ca takes it here',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'tls-unknown-issuer',
    'the certificate is of an authority that is not known here',
    'install that authority on each machine that connects; --ca takes it here',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'tls-chain-incomplete',
    'the server sends its own certificate alone, without the ones that lead to a known authority',
    'let it send the whole chain (fullchain.pem); if it is of a private authority, --ca takes it here',
  ],
  CERT_HAS_EXPIRED: ['tls-expired', 'the certificate has expired', 'renew it, and let the server load the new one'],
  CERT_NOT_YET_VALID: [
    'tls-not-yet-valid',
    'the certificate is not valid yet',
    'compare the clocks of this machine and of who made it',
  ],
  OTHER_NAME: [
    'tls-other-name',
    'the certificate is for another name',
    'use a name of the certificate, or get one for this name',
  ],
};

function tlsTrouble(code: string, { host, authority }: DialContext): Trouble {
  const chain = chainFaults[code];
  if (chain !== undefined) {
    const [id, found, cure] = chain;
    return fail({ id, hop: 'tls', found, cure });
  }
  if (/NO_APPLICATION_PROTOCOL/.test(code)) {
    return fail({
      id: 'http2-only',
      hop: 'tls',
      found: `${authority} takes no HTTP/1.1 (ALPN), and WebSocket begins with that`,
      cure: 'let it offer http/1.1 beside h2',
    });
  }
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code)) {
    return fail({
      id: 'tls-version',
      hop: 'tls',
      found: `${authority} speaks only a version of TLS that is no longer taken`,
      cure: 'let it speak TLS 1.2 and 1.3',
    });
  }
  if (/CERTIFICATE_REQUIRED/.test(code)) {
    return fail({
      id: 'tls-client-certificate',
      hop: 'tls',
      found: `${authority} asks for a certificate of the client, and there is none`,
      cure: 'install one in each browser that connects, or let this path pass without',
    });
  }
  if (/UNRECOGNIZED_NAME/.test(code)) {
    return fail({
      id: 'tls-other-name',
      hop: 'tls',
      found: `${authority} does not know the name ${host}`,
      cure: 'correct the name, or add it where TLS ends',
    });
  }
  switch (code) {
    case 'WRONG_VERSION_NUMBER':
    case 'PACKET_LENGTH_TOO_LONG':
    case 'HTTP_REQUEST':
    case 'EPROTO':
      return fail({
        id: 'tls-not-spoken',
        hop: 'address',
        found: `${authority} does not speak TLS, and the address begins with wss://`,
        cure: 'use the port where TLS is spoken',
      });
    case 'SILENT':
      return fail({
        id: 'tls-silent',
        hop: 'server',
        found: `${authority} takes the connection and says nothing in answer to TLS`,
        cure: 'see whether TLS is spoken at that port, and whether that process hangs',
      });
    case 'CLOSED':
    case 'ECONNRESET':
      return fail({
        id: 'tls-cut',
        hop: 'server',
        found: `${authority} ends the connection in answer to TLS`,
        cure: 'see whether TLS is spoken at that port, and whether a firewall forbids this name',
      });
    default:
      return fail({
        id: 'tls-failed',
        hop: 'tls',
        found: `TLS with ${authority} fails with ${code}`,
        cure: 'compare the versions and ciphers of both sides',
      });
  }
}
