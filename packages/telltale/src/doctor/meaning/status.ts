// What an HTTP status means as the answer to a WebSocket handshake, by what such answers turn out to be: which hop, and
// the cure. Pure.

import { fail, type Hop, type Trouble } from '../check.ts';
import { headerOf, type HttpHead } from '../wire/http-head.ts';
import { excerpt } from './clause.ts';
import { type Software, upgradeCureOf } from './software.ts';

export interface StatusContext {
  readonly isTls: boolean;
  readonly authority: string;
  readonly path: string;
  readonly software: Software | undefined;
  readonly hasToken: boolean;
}

interface Meaning {
  readonly found: string;
  readonly cure: string;
  readonly hop?: Hop;
  readonly id?: string;
}

/** The trouble in an answer that is no 101, and not in the words of a Telltale gateway. */
export function statusTrouble(head: HttpHead, body: string, context: StatusContext): Trouble {
  const { status } = head;
  const { id = `handshake-${status}`, hop = 'server', found, cure } = meaningOf(head, body, context);
  return fail({ id, hop, found, cure });
}

function meaningOf(head: HttpHead, body: string, context: StatusContext): Meaning {
  const { status } = head;
  const { software, path, hasToken } = context;
  const says = body.trim() === '' ? '' : `, and says ${excerpt(body)}`;
  const behind: Hop = software?.isProxy === true ? 'upstream' : 'server';
  const later = headerOf(head, 'retry-after');
  const wait = later === undefined ? 'wait' : `wait ${/^\d+$/.test(later) ? `${later} s` : `until ${later}`}`;
  if (status >= 300 && status < 400) return redirectMeaning(head, context);
  switch (status) {
    case 200:
    case 201:
    case 204: {
      const isPage = /html/i.test(headerOf(head, 'content-type') ?? '') || /^\s*<!doctype|^\s*<html/i.test(body);
      return {
        found: `the handshake is answered ${status} ${isPage ? 'with a page' : 'like a plain request'}: nothing upgrades connections at ${path}`,
        cure: `correct the path, or attach the WebSocket server to the HTTP server that answers there, or ${upgradeCureOf(software)}`,
      };
    }
    case 400:
      if (/Transport unknown|Session ID unknown/.test(body)) {
        return {
          id: 'socket-io',
          found: 'a Socket.IO server answers there, which speaks a protocol of its own over WebSocket',
          cure: 'connect with the client of Socket.IO, or use the path of a WebSocket server',
        };
      }
      return {
        found: `the handshake is answered 400${says}: what arrives is no complete handshake`,
        cure: `${upgradeCureOf(software)}; a server that answers 400 to a correct one expects another protocol there, such as Socket.IO`,
      };
    case 401: {
      const scheme = headerOf(head, 'www-authenticate')?.split(' ')[0];
      const isBasic = scheme !== undefined && /^(?:basic|digest|negotiate|ntlm)$/i.test(scheme);
      return {
        hop: isBasic ? 'proxy' : 'token',
        found: isBasic
          ? `a password is asked for by HTTP (401, ${scheme}) before the handshake gets to the server, and no page can send one`
          : `the handshake is answered 401${says}: ${hasToken ? 'the credential was not taken' : 'a credential is expected, and none was sent'}`,
        cure: isBasic
          ? `let ${path} pass without ${scheme}; the server behind checks its own credential`
          : hasToken
            ? 'get a new token, or send it where this server looks: --token-in query, protocol or header'
            : 'give one with --token',
      };
    }
    case 403: {
      const isWall = /cloudflare|cloudfront|akamai|incapsula|sucuri|mod_security|waf/i.test(
        `${software?.name ?? ''} ${body}`,
      );
      return {
        hop: isWall ? 'proxy' : 'server',
        found: `the handshake is answered 403${says}: ${isWall ? 'a firewall before the server does not let it through' : 'the server forbids it, mostly for the origin or the credential'}`,
        cure: isWall
          ? `add a rule to it that lets ${path} pass`
          : 'give the origin of the page with --origin and a credential with --token, and see which of them changes the answer',
      };
    }
    case 404:
      return {
        found: `the handshake is answered 404${says}: there is nothing at ${path}`,
        cure: 'correct the path, also the slash at its end; if a proxy stands between, see which path it passes on',
      };
    case 405:
      return {
        found: `the handshake is answered 405: at ${path} is something that takes no GET, so no WebSocket server`,
        cure: 'correct the path',
      };
    case 407:
      return {
        hop: 'proxy',
        found: 'a forward proxy asks for a sign-in (407)',
        cure: 'sign in at that proxy, or go around it',
      };
    case 408:
      return {
        hop: 'proxy',
        found: 'the handshake is answered 408: it did not arrive whole in time',
        cure: 'look for what holds the request back on its way',
      };
    case 413:
    case 414:
    case 431:
      return {
        hop: 'token',
        found: `the handshake is answered ${status}: its address or headers are longer than is taken there`,
        cure: 'use a shorter token, send it in another place (--token-in), clear cookies of that site, or raise the limit of the server',
      };
    case 421:
      return {
        hop: 'proxy',
        found: `the handshake is answered 421: who answers is not responsible for ${context.authority}`,
        cure: 'correct the name, or the virtual host of that name',
      };
    case 426: {
      const wants = headerOf(head, 'upgrade');
      const isVersion = head.headers.has('sec-websocket-version') && wants === undefined;
      if (wants !== undefined && /^(?:h2|http\/2|tls)/i.test(wants)) {
        return {
          id: 'http2-only',
          found: `the handshake is answered 426 with Upgrade: ${wants}: HTTP/1.1 is not taken there`,
          cure: 'let that port speak HTTP/1.1 too, which WebSocket begins with',
        };
      }
      return isVersion
        ? {
            found: 'the handshake is answered 426: another version of WebSocket is expected',
            cure: 'update that server',
          }
        : {
            hop: 'proxy',
            id: 'upgrade-eaten',
            found: `the handshake is answered 426${says}: it arrives without its header Upgrade`,
            cure: upgradeCureOf(software),
          };
    }
    case 429:
      return {
        found: `the handshake is answered 429${says}: there were too many attempts`,
        cure: `${wait}, then come back slower`,
      };
    case 501:
    case 505:
      return {
        found: `the handshake is answered ${status}: what answers knows no upgrade`,
        cure: upgradeCureOf(software),
      };
    case 502:
      return {
        hop: behind,
        found: 'the handshake is answered 502: the proxy got no usable answer from the server behind it',
        cure: 'start that server, and compare its address and port with what the proxy passes to',
      };
    case 503:
      return {
        hop: behind,
        found: `the handshake is answered 503${says}: the server is away or takes nobody now`,
        cure: `${wait}; if it stays so, see that the server behind runs and has room`,
      };
    case 504:
      return {
        hop: behind,
        found: 'the handshake is answered 504: the server behind the proxy did not answer it in time',
        cure: 'see why that server is slow or hangs, and that it answers upgrades at all',
      };
    default:
      return status >= 500
        ? {
            hop: behind,
            found: `the handshake is answered ${status}${says}: it failed inside the server`,
            cure: 'look into the log of the server for this moment',
          }
        : { found: `the handshake is answered ${status}${says}, not 101`, cure: 'see what answers at this address' };
  }
}

