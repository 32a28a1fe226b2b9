// Whether an address that somebody wrote may be a link, and where it leads in words that cannot lie: the browser's own
// reading of it, never the text. Pure.

export interface SafeLink {
  readonly href: string;
  /** Host or mailbox, as the browser reads it: `xn--…` for names that could be taken for others. */
  readonly leadsTo: string;
}

// What hides or turns the text around it has no place in an address.
// oxlint-disable-next-line no-control-regex -- that is what must not be there
const unfit = /[\s\\\u0000-\u001F\u007F-\u009F\u00AD\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/u;
const mailbox = /^[\w.+-]{1,64}@[a-z0-9.-]{1,253}$/i;

/** Undefined: it stays text. Only `http:`, `https:` and `mailto:` are links, spelled out. */
export function linkOf(address: string): SafeLink | undefined {
  if (unfit.test(address) || address.length > 2_000) return undefined;
  if (/^mailto:/i.test(address)) {
    const [box = ''] = address.slice('mailto:'.length).split('?');
    // Without what a link could fill in for the person: subject, body, further receivers.
    return mailbox.test(box) ? { href: `mailto:${box}`, leadsTo: box } : undefined;
  }
  if (!/^https?:\/\//i.test(address)) return undefined;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return undefined;
  }
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.host === '') return undefined;
  // A name before the host is there to be taken for it.
  if (url.username !== '' || url.password !== '') return undefined;
  return { href: url.href, leadsTo: url.host };
}

/** Whether a link's text says itself where it leads. */
export function saysItself(text: string, { leadsTo }: SafeLink): boolean {
  const bare = text.toLowerCase().replace(/^(https?:\/\/|mailto:)/, '');
  return bare === leadsTo || bare.startsWith(`${leadsTo}/`) || bare.startsWith(`${leadsTo}?`);
}
