// A refusal in the gateway's own words as a trouble of the examination: where it belongs, and what to do. What a foreign
// origin is not told (REF4) is said here by the same table, for whoever examines knows what was asked.

import type { PublicRefusal, RefusalName, Stage } from '@telltale/protocol';
import { refusals } from '@telltale/protocol';
import { changedPath, explainRefusal } from '@telltale/protocol/explain';
import { fail, type Hop, type Trouble } from '../check.ts';
import { asClause } from './clause.ts';

export interface Asked {
  readonly path: string;
  readonly origin: string | undefined;
  /** Where the credential travelled; undefined: none was sent. */
  readonly credentialIn: 'the query' | 'Sec-WebSocket-Protocol' | 'Authorization' | undefined;
  readonly hasProxy: boolean;
}

const hops: Readonly<Record<Stage, Hop>> = {
  route: 'address',
  form: 'proxy',
  origin: 'gateway',
  rate: 'gateway',
  credential: 'token',
  permission: 'gateway',
};

export function refusalTrouble(refusal: PublicRefusal, { path, origin, credentialIn, hasProxy }: Asked): Trouble {
  const { name } = refusal;
  if (name === 'token-missing' && credentialIn !== undefined) {
    return fail({
      id: 'credential-eaten',
      hop: 'proxy',
      found: `a credential was sent in ${credentialIn}, and the gateway says that none arrived`,
      cure: `let the proxy between pass ${credentialIn} on unchanged`,
    });
  }
  const known = Object.hasOwn(refusals, name) ? (name as RefusalName) : undefined;
  const own = known && explainRefusal(known, origin === undefined ? {} : { origin });
  const reason = refusal.reason ?? own?.reason ?? `it was refused as ${name}`;
  const hint = refusal.hint ?? own?.hint ?? 'ask the operator of the gateway about this word';
  const stage = refusal.stage ?? (known && refusals[known].stage);
  const parts = { id: `refused-${name}`, found: `${asClause(reason)} (${refusal.code} ${name})` };
  if (name === 'path-unknown' && changedPath(reason, path) !== undefined) {
    return fail({
      id: 'path-lost',
      hop: 'proxy',
      found: `${parts.found}, which is not the path that was asked for: something between changes it`,
      cure: 'let the proxy pass the path on as it comes: in nginx a proxy_pass without a path of its own',
    });
  }
  if (name === 'host-not-allowed' && hasProxy) {
    const cure =
      'let the proxy pass the header Host on as it comes (proxy_set_header Host $http_host in nginx), or run the gateway in production mode';
    return fail({ ...parts, hop: 'proxy', cure });
  }
  if (name === 'headers-too-large') {
    // Doctor sends a token at the most; what else fills the headers of a page is that page's own.
    return fail({ ...parts, hop: credentialIn === undefined ? 'page' : 'token', cure: asClause(hint) });
  }
  // What failed inside the gateway is no fault of a credential.
  const isInside = stage === undefined || refusal.code === 4503 || refusal.code === 4000 || name === 'host-not-allowed';
  return fail({ ...parts, hop: isInside ? 'gateway' : hops[stage], cure: asClause(hint) });
}
