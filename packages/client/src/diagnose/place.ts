// Where it runs: what a page can say of itself and of the browser around it. Outside a page there is little to say.

import type { WebSocketConstructor } from '../types.ts';

/** What a permission is at. `unknown`: this browser has no such permission. */
export type Permission = 'granted' | 'denied' | 'prompt' | 'unknown';

export interface Blocked {
  readonly socket: boolean;
  readonly http: boolean;
}

export interface PolicyWatch {
  /** What the page's policy has forbidden of what goes to a socket's host, by its own scheme and that of HTTP beside it. */
  blocked(url: URL): Blocked;
  /** Resolves when the policy forbids the socket: the socket itself may stay at connecting for long. */
  socketBlocked(url: URL): Promise<void>;
  stop(): void;
}

export const page: Location | undefined = pageOf(globalThis.location as Location | undefined);

function pageOf(location: Location | undefined): Location | undefined {
  return typeof document !== 'undefined' && location?.protocol.startsWith('http') === true ? location : undefined;
}

/** Listens for what the Content-Security-Policy forbids; names hosts alone, for addresses may hold credentials. */
export function watchPolicy(): PolicyWatch {
  const seen: { readonly host: string; readonly protocol: string }[] = [];
  const waiting = new Set<() => void>();
  const listen = ({ disposition, effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
    if (disposition !== 'enforce' || effectiveDirective !== 'connect-src' || !URL.canParse(blockedURI)) return;
    const { protocol, host } = new URL(blockedURI);
    seen.push({ host, protocol });
    for (const look of waiting) look();
  };
  if (page !== undefined) document.addEventListener('securitypolicyviolation', listen);
  const has = (host: string, protocol: string) => seen.some((one) => one.host === host && one.protocol === protocol);
  return {
    blocked: ({ host, protocol }) => ({
      socket: has(host, protocol),
      http: has(host, protocol.replace('ws', 'http')),
    }),
    socketBlocked: ({ host, protocol }) =>
      new Promise((resolve) => {
        waiting.add(() => {
          if (has(host, protocol)) resolve();
        });
      }),
    stop() {
      if (page !== undefined) document.removeEventListener('securitypolicyviolation', listen);
    },
  };
}

/** Whether the class is the browser's own; extensions and scripts put others in its place. Undefined: nobody can tell. */
export function isNative(WebSocketClass: unknown): boolean | undefined {
  if (page === undefined || typeof WebSocketClass !== 'function') return undefined;
  // A proxy and a bound function have no name there.
  const isOwn = (value: unknown, name: string): boolean =>
    new RegExp(`^function ${name}\\(\\)\\s*\\{\\s*\\[native code\\]\\s*\\}$`).test(textOf(value));
  const { prototype } = WebSocketClass as typeof WebSocket;
  return isOwn(WebSocketClass, 'WebSocket') && isOwn(prototype.send, 'send') && isOwn(prototype.close, 'close');
}

function textOf(value: unknown): string {
  return typeof value === 'function' ? Function.prototype.toString.call(value) : '';
}

export interface CleanRealm {
  readonly WebSocket: WebSocketConstructor;
  remove(): void;
}

/** The browser's own class out of an empty frame of the same origin, where scripts of the page have changed nothing. */
export function cleanRealm(): CleanRealm | undefined {
  try {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    document.documentElement.append(frame);
    const { WebSocket } = frame.contentWindow as unknown as { WebSocket: WebSocketConstructor };
    if (isNative(WebSocket) === true) return { WebSocket, remove: () => frame.remove() };
    frame.remove();
  } catch {
    // A page that may have no frames can't look this closely.
  }
  return undefined;
}

/** The permission for addresses of the local network, by whichever name this browser knows it. */
export async function localNetworkPermission(isLoopbackTarget: boolean): Promise<Permission> {
  const names = [isLoopbackTarget ? 'loopback-network' : 'local-network', 'local-network-access'];
  for (const name of names) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      return state;
    } catch {
      // Not known by this name.
    }
  }
  return 'unknown';
}

/** Whether this browser holds back sockets of pages that keep failing: those made of Chromium do. */
export function holdsBack(): boolean {
  return page !== undefined && /Chrom(?:e|ium)\//.test(navigator.userAgent);
}

/** `loopback`: this machine; `private`: a network that is not public, by an address or a name that says so. */
export function nearness(hostname: string): 'loopback' | 'private' | 'far' {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (/^127\.\d+\.\d+\.\d+$/.test(host) || host === '::1' || /(?:^|\.)localhost$/.test(host)) return 'loopback';
  const isPrivate =
    /^(?:10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/.test(host) ||
    /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/.test(host) ||
    /\.(?:local|lan|internal|home\.arpa)$/.test(host);
  return isPrivate ? 'private' : 'far';
}
