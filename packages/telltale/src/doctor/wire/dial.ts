// Opens one connection: TCP to one address, and TLS over it. Says by stage and code why it could not. Whoever dials owns
// the socket; wire.ts keeps the list of them.

import { connect, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type PeerCertificate, rootCertificates } from 'node:tls';

/** Where to: an address, and by which name it is meant. */
export interface Place {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly isTls: boolean;
}

export interface TlsState {
  /** `TLSv1.3`. */
  readonly version: string;
  /** The protocol chosen of those offered; undefined: none. */
  readonly alpn: string | undefined;
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly validFrom: number;
  readonly validTo: number;
  /** OpenSSL's code of why the chain is not trusted: `CERT_HAS_EXPIRED`. */
  readonly chainFault: string | undefined;
  /** Names of the certificate, where the host is none of them. */
  readonly otherNames: string | undefined;
}

export interface DialFailure {
  readonly kind: 'failed';
  readonly stage: 'tcp' | 'tls';
  /** A system code, one of OpenSSL's without `ERR_SSL_`, `SILENT` or `CLOSED`. */
  readonly code: string;
}

export interface Connected {
  readonly kind: 'connected';
  readonly socket: Socket;
  readonly tcpMs: number;
  readonly tls: TlsState | undefined;
}

export interface DialOptions {
  readonly timeoutMs: number;
  /** PEM certificates to trust beside the well-known ones. */
  readonly ca: string | undefined;
  /** Offered by ALPN. */
  readonly protocols: readonly string[];
}

export async function dial(place: Place, options: DialOptions): Promise<Connected | DialFailure> {
  const begun = performance.now();
  const socket = connect({ host: place.address, port: place.port, noDelay: true });
  // For good: an error that comes later than anybody listens must not end the process.
  socket.on('error', () => socket.destroy());
  const tcp = await opened(socket, 'connect', options.timeoutMs);
  const tcpMs = performance.now() - begun;
  if (tcp !== undefined) {
    socket.destroy();
    return { kind: 'failed', stage: 'tcp', code: tcp };
  }
  if (!place.isTls) return { kind: 'connected', socket, tcpMs, tls: undefined };

  const secure = connectTls({
    socket,
    servername: isIP(place.host) === 0 ? place.host : '',
    ALPNProtocols: [...options.protocols],
    // The certificate is judged afterwards, so that all that is wrong with it can be told.
    rejectUnauthorized: false,
    ...(options.ca === undefined ? {} : { ca: [...rootCertificates, options.ca] }),
    checkServerIdentity: () => undefined,
  });
  secure.on('error', () => secure.destroy());
  const fault = await opened(secure, 'secureConnect', options.timeoutMs);
  if (fault !== undefined) {
    secure.destroy();
    socket.destroy();
    return { kind: 'failed', stage: 'tls', code: fault };
  }
  const certificate = secure.getPeerCertificate();
  const tls: TlsState = {
    version: secure.getProtocol() ?? 'unknown',
    alpn: secure.alpnProtocol || undefined,
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validFrom: Date.parse(certificate.valid_from),
    validTo: Date.parse(certificate.valid_to),
    // A code, whatever its type says.
    chainFault: secure.authorized ? undefined : String(secure.authorizationError),
    otherNames: otherNames(place.host, certificate),
  };
  return { kind: 'connected', socket: secure, tcpMs, tls };
}

/** Waits for the event; answers with why it did not come, or undefined. */
function opened(socket: Socket, event: 'connect' | 'secureConnect', timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (fault?: string): void => {
      clearTimeout(timer);
      socket.off(event, ready).off('error', failed).off('close', closed).off('end', closed);
      resolve(fault);
    };
    const ready = (): void => done();
    const failed = (error: NodeJS.ErrnoException): void => done(faultCode(error));
    const closed = (): void => done('CLOSED');
    const timer = setTimeout(() => done('SILENT'), timeoutMs);
    socket.once(event, ready).once('error', failed).once('close', closed).once('end', closed);
  });
}

/** The one word for an error of the network. */
export function faultCode(error: NodeJS.ErrnoException): string {
  const code = error.code ?? 'UNKNOWN';
  if (code.startsWith('ERR_SSL_')) return code.slice('ERR_SSL_'.length);
  // Older OpenSSL errors carry their reason in the text alone.
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(error.message)?.[1];
  return reason === undefined ? code : reason.trim().replaceAll(' ', '_').toUpperCase();
}

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const name = subject?.CN ?? subject?.O ?? 'nobody';
  return Array.isArray(name) ? name.join(', ') : name;
}

function otherNames(host: string, certificate: PeerCertificate): string | undefined {
  if (checkServerIdentity(host, certificate) === undefined) return undefined;
  const names = (certificate.subjectaltname ?? '').replaceAll(/\b(?:DNS|IP Address):/g, '');
  return names === '' ? nameOf(certificate.subject) : names;
}
