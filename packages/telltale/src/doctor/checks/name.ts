// The name: whether it has addresses, of both families.

import { isIP } from 'node:net';
import { type Check, done, fail, pass, type Trouble, warn } from '../check.ts';
import type { Lookup } from '../name-server.ts';

export const name: Check = {
  name: 'name',
  title: 'name',
  async run({ target: { host }, names, budget }) {
    if (isIP(host) !== 0) return done(pass(`${host} is an address, nothing to look up`), { addresses: [host] });
    const timeoutMs = budget.step();
    const [v4, v6] = await Promise.all([names.lookup(host, 4, timeoutMs), names.lookup(host, 6, timeoutMs)]);
    const addresses = [...addressesOf(v4), ...addressesOf(v6)];
    if (addresses.length === 0) return done(unresolved(host, names.title, [v4, v6]));

    const shown = `${host} is ${addresses.join(', ')}`;
    const failed = ([v4, v6] as const).findIndex(({ kind }) => kind === 'failed' || kind === 'silent');
    if (failed < 0) return done(pass(shown), { addresses });
    const [record, lookup] = failed === 0 ? ['A', v4] : ['AAAA', v6];
    return done(
      warn({
        id: 'name-partly',
        hop: 'name',
        found: `${shown}, but asking ${names.title} for its ${record} records ${lookup.kind === 'silent' ? 'gets no answer' : 'fails'}, for which programs wait before they connect`,
        cure: 'let its name servers answer that question too, with an empty answer if there are none',
      }),
      { addresses },
    );
  },
};

function addressesOf(lookup: Lookup): readonly string[] {
  return lookup.kind === 'found' ? lookup.addresses : [];
}

function unresolved(host: string, title: string, lookups: readonly Lookup[]): Trouble {
  const has = (kind: Lookup['kind']): boolean => lookups.some((lookup) => lookup.kind === kind);
  if (has('silent')) {
    return fail({
      id: 'name-silent',
      hop: 'name',
      found: `${title} got no answer about ${host} in time`,
      cure: 'see whether the name server can be reached',
    });
  }
  if (has('failed')) {
    return fail({
      id: 'name-failed',
      hop: 'name',
      found: `${title} failed to look up ${host}`,
      cure: 'see whether the name server works, and whether a VPN is needed for this name',
    });
  }
  if (has('nothing')) {
    return fail({
      id: 'name-without-address',
      hop: 'name',
      found: `${host} exists and has no address`,
      cure: 'add an A or AAAA record for it',
    });
  }
  return fail({
    id: 'name-unknown',
    hop: 'name',
    found: `${host} is not known to ${title}`,
    cure: 'correct the name, or add it where the name is looked up',
  });
}
