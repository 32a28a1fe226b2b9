// Whether a Content-Security-Policy lets a page open a socket (CSP level 3, connect-src). Says "forbids" only where every
// browser would: what is unclear between versions is let pass. Pure.

import type { Target } from '../target.ts';

/** The policies of a page: those of its header, and of meta elements in what was read of it. */
export function policiesIn(headers: readonly string[], html: string): readonly string[] {
  const metas = [...html.matchAll(/<meta\b[^>]*>/gi)]
    .map(([tag]) => tag)
    .filter((tag) => /http-equiv\s*=\s*["']?content-security-policy["'\s>]/i.test(tag))
    .flatMap((tag) => /\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag)?.slice(1) ?? [])
    .filter((content) => content !== undefined);
  return [...headers, ...metas].flatMap((text) => text.split(','));
}

export function forbidsConnection(
  policy: string,
  { origin, target }: { readonly origin: string; readonly target: Target },
): boolean {
  const directives = policy.split(';').map((text) => text.trim().split(/\s+/));
  const sources = (name: string): readonly string[] | undefined =>
    directives.find(([first]) => first?.toLowerCase() === name)?.slice(1);
  const list = sources('connect-src') ?? sources('default-src');
  return list !== undefined && !list.some((source) => allows(source, origin, target));
}

function allows(source: string, origin: string, target: Target): boolean {
  const text = source.toLowerCase();
  if (text === '*') return true;
  if (text === "'self'") return new URL(origin).host === target.authority;
  if (text.startsWith("'")) return false;
  const { isTls, host, port } = target;
  const scheme = /^([a-z][a-z0-9+.-]*):$/.exec(text)?.[1];
  if (scheme !== undefined) return scheme === 'ws' || (scheme === 'wss' && isTls);
  const [, before, name = '', wantedPort] =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/:]+|\[[^\]]+\])(?::(\d+|\*))?/.exec(text) ?? [];
  if (before !== undefined && before !== 'ws' && !(before === 'wss' && isTls)) return false;
  const isName = name.startsWith('*.') ? host.endsWith(name.slice(1)) : name === host || name === `[${host}]`;
  const isPort =
    wantedPort === '*' ||
    Number(wantedPort ?? (isTls ? 443 : 80)) === port ||
    (wantedPort === '80' && isTls && port === 443);
  return isName && isPort;
}
