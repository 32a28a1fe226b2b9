// How a page meets a member of the zoo: where the page lies, what it connects to and with what, and what surrounds it.

import type { ConnectionOptions, DiagnosisCheck } from '@telltale/client';
import type { Member, Running } from './member.ts';

/** One page that connects to one address. */
export interface Visit {
  /** Where the page lies. */
  readonly at: string;
  readonly options: Omit<ConnectionOptions, 'token' | 'url'> & { readonly url: string; readonly token?: string };
  /** Runs in the page before anything else, as an extension does. */
  readonly script?: string;
  /** The forward proxy that the browser goes through. */
  readonly proxy?: string;
  /** The browser has no network once the page is there. */
  readonly isOffline?: true;
  /** The person has not permitted addresses of the local network. */
  readonly isKeptFar?: true;
  /** How often the connection ends before it is examined; 0: it is not opened. */
  readonly ends?: number;
}

/** Where pages of the zoo lie unless they say otherwise: a public page, encrypted. */
export const usualPage = 'https://ops.example.com/';

/** A member that only a page can meet. */
export interface PageMember {
  readonly name: string;
  readonly fault: string;
  readonly open: () => Promise<Visit & { end(): Promise<void> }>;
  /** What the connection's own cause must be after it has ended twice. */
  readonly cause?: string;
  /** A check that must say so beside. */
  readonly check?: Pick<DiagnosisCheck, 'id' | 'outcome'>;
  readonly verdict: { readonly name: string; readonly hop?: string; readonly says: RegExp };
}

/** The flags of a member as the options of a page. */
export function visitOf({ name }: Member, { url, flags = [] }: Running, loopback: string | undefined): Visit {
  const flag = (word: string): string | undefined => {
    const at = flags.indexOf(word);
    return at < 0 ? undefined : flags[at + 1];
  };
  const origin = flag('--origin');
  const token = flag('--token');
  const isOurs = /^(?:telltale|nginx|vite)-/.test(name) || name === 'subprotocol-ignored';
  return {
    at: loopback ?? (origin === undefined ? usualPage : `${origin}/`),
    options: {
      url,
      ...(token !== undefined && { token }),
      // A token that is none fits no header, so that it is examined where it fits.
      tokenIn: isOurs ? 'subprotocol' : 'query',
      speaks: isOurs ? 'telltale' : 'foreign',
    },
  };
}
