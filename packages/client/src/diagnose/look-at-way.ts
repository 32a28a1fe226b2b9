// Looks at the way to the server: the address, the network, what answers by HTTP, and the clocks of both sides.

import { span } from '@telltale/protocol/explain';
import { clockToleranceMs } from '@telltale/protocol/token';
import { maskUrl } from '../url.ts';
import type { Facts } from './facts.ts';
import { failed, type Finding, notOpened, notSent, ok, unknown, warning } from './finding.ts';
import type { HttpAnswer } from './http.ts';
import { socketWorks } from './look-at-socket.ts';
import type { DiagnosisHop } from './types.ts';

export function lookAtAddress({ url, urlFault }: Facts): Finding {
  if (url === undefined) {
    return failed('address', {
      name: 'url-invalid',
      hop: 'address',
      found: urlFault ?? 'the URL is not one to connect to',
      todo: 'Correct the URL.',
    });
  }
  return ok('address', maskUrl(url));
}

export function lookAtNetwork({ page, isOnline }: Facts): readonly Finding[] {
  if (page === undefined) return [];
  if (isOnline) return [ok('network', 'the browser has a network')];
  return [
    failed('network', {
      name: 'offline',
      hop: 'network',
      found: 'the browser has no network',
      todo: 'Connect this device to a network; it tries again as soon as there is one.',
      explains: notSent,
    }),
  ];
}

export function lookAtHttp(facts: Facts): Finding {
  const { http, page } = facts;
  if (http === undefined) return unknown('http', 'nobody was asked');
  // Where a socket opens, HTTP is no part of what is wrong.
  const opens = socketWorks(facts) || facts.socket?.kind === 'opened';
  if (http.kind === 'gateway') return ok('http', `a Telltale gateway answers in ${http.tookMs} ms`);
  if (page?.blocked.http === true && http.kind !== 'opaque') {
    return unknown('http', 'the page’s Content-Security-Policy forbids to ask');
  }
  if (!opens && facts.answersOtherScheme) return otherScheme(facts);
  switch (http.kind) {
    case 'readable':
    case 'redirect':
      return opens ? ok('http', 'something answers by HTTP') : readable(facts.path ?? http);
    case 'opaque':
      return ok('http', 'something answers by HTTP, and this page may not read what');
    case 'silent':
      if (opens) return unknown('http', 'a plain request has no answer');
      return failed('http', {
        name: 'silent',
        hop: 'server',
        found: `a plain request has no answer after ${(http.tookMs / 1000).toFixed(1)} s`,
        todo: 'The server may be overloaded or suspended, or a firewall drops what is sent there.',
        explains: notOpened,
      });
    case 'failed':
      if (opens) return unknown('http', 'a plain request fails');
      return unreachable(facts, http.code);
  }
}

/** What a plain request finds where nobody reads what is sent there, a token as little as anything. */
const nobodyThere: ReadonlySet<string> = new Set([
  'unreachable',
  'silent',
  'wrong-port',
  'plain-to-tls',
  'tls-to-plain',
]);

/** Whether anybody is there who could judge a token. */
export function isAnswered(facts: Facts): boolean {
  const { trouble } = lookAtHttp(facts);
  if (trouble === undefined || !nobodyThere.has(trouble.name)) return true;
  // A server of WebSockets alone leaves a plain request without an answer, and refuses a handshake at once.
  return trouble.name === 'silent' && facts.socket?.kind === 'failed';
}

function otherScheme({ url }: Facts): Finding {
  const { protocol, host, pathname } = new URL(url as string);
  const isPlain = protocol === 'ws:';
  const right = `${isPlain ? 'wss' : 'ws'}://${host}${pathname}`;
  return failed('http', {
    name: isPlain ? 'plain-to-tls' : 'tls-to-plain',
    hop: 'address',
    found: `the port ${isPlain ? 'speaks TLS' : 'speaks plain HTTP'}, and the address says ${protocol}//`,
    todo: `Use ${right}.`,
    explains: notOpened,
  });
}