/** No browser follows a redirect of a handshake. */
function redirectMeaning(head: HttpHead, { isTls, authority, path }: StatusContext): Meaning {
  const { status } = head;
  const location = headerOf(head, 'location') ?? '';
  const base = `${isTls ? 'https' : 'http'}://${authority}${path}`;
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined;
  const where = url === undefined ? 'elsewhere' : `to ${url.protocol}//${url.host}${url.pathname.slice(0, 120)}`;
  const found = `the handshake is redirected (${status}) ${where}, which no browser follows`;
  if (url === undefined) return { id: 'redirected', found, cure: 'use the address that is meant' };
  const scheme = url.protocol === 'https:' || url.protocol === 'wss:' ? 'wss' : 'ws';
  if (!isTls && scheme === 'wss' && url.pathname === path) {
    return { id: 'redirected-to-tls', hop: 'address', found, cure: `use wss://${url.host}${path}` };
  }
  if (trimmed(url.pathname) === trimmed(path) && url.host === new URL(base).host) {
    return { id: 'redirected-to-slash', hop: 'address', found, cure: `use ${scheme}://${url.host}${url.pathname}` };
  }
  if (/log-?in|sign-?in|auth|sso|oauth|account|saml/i.test(`${url.host}${url.pathname}`)) {
    return {
      id: 'redirected-to-login',
      hop: 'proxy',
      found: `${found}: a sign-in stands before the server`,
      cure: `let ${path} pass without that sign-in; the server behind checks its own credential`,
    };
  }
  return {
    id: 'redirected',
    hop: 'address',
    found,
    cure: `use ${scheme}://${url.host}${url.pathname}, if that is the server`,
  };
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}
