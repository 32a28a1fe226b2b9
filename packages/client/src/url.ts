// Where to connect: the rules for URLs, ports and queries, and what of a URL may be shown. Pure functions.

/**
 * The address of the origin story: the page's hostname on port 8000, `wss:` where the page came by https. Outside a
 * page: `ws://localhost:8000`.
 *
 * @param path begins with a slash and may have a query. Default `/ws/`
 */
export function defaultUrl(path: string = '/ws/'): string {
  const page = pageLocation();
  return page === undefined
    ? `ws://localhost:8000${path}`
    : `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.hostname}:8000${path}`;
}

/** Makes a `ws:` or `wss:` URL without fragment of what the options say; throws a `TypeError` that says what was found. */
export function socketUrl(given: string | URL | undefined): string {
  if (given === undefined) return defaultUrl();
  try {
    const { protocol, href } = new URL(given, pageLocation()?.href);
    if (/^(ws|http)s?:$/.test(protocol)) return href.replace(/^http/, 'ws').replace(/#.*/s, '');
  } catch {
    // Said below.
  }
  throw new TypeError(`found URL ${maskUrl(String(given))}, expected ws:, wss:, http:, https: or in a page a path`);
}

/** Adds one parameter, encoded, behind `?` or `&` as needed. */
export function withQuery(url: string, name: string, value: string): string {
  const joint = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&';
  return `${url}${joint}${name}=${encodeURIComponent(value)}`;
}

/** A URL that may be shown: without user, query and fragment, where secrets are. */
export function maskUrl(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
}

function pageLocation(): Location | undefined {
  const page = globalThis.location as Location | undefined;
  return page !== undefined && page.protocol.startsWith('http') ? page : undefined;
}
