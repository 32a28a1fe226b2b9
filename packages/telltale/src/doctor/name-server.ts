// Looks names up: as every program of this machine does, or at one name server that was named. Says by one word why it
// could not.

import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export type Lookup =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  /** `nothing`: the name exists and has no address of this family. */
  | { readonly kind: 'nothing' | 'unknown' | 'failed' | 'silent' };

export interface NameServer {
  /** Which one answers, in words. */
  readonly title: string;
  lookup(host: string, family: 4 | 6, timeoutMs: number): Promise<Lookup>;
}

/** The system's way, `/etc/hosts` included; or a name server by `address` or `address:port`. */
export function createNameServer(address: string | undefined): NameServer {
  return {
    title: address === undefined ? 'this machine' : `the name server ${address}`,
    async lookup(host, family, timeoutMs) {
      const literal = isIP(host);
      if (literal !== 0) return literal === family ? { kind: 'found', addresses: [host] } : { kind: 'nothing' };
      const resolver = resolverAt(address);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Lookup>((resolve) => {
        timer = setTimeout(() => resolve({ kind: 'silent' }), timeoutMs);
      });
      try {
        return await Promise.race([resolver === undefined ? ask(host, family) : askAt(resolver, host, family), late]);
      } finally {
        clearTimeout(timer);
        // What is still asked would keep the process alive.
        resolver?.cancel();
      }
    },
  };
}

function resolverAt(address: string | undefined): Resolver | undefined {
  if (address === undefined) return undefined;
  const resolver = new Resolver({ tries: 2 });
  resolver.setServers([address]);
  return resolver;
}

async function ask(host: string, family: 4 | 6): Promise<Lookup> {
  try {
    const found = await lookup(host, { family, all: true });
    return { kind: 'found', addresses: found.map((entry) => entry.address) };
  } catch (error) {
    return kindOf(error);
  }
}

async function askAt(resolver: Resolver, host: string, family: 4 | 6): Promise<Lookup> {
  try {
    return { kind: 'found', addresses: await (family === 4 ? resolver.resolve4(host) : resolver.resolve6(host)) };
  } catch (error) {
    return kindOf(error);
  }
}

function kindOf(error: unknown): Lookup {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOTFOUND':
      return { kind: 'unknown' };
    case 'ENODATA':
      return { kind: 'nothing' };
    case 'ETIMEOUT':
      return { kind: 'silent' };
    default:
      return { kind: 'failed' };
  }
}