function unreachable({ url, page, isGatewayAtPage }: Facts, code: string | undefined): Finding {
  const { host, protocol } = new URL(url as string);
  if (isGatewayAtPage && page !== undefined) {
    return failed('http', {
      name: 'wrong-port',
      hop: 'address',
      found: `nothing answers at ${host}, and a Telltale gateway answers where this page came from`,
      todo: `Use ${page.origin.replace(/^http/, 'ws')} as the address, with the same path.`,
      explains: notOpened,
    });
  }
  const what = protocol === 'wss:' ? 'name, port, TLS certificate or network' : 'name, port or network';
  return failed('http', {
    name: 'unreachable',
    hop: 'network',
    found: `nothing answers at ${host}${code === undefined ? '' : ` (${code})`}: ${what}, and browsers do not tell a page which`,
    todo: `See whether the server runs and the port is right; open ${protocol === 'wss:' ? 'https' : 'http'}://${host}/ in a tab for the browser’s own words, or run telltale doctor with the address.`,
    explains: notOpened,
  });
}

interface StatusMeaning {
  readonly hop: DiagnosisHop;
  readonly means: string;
  readonly todo: string;
}

const statusMeanings: Readonly<Record<number, StatusMeaning>> = {
  401: {
    hop: 'token',
    means: 'a credential is wanted',
    todo: 'Send the credential it expects; a password no page can send.',
  },
  403: {
    hop: 'server',
    means: 'the origin or the credential is not taken',
    todo: 'Have the origin of this page allowed there.',
  },
  404: {
    hop: 'address',
    means: 'there is nothing at this path',
    todo: 'Correct the path, or let the proxy pass it on whole.',
  },
  429: { hop: 'server', means: 'there were too many attempts', todo: 'Stop repeating, and wait.' },
  502: { hop: 'server', means: 'the server behind the proxy is away', todo: 'Start that server.' },
  503: { hop: 'server', means: 'the server takes nobody now', todo: 'Wait, and try again.' },
  504: {
    hop: 'server',
    means: 'the server behind the proxy does not answer in time',
    todo: 'See why that server is slow.',
  },
};

/** Something answers that is no gateway, and the page may read it: its status tells what the handshake met. */
function readable(answer: HttpAnswer): Finding {
  if (answer.kind === 'redirect') {
    return failed('http', {
      name: 'redirected',
      hop: 'address',
      found: 'the address redirects to another one, which no browser follows with a WebSocket',
      todo: 'Open it in a tab to see where it leads, and use that address; if it is a sign-in, sign in first.',
      explains: notOpened,
    });
  }
  if (answer.kind !== 'readable') return ok('http', 'something answers by HTTP');
  const { status, isPage, word } = answer;
  if (word === 'path-unknown') {
    return failed('http', {
      name: 'path-lost',
      hop: 'address',
      found: 'a Telltale gateway answers, and the path is not one of its own when it arrives',
      todo: 'Use /ws/ as the path, and let the proxy pass it on whole.',
      explains: notOpened,
    });
  }
  if (status === 200 && isPage) {
    return failed('http', {
      name: 'handshake-200',
      hop: 'server',
      found: 'a web page answers at this path: nothing upgrades connections there',
      todo: 'Correct the path, or let the web server pass it on to the gateway (in Vite server.proxy with ws: true).',
      explains: notOpened,
    });
  }
  const meaning = statusMeanings[status];
  if (meaning === undefined)
    return ok('http', `something answers by HTTP with ${status}, and it is no Telltale gateway`);
  return failed('http', {
    name: `handshake-${status}`,
    hop: meaning.hop,
    found: `it answers by HTTP with ${status}: ${meaning.means}`,
    todo: meaning.todo,
    explains: notOpened,
  });
}

export function lookAtClock({ clockAheadMs }: Facts): Finding {
  if (clockAheadMs === undefined) return unknown('clock', 'nothing told the time of the server');
  const off = Math.abs(clockAheadMs);
  if (off <= clockToleranceMs) return ok('clock', 'both sides agree within 5 s');
  return warning('clock', {
    name: 'clock-off',
    hop: 'clock',
    found: `the server’s clock is ${span(off)} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the one of this device`,
    todo: 'Let both set their clocks by NTP: tokens are good or expired by the server’s.',
  });
}
