// What it means when a session ends as soon as it has begun: close codes of this protocol by its own table, and those
// that other servers send by what they use them for.

import { codes } from '@telltale/protocol';
import { explainCode } from '@telltale/protocol/explain';
import { fail, type Trouble } from '../check.ts';
import type { LineEnd } from '../wire/line.ts';
import { asClause, excerpt } from './clause.ts';

interface Meaning {
  readonly found: string;
  readonly cure: string;
  readonly hop?: Trouble['hop'];
}

const look = 'look into the log of the server for this moment';

/** Codes as servers at large use them, where they differ from ours or are not in our table. */
const foreign: Readonly<Record<number, Meaning>> = {
  1000: { found: 'as if all were done', cure: `${look}: it takes this client or address for finished` },
  1001: { found: 'because it is going away', cure: 'wait until it has restarted, or see why it stops' },
  1002: {
    found: 'for a protocol error that it sees in what arrives',
    cure: 'look for a proxy between that alters frames',
  },
  1003: { found: 'because it does not take this kind of message', cure: 'send what it expects: text or binary' },
  1005: { found: 'without a code', cure: look },
  1007: {
    found: 'because a text was not valid UTF-8 when it arrived',
    cure: 'look for a proxy between that alters frames',
  },
  1008: {
    found: 'by its policy, which mostly means a credential or an origin that it does not take',
    cure: 'send the credential it expects, and have the origin of the page allowed there',
  },
  1009: { found: 'because a message was too large for it', cure: 'send smaller messages, or raise its limit' },
  1011: { found: 'because of an error inside it', cure: look },
  1012: { found: 'because it restarts', cure: 'try again in a few seconds' },
  1013: { found: 'because it has too much to do', cure: 'try again later, or give it more room' },
  1014: {
    found: 'as a proxy that got no usable answer from the server',
    cure: 'see that the server behind the proxy runs',
    hop: 'upstream',
  },
  3000: { found: 'because nobody is signed in', cure: 'send the credential it expects', hop: 'token' },
  3003: { found: 'because this is not allowed', cure: 'use a credential that may do this', hop: 'token' },
};

/** The trouble in how a line ended right after its handshake. `isOurs`: a Telltale gateway sent the code. */
export function endTrouble(end: LineEnd, { isOurs }: { readonly isOurs: boolean }): Trouble {
  switch (end.kind) {
    case 'broken':
      return fail({
        id: 'frames-invalid',
        hop: 'server',
        found: `behind a correct 101 came ${end.fault.found}, on which every browser fails with 1002 or 1006`,
        cure: 'find what writes into the upgraded connection: a proxy that sends its own answer, or a server that is none of WebSocket',
      });
    case 'cut':
      return fail({
        id: end.how === 'reset' ? 'reset-at-once' : 'dropped-at-once',
        hop: 'server',
        found: `it took the handshake and ${end.how === 'reset' ? 'reset' : 'ended'} the connection without a close frame, which a page sees as 1006`,
        cure: `${look}: it failed, or a proxy lost it`,
      });
    case 'closed': {
      const { code, reason } = end;
      const words = reason === '' ? '' : `, and says ${excerpt(reason)}`;
      const meaning = isOurs || !(code in foreign) ? ownMeaning(code) : (foreign[code] as Meaning);
      return fail({
        id: `closed-${code}`,
        hop: meaning.hop ?? (isOurs ? 'gateway' : 'server'),
        found: `it took the handshake and closed with ${code} ${meaning.found}${words}`,
        cure: meaning.cure,
      });
    }
  }
}

function ownMeaning(code: number): Meaning {
  const { reason, hint } = explainCode(code);
  if (!(code in codes) && code >= 4000) {
    return { found: '(a code of its own)', cure: `see in its documentation what ${code} means, and ${look}` };
  }
  const hop = code === 4401 || code === 4419 || code === 4403 ? ({ hop: 'token' } as const) : {};
  return { found: `(${asClause(reason)})`, cure: asClause(hint), ...hop };
}
