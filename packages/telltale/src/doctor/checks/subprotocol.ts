// The subprotocol: what was offered and what was chosen. Chromium fails where something was offered and nothing chosen.

import { type Check, done, fail, pass, skip } from '../check.ts';
import { headerOf } from '../wire/http-head.ts';

export const subprotocol: Check = {
  name: 'subprotocol',
  title: 'subprotocol',
  run({ facts: { handshake, refusedBy, isTelltale } }) {
    if (handshake?.kind !== 'open' || refusedBy.length > 0) return skip('the handshake was not taken');
    const offered = handshake.ask.protocols.map((name) => (/^bearer\./i.test(name) ? 'bearer.…' : name));
    const chosen = headerOf(handshake.head, 'sec-websocket-protocol');
    if (chosen !== undefined && /^bearer\./i.test(chosen)) {
      return done(
        fail({
          id: 'subprotocol-token',
          hop: 'server',
          found: 'it answers with the token as its subprotocol, where logs and proxies read it',
          cure: 'let the server choose a subprotocol that is no credential, and offer one beside the token',
        }),
      );
    }
    if (offered.length === 0) return done(pass('none offered, none chosen'));
    if (chosen !== undefined) return done(pass(`${chosen}, of ${offered.join(', ')}`));
    return done(
      fail({
        id: 'subprotocol-none',
        hop: isTelltale ? 'proxy' : 'server',
        found: `of the subprotocols offered (${offered.join(', ')}) none is chosen, on which browsers fail with 1006`,
        cure: isTelltale
          ? 'let the proxy between pass Sec-WebSocket-Protocol in both directions'
          : 'let the server choose one of them, or offer none in the page',
      }),
      { refusedBy: ['subprotocol-none'] },
    );
  },
};
