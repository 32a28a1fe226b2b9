// What a handshake's outcome means, whatever it is: the trouble in it, or undefined for a 101 that browsers take. Pure.

import { fail, type Hop, type Trouble, warn } from '../check.ts';
import type { Handshake } from '../wire/handshake.ts';
import type { Alien } from '../wire/http-head.ts';
import { dialTrouble } from './dial.ts';
import { type Asked, refusalTrouble } from './refusal.ts';
import { type Software, softwareOf, upgradeCureOf } from './software.ts';
import { statusTrouble } from './status.ts';
import { gatewayWord } from './telltale.ts';

export interface HandshakeContext {
  readonly isTls: boolean;
  readonly host: string;
  readonly authority: string;
  readonly path: string;
  /** Who answered a plain request there. */
  readonly software: Software | undefined;
  /** Whether a Telltale gateway answered that: then whatever else answers a handshake stands before it. */
  readonly isTelltale: boolean;
  /** Whether a plain request was answered at all. */
  readonly answersPlainly: boolean;
  readonly origin: string | undefined;
  readonly credentialIn: Asked['credentialIn'];
}

export function handshakeTrouble(handshake: Handshake, context: HandshakeContext): Trouble | undefined {
  const { answersPlainly, isTelltale } = context;
  switch (handshake.kind) {
    case 'open':
      return conformanceTrouble(handshake);
    case 'answer':
      return answerTrouble(handshake, context);
    case 'alien':
      return alienTrouble(handshake.alien, { hop: 'server', what: 'the handshake' });
    case 'failed':
      return dialTrouble(handshake, context);
    case 'ended':
      if (handshake.how === 'tls') return dialTrouble({ kind: 'failed', stage: 'tls', code: handshake.code }, context);
      return fail({
        id: handshake.how === 'reset' ? 'handshake-reset' : 'handshake-cut',
        hop: isTelltale ? 'proxy' : 'server',
        found:
          `the connection is ${handshake.how === 'reset' ? 'reset' : 'ended'} in answer to the handshake` +
          (answersPlainly ? ', though a plain request is answered' : ''),
        cure: answersPlainly
          ? `see what refuses upgrades there, a firewall or a server without a WebSocket at this path; or ${upgradeCureOf(context.software)}`
          : 'look into the log of that server: it fails, or it is none of HTTP',
      });
    case 'silent':
      return answersPlainly
        ? fail({
            id: 'handshake-silent',
            hop: isTelltale || context.software?.isProxy === true ? 'proxy' : 'server',
            found: `the handshake gets no answer, though a plain request ${isTelltale ? 'reaches a Telltale gateway' : 'is answered'}: something takes upgrades and drops them`,
            cure:
              isTelltale || context.software?.isProxy === true
                ? upgradeCureOf(context.software)
                : 'attach a WebSocket server for this path there, or correct the path',
          })
        : fail({
            id: 'silent',
            hop: 'server',
            found: handshake.hasBegun
              ? 'it takes the connection, begins an answer and does not finish it'
              : 'it takes the connection and answers nothing, neither a plain request nor the handshake',
            cure: 'see whether that process hangs or is stopped; if it is a proxy, whether what stands behind it does',
          });
  }
}

function answerTrouble({ head, body }: Extract<Handshake, { kind: 'answer' }>, context: HandshakeContext): Trouble {
  const { isTls, authority, path, origin, credentialIn } = context;
  const software = softwareOf(head) ?? context.software;
  const word = gatewayWord(body);
  switch (word?.kind) {
    case 'eaten': {
      const { missing } = word;
      const headers = missing.length > 1 ? `the headers ${missing.join(' and ')}` : `the header ${missing.join('')}`;
      const what = missing.length === 0 ? 'its headers' : headers;
      return fail({
        id: 'upgrade-eaten',
        hop: 'proxy',
        found: `the handshake reaches the gateway without ${what}, so something between removes them`,
        cure: upgradeCureOf(software),
      });
    }
    case 'refusal':
      return refusalTrouble(word.refusal, { path, origin, credentialIn, hasProxy: software?.isProxy === true });
    case undefined: {
      const trouble = statusTrouble(head, body, {
        isTls,
        authority,
        path,
        software,
        hasToken: credentialIn !== undefined,
      });
      // The gateway was there for a plain request and this is not in its words.
      const isBetween = context.isTelltale && trouble.hop === 'server';
      return isBetween ? { ...trouble, hop: 'proxy' } : trouble;
    }
  }
}

function conformanceTrouble({ faults }: Extract<Handshake, { kind: 'open' }>): Trouble | undefined {
  const [first] = faults;
  if (first === undefined) return undefined;
  if (first.id === 'compression-unoffered') {
    // Every browser offers this one, so that a page does not notice.
    return warn({
      id: first.id,
      hop: 'server',
      found: `the 101 ${first.found}: programs that do not compress fail on it, and browsers do not`,
      cure: conformanceCures[first.id],
    });
  }
  return fail({
    id: first.id,
    hop: 'server',
    found: `the 101 ${faults.map(({ found }) => found).join(', and ')}, so every browser fails on it with 1006`,
    cure: conformanceCures[first.id],
  });
}

const conformanceCures: Readonly<Record<Extract<Handshake, { kind: 'open' }>['faults'][number]['id'], string>> = {
  'accept-missing': 'let the server compute it from Sec-WebSocket-Key (RFC 6455, 4.2.2), and the proxy pass it on',
  'accept-wrong':
    'let the server compute it from the key of this request; a cache or proxy that answers with an older 101 does this too',
  'upgrade-header-missing': 'let the server send Upgrade: websocket, and the proxy pass it back',
  'upgrade-header-wrong': 'let the server answer Upgrade: websocket',
  'connection-header-missing': 'let the server send Connection: Upgrade, and the proxy pass it back',
  'connection-header-wrong': 'let the server send Connection: Upgrade, and the proxy pass it back',
  'subprotocol-unoffered': 'let the server choose one of those offered, or none; and offer what it wants: --protocol',
  'subprotocol-repeated': 'let only one side set it: often a proxy adds what the server has sent already',
  'extension-unoffered': 'let the server use only what was offered',
  'compression-unoffered': 'let the server compress only for who offers it',
};

/** What answers is none of HTTP/1.1. */
export function alienTrouble(alien: Alien, { hop, what }: { readonly hop: Hop; readonly what: string }): Trouble {
  switch (alien) {
    case 'TLS':
      return fail({
        id: 'plain-to-tls',
        hop: 'address',
        found: 'the port speaks TLS, and the address begins with ws://',
        cure: 'use wss://',
      });
    case 'HTTP/2':
      return fail({
        id: 'http2-only',
        hop,
        found: `${what} over HTTP/1.1 is answered in HTTP/2: nothing else is taken there`,
        cure: 'let that port speak HTTP/1.1 too, which WebSocket begins with',
      });
    default:
      return fail({
        id: 'not-http',
        hop: 'address',
        found: `what answers there is no HTTP${alien === 'unknown' ? '' : ` but ${alien}`}`,
        cure: 'correct the port',
      });
  }
}
