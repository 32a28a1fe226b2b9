// Which program wrote an answer, by its headers: proxies tell their names there, and which of them it is decides about
// the cure. Pure.

import { headerOf, type HttpHead } from '../wire/http-head.ts';

export interface Software {
  /** `nginx/1.22.1`, as it names itself. */
  readonly name: string;
  readonly isProxy: boolean;
  /** How this one is told to pass an upgrade on: part of a sentence. */
  readonly upgradeCure: string;
}

interface Known {
  readonly pattern: RegExp;
  /** In place of what the header says. */
  readonly name?: string;
  readonly cure?: string;
}

const generalCure = 'let it speak HTTP/1.1 to the server and pass the headers Upgrade and Connection on';

const nginxCure =
  'set proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and proxy_set_header Connection "upgrade" in that location';

const proxies: readonly Known[] = [
  { pattern: /^nginx|^openresty|^tengine/i, cure: nginxCure },
  {
    pattern: /^apache/i,
    cure: 'write upgrade=websocket behind that ProxyPass (Apache 2.4.47 and newer), or load mod_proxy_wstunnel and use ws://',
  },
  { pattern: /^caddy/i, cure: 'use reverse_proxy for that path without header_up lines for Upgrade or Connection' },
  { pattern: /^cloudflare/i, name: 'Cloudflare', cure: 'switch on WebSockets under Network in its dashboard' },
  {
    pattern: /^awselb/i,
    name: 'an AWS load balancer',
    cure: 'use an Application Load Balancer with an HTTP/1.1 target',
  },
  { pattern: /^cloudfront/i, name: 'CloudFront', cure: 'use an origin request policy that passes all viewer headers' },
  { pattern: /^envoy|^istio/i, cure: 'add upgrade_configs with upgrade_type: websocket to its route or listener' },
  { pattern: /^(?:google frontend|gws|1\.1 google)/i, name: 'a Google load balancer' },
  { pattern: /^haproxy/i },
  { pattern: /^traefik/i },
  {
    pattern: /^varnish/i,
    cure: 'return (pipe) for requests with an Upgrade in vcl_recv, and copy that header in vcl_pipe',
  },
  { pattern: /^microsoft-(?:iis|httpapi)/i, cure: 'install its WebSocket Protocol feature' },
  { pattern: /^vercel|^netlify/i, cure: 'connect to the server itself: this platform passes no WebSocket on' },
];

/** Headers whose mere presence names who stands in the way. */
const marks: readonly (readonly [string, string])[] = [
  ['cf-ray', 'cloudflare'],
  ['x-amz-cf-id', 'cloudfront'],
  ['x-envoy-upstream-service-time', 'envoy'],
  ['x-vercel-id', 'vercel'],
];

/** Who wrote this answer, or passed it on; undefined: nobody says. */
export function softwareOf(head: HttpHead): Software | undefined {
  const server = headerOf(head, 'server');
  const via = headerOf(head, 'via');
  const mark = marks.find(([header]) => head.headers.has(header))?.[1];
  const passedBy = via
    ?.split(',')[0]
    ?.trim()
    .replace(/^(?:HTTP\/)?\d(?:\.\d)? /i, '');
  for (const text of [server, mark, passedBy, via]) {
    const proxy = text === undefined ? undefined : proxyNamed(text);
    if (proxy !== undefined) return proxy;
  }
  if (passedBy !== undefined && passedBy !== '') {
    return { name: passedBy.slice(0, 60), isProxy: true, upgradeCure: generalCure };
  }
  const other = server ?? headerOf(head, 'x-powered-by');
  return other === undefined ? undefined : { name: other.slice(0, 60), isProxy: false, upgradeCure: generalCure };
}

/** The development server of Vite, which does not name itself in its answers. */
export const vite: Software = {
  name: 'the development server of Vite',
  isProxy: true,
  upgradeCure: "write { target: 'http://…', ws: true } for this path under server.proxy in its configuration",
};

/** What to do about upgrades that do not get through, where nobody knows through what. */
export function upgradeCureOf(software: Software | undefined): string {
  return (
    software?.upgradeCure ?? 'let what stands between speak HTTP/1.1 to the server and pass Upgrade and Connection on'
  );
}

function proxyNamed(text: string): Software | undefined {
  const known = proxies.find(({ pattern }) => pattern.test(text));
  if (known === undefined) return undefined;
  return { name: known.name ?? text.slice(0, 60), isProxy: true, upgradeCure: known.cure ?? generalCure };
}
