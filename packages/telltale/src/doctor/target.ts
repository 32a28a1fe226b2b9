// The address to examine, taken apart. What may be a credential is parted from what may be shown.

import { isIP } from 'node:net';

export interface Target {
  readonly isTls: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** `ops.example.com`, with the port where it is not the scheme's own. */
  readonly authority: string;
  readonly path: string;
  /** With its `?`, without credentials; may be empty. */
  readonly query: string;
  /** A credential found in the query, decoded. */
  readonly token: string | undefined;
  /** The name of that parameter. */
  readonly tokenParameter: string | undefined;
  /** What may be shown: no query value that is a credential, no user name. */
  readonly shown: string;
  /** What is odd about it as it was given. */
  readonly oddities: ReadonlySet<'http-scheme' | 'fragment' | 'userinfo' | 'double-slash'>;
}

/** Parameters that carry a credential, here and elsewhere. */
const credentials: ReadonlySet<string> = new Set([
  'token',
  'ticket',
  'access_token',
  'auth',
  'jwt',
  'key',
  'api_key',
  'apikey',
  'secret',
  'password',
]);
const bearers: ReadonlySet<string> = new Set(['token', 'access_token', 'jwt']);

const schemes: Readonly<Record<string, { readonly isTls: boolean; readonly isHttp: boolean }>> = {
  'ws:': { isTls: false, isHttp: false },
  'wss:': { isTls: true, isHttp: false },
  'http:': { isTls: false, isHttp: true },
  'https:': { isTls: true, isHttp: true },
};

/** Reads an address; answers with a sentence where it is none. That sentence holds no credential either. */
export function readTarget(text: string): Target | { readonly fault: string } {
  const example = 'expected an address such as wss://ops.example.com/ws/';
  const bare = text.replace(/[?#].*$/s, '').replace(/\/\/[^/@]*@/, '//');
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = parsed && schemes[parsed.protocol];
  if (parsed === undefined || scheme === undefined) {
    const guess = `ws://${bare}`;
    const isBare = !/^[a-z][a-z0-9+.-]*:\/\//i.test(bare) && bare !== '' && URL.canParse(guess);
    const hint = isBare ? `; did you mean ${guess}?` : `, ${example}`;
    return { fault: `found ${JSON.stringify(bare.slice(0, 120))}${isBare ? ' without ws:// or wss://' : ''}${hint}` };
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  const port = parsed.port === '' ? (scheme.isTls ? 443 : 80) : Number(parsed.port);
  const names = [...parsed.searchParams.keys()];
  const tokenParameter = names.find((name) => bearers.has(name.toLowerCase()));
  const kept = parsed.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '');
  const isCredential = (part: string): boolean => credentials.has(nameOf(part).toLowerCase());
  const rest = kept.filter((part) => nameOf(part) !== tokenParameter);
  const shownQuery = kept.map((part) => (isCredential(part) ? `${nameOf(part)}=…` : part)).join('&');
  const oddities = new Set<'http-scheme' | 'fragment' | 'userinfo' | 'double-slash'>();
  if (scheme.isHttp) oddities.add('http-scheme');
  if (text.includes('#')) oddities.add('fragment');
  if (parsed.username !== '' || parsed.password !== '') oddities.add('userinfo');
  if (parsed.pathname.includes('//')) oddities.add('double-slash');
  const start = `${scheme.isTls ? 'wss' : 'ws'}://${parsed.host}${parsed.pathname}`;
  return {
    isTls: scheme.isTls,
    host,
    port,
    authority: parsed.host,
    path: parsed.pathname,
    query: rest.length === 0 ? '' : `?${rest.join('&')}`,
    token: tokenParameter === undefined ? undefined : (parsed.searchParams.get(tokenParameter) ?? undefined),
    tokenParameter,
    shown: shownQuery === '' ? start : `${start}?${shownQuery}`,
    oddities,
  };
}

/** Every text of an address that must not be shown, as given and decoded. */
export function secretsIn(text: string): readonly string[] {
  if (!URL.canParse(text)) return [];
  const { search, username, password } = new URL(text);
  const values = search
    .slice(1)
    .split('&')
    .filter((part) => credentials.has(nameOf(part).toLowerCase()))
    .map((part) => part.slice(part.indexOf('=') + 1));
  return [...values, password, password === '' ? '' : username].filter((value) => value !== '');
}

/** The origin of a page that the same host serves: what connects in most setups. */
export function ownOrigin({ isTls, authority }: Target): string {
  return `${isTls ? 'https' : 'http'}://${authority}`;
}

export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost');
}

/** Whether an address is of a private or link-local network (RFC 1918, 4193, 3927, 4291), loopback excluded. */
export function isPrivate(address: string): boolean {
  if (isIP(address) === 4) {
    const [one = 0, two = 0] = address.split('.').map(Number);
    return (
      one === 10 ||
      (one === 172 && two >= 16 && two <= 31) ||
      (one === 192 && two === 168) ||
      (one === 169 && two === 254)
    );
  }
  return isIP(address) === 6 && /^(?:f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i.test(address);
}

function nameOf(part: string): string {
  const name = part.split('=')[0] ?? '';
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
