// Looks at the page and the browser around it: what they forbid, replace or slow down before anything is sent.

import { socketWorks } from './look-at-socket.ts';
import type { Facts, PageFacts } from './facts.ts';
import { failed, type Finding, notSent, ok, unknown, warning } from './finding.ts';
import { nearness } from './place.ts';

/** A socket that took this long while HTTP did not was waiting for its turn, in milliseconds. */
const heldMs = 900;

export function lookAtPage(facts: Facts): readonly Finding[] {
  const { page, url } = facts;
  if (page === undefined) return [websocket(facts)];
  const target = url === undefined ? undefined : new URL(url);
  return [
    visibility(page),
    ...(target === undefined ? [] : [mixedContent(facts, page, target)]),
    websocket(facts),
    ...(target === undefined ? [] : [policy(page, target), localNetwork(facts, page, target)]),
  ];
}

function visibility({ isHidden }: PageFacts): Finding {
  if (!isHidden) return ok('visibility', 'the page is shown');
  return warning('visibility', {
    name: 'page-hidden',
    hop: 'browser',
    found: 'the page is hidden, where browsers run timers once a second or once a minute',
    todo: 'Bring the page to the front; it looks at the connection by itself then.',
  });
}

function mixedContent({ socket }: Facts, { isSecure, origin, blocked }: PageFacts, target: URL): Finding {
  const isPlain = target.protocol === 'ws:';
  const isForbidden = isSecure && isPlain && nearness(target.hostname) !== 'loopback' && socket?.kind !== 'opened';
  const isThrown = socket?.kind === 'threw' && socket.name === 'mixed-content' && !blocked.socket;
  if (!isForbidden && !isThrown) {
    return ok('mixed-content', isPlain ? 'the page may open ws:// here' : 'the address is one of wss://');
  }
  return failed('mixed-content', {
    name: 'mixed-content',
    hop: 'page',
    found: `a page of ${origin} may not open ws://, the browser forbids it as mixed content`,
    todo: `Use wss://${target.host}${target.pathname}, with TLS before the server.`,
    explains: notSent,
  });
}

function websocket({ page, socket, clean }: Facts): Finding {
  if (socket?.kind === 'threw' && socket.name === 'websocket-missing') {
    return failed('websocket', {
      name: 'websocket-missing',
      hop: page === undefined ? 'page' : 'browser',
      found: 'there is no WebSocket here',
      todo: 'In Node before 22 pass one: createConnection({ WebSocket }) with the class of the package "ws".',
    });
  }
  if (page?.isNative === undefined) return ok('websocket', 'the class is one that the application chose');
  if (page.isNative) return ok('websocket', 'the class is the browser’s own');
  const found = 'the class WebSocket is not the browser’s own: an extension or a script has put another in its place';
  const todo = 'Switch the extensions of this browser off one by one, or remove the script that replaces WebSocket.';
  if (clean?.kind === 'opened' && clean.end === undefined) {
    const more = `${found}, and with the browser’s own it opens`;
    return failed('websocket', { name: 'websocket-patched', hop: 'browser', found: more, todo, explains: notSent });
  }
  return warning('websocket', { name: 'websocket-patched', hop: 'browser', found, todo });
}

function policy({ blocked }: PageFacts, { protocol, host }: URL): Finding {
  const own = `${protocol}//${host}`;
  if (blocked.socket) {
    return failed('policy', {
      name: 'page-policy',
      hop: 'page',
      found: `the page’s Content-Security-Policy does not list ${own} for connect-src, so the browser blocks the socket`,
      todo: `Add ${own} to connect-src where that header or meta element is set.`,
      explains: notSent,
    });
  }
  if (blocked.http) {
    return unknown(
      'policy',
      'the page’s Content-Security-Policy lets the socket pass and forbids to ask there by HTTP',
    );
  }
  return ok('policy', 'no Content-Security-Policy blocks it');
}

function localNetwork(facts: Facts, { hostname, permission }: PageFacts, target: URL): Finding {
  const near = nearness(target.hostname);
  if (near === 'far') return ok('local-network', 'the address is not one of the local network');
  if (socketWorks(facts) || permission === 'granted') return ok('local-network', 'the page may reach this network');
  if (permission === 'denied' || (permission === 'prompt' && nearness(hostname) === 'far')) {
    const isDenied = permission === 'denied';
    return failed('local-network', {
      name: 'local-network-access',
      hop: 'browser',
      found: `the server is at ${target.hostname}, an address of ${near === 'loopback' ? 'this machine' : 'the local network'}, and the browser ${isDenied ? 'denies this page such addresses' : 'waits for a person to permit that'}`,
      todo: 'Allow the permission for the local network in the settings of this site, or serve the page from the same network.',
      explains: notSent,
    });
  }
  if (permission === 'unknown')
    return unknown('local-network', 'this browser does not say whether the page may reach this network');
  return ok('local-network', 'the page comes from the same network');
}

/** Chromium makes the sockets of a page that keeps failing wait, each for up to five seconds. */
export function throttling({ page, socket, http, tries }: Facts): readonly Finding[] {
  if (page?.holdsBack !== true || socket === undefined || !('afterMs' in socket)) return [];
  const { afterMs } = socket;
  const isLate = http !== undefined && afterMs > http.tookMs + heldMs;
  if (!isLate) return [ok('throttling', 'the browser did not hold the socket back')];
  const seconds = (afterMs / 1000).toFixed(1);
  if (tries < 3) {
    return [unknown('throttling', `it took ${seconds} s; the browser held it back, or the server took its time`)];
  }
  return [
    warning('throttling', {
      name: 'throttled',
      hop: 'browser',
      found: `the socket took ${seconds} s where HTTP took ${http.tookMs} ms: after ${tries} tries the browser holds back the sockets of this page`,
      todo: 'Cure what made the tries fail; after some minutes without failures, or in a new tab, it holds none back.',
    }),
  ];
}
