// Members whose TLS is missing, mixed up, or not to be trusted.

import { createHash, X509Certificate } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createSecureServer, createServer as createHttp2Server } from 'node:http2';
import { join } from 'node:path';
import type { Server } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { temporaryDirectory } from '../support/hub-process.ts';
import { createAuthority, selfSigned } from './certificate.ts';
import { guard } from './guarded.ts';
import type { Member, Running } from './member.ts';
import { listen, type Listening, pageServer, rawHttpServer, tcpServer } from './servers.ts';

const authority = createAuthority('An authority of the zoo');
const good = authority.sign({ names: ['localhost'] });
/** As good, and no browser here is told to take it. */
const strange = authority.sign({ names: ['localhost'] });

/** SHA-256 of the public key that most members here show: what a browser is told to take in place of an authority. */
export const trustedKey: string = createHash('sha256')
  .update(new X509Certificate(good.cert).publicKey.export({ type: 'spki', format: 'der' }))
  .digest('base64');

/** Examined with the authority as a known one, unless other flags are given. */
function at(server: Listening, flags?: readonly string[], scheme = 'wss'): Running {
  const folder = temporaryDirectory();
  const file = join(folder, 'ca.pem');
  writeFileSync(file, authority.cert);
  return {
    url: `${scheme}://localhost:${server.port}/live`,
    flags: flags ?? ['--ca', file],
    async end() {
      rmSync(folder, { recursive: true, force: true });
      await server.end();
    },
  };
}

const encrypted = (options: TlsOptions): Promise<Listening> =>
  rawHttpServer((socket, request) => guard(socket, request), options);

export const encryption: readonly Member[] = [
  {
    name: 'encrypted',
    fault: 'nothing: TLS of a known authority',
    open: async () => at(await encrypted(good)),
    verdict: { id: 'connects', exit: 0, says: /^It connects: nothing is wrong with wss:/ },
  },
  {
    name: 'plain-to-tls',
    fault: 'the address says ws:// and the port speaks TLS',
    open: async () => at(await encrypted(good), [], 'ws'),
    verdict: { id: 'plain-to-tls', hop: 'address', says: /the port speaks TLS.*use wss:\/\// },
  },
  {
    name: 'tls-to-plain',
    fault: 'the address says wss:// and the port speaks plain HTTP',
    open: async () => at(await pageServer((_request, response) => response.end('hello'))),
    verdict: { id: 'tls-to-plain', hop: 'address', says: /speaks plain HTTP.*use ws:\/\/localhost/ },
  },
  {
    name: 'self-signed',
    fault: 'the certificate is signed by itself',
    open: async () => at(await encrypted(selfSigned(['localhost']))),
    verdict: { id: 'tls-self-signed', hop: 'tls', says: /signed by itself/ },
  },
  {
    name: 'unknown-authority',
    fault: 'the chain ends at an authority nobody knows',
    open: async () => at(await encrypted({ ...strange, cert: strange.cert + authority.cert }), []),
    verdict: { id: 'tls-unknown-issuer', hop: 'tls', says: /authority that is not known here; install that authority/ },
  },
  {
    name: 'chain-incomplete',
    fault: 'the server sends its own certificate alone',
    open: async () => at(await encrypted(strange), []),
    verdict: { id: 'tls-chain-incomplete', hop: 'tls', says: /without the ones that lead.*fullchain\.pem/ },
  },
  {
    name: 'other-name',
    fault: 'the certificate is for another name',
    open: async () => at(await encrypted(authority.sign({ names: ['ops.example.com', 'www.example.com'] }))),
    verdict: {
      id: 'tls-other-name',
      hop: 'tls',
      says: /is for ops\.example\.com, www\.example\.com, not for localhost/,
    },
  },
  {
    name: 'expired',
    fault: 'the certificate expired a month ago',
    open: async () => at(await encrypted(authority.sign({ names: ['localhost'], fromDays: -120, toDays: -30 }))),
    verdict: { id: 'tls-expired', hop: 'tls', says: /has expired \(20\d\d-\d\d-\d\d\); renew it/ },
  },
  {
    name: 'not-yet-valid',
    fault: 'the certificate becomes valid tomorrow',
    open: async () => at(await encrypted(authority.sign({ names: ['localhost'], fromDays: 1 }))),
    verdict: { id: 'tls-not-yet-valid', hop: 'tls', says: /is not valid yet \(from 20.*compare the clocks/ },
  },
  {
    name: 'expires-soon',
    fault: 'the certificate expires in three days',
    open: async () => at(await encrypted(authority.sign({ names: ['localhost'], fromDays: -87, toDays: 3 }))),
    verdict: { id: 'tls-expires-soon', hop: 'tls', exit: 1, says: /expires in 3 days; renew it/ },
  },
  {
    name: 'old-tls',
    fault: 'the server speaks nothing newer than TLS 1.1',
    open: async () =>
      at(await encrypted({ ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })),
    verdict: { id: 'tls-version', hop: 'tls', says: /version of TLS that is no longer taken; let it speak TLS 1\.2/ },
  },
  {
    name: 'client-certificate',
    fault: 'the server wants a certificate of the client',
    open: async () => at(await encrypted({ ...good, requestCert: true, rejectUnauthorized: true, ca: authority.cert })),
    verdict: { id: 'tls-client-certificate', hop: 'tls', says: /asks for a certificate of the client/ },
  },
  {
    name: 'tls-silence',
    waits: true,
    fault: 'the port takes the connection and does not answer to TLS',
    open: async () => at(await tcpServer((socket) => socket.resume()), ['--timeout', '2']),
    verdict: { id: 'tls-silent', hop: 'server', says: /says nothing in answer to TLS/ },
  },
  {
    name: 'tls-cut',
    fault: 'the port ends the connection in answer to TLS',
    open: async () => at(await tcpServer((socket) => socket.once('data', () => socket.end())), ['--timeout', '2']),
    verdict: { id: 'tls-cut', hop: 'server', says: /ends the connection in answer to TLS/ },
  },
  {
    name: 'http2-only',
    fault: 'the server offers HTTP/2 over TLS and nothing else',
    open: async () =>
      at(
        await listen(
          createSecureServer({ ...good, allowHTTP1: false }, (_request, response) => response.end('hello')) as Server,
        ),
      ),
    verdict: { id: 'http2-only', hop: 'tls', says: /HTTP\/1\.1.*let it offer http\/1\.1/ },
  },
  {
    name: 'http2-only-plain',
    fault: 'the server speaks HTTP/2 without TLS and nothing else',
    open: async () => at(await listen(createHttp2Server().on('sessionError', () => {}) as Server), [], 'ws'),
    verdict: { id: 'http2-only', hop: 'server', says: /answered in HTTP\/2: nothing else is taken/ },
  },
];
