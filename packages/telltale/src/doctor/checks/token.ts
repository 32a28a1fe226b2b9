// The token as a text: typing and programming errors, which need no server to be seen.

import { type Check, done, fail, pass, skip } from '../check.ts';
import { readToken } from '@telltale/protocol/token';

export const token: Check = {
  name: 'token',
  title: 'token',
  run({ target, options }) {
    const text = options.token ?? target.token;
    if (text === undefined) return skip();
    const reading = readToken(text);
    switch (reading.kind) {
      case 'broken': {
        const { id, found, cure } = reading;
        return done(fail({ id, hop: 'token', found, cure, explains: [...refusedForIt, ...failedOverIt] }));
      }
      case 'opaque':
        return done(pass(`${text.length} characters that are no JWT; only the server can judge them`));
      case 'jwt': {
        const { algorithm, subject, scope, issuer, audience } = reading.claims;
        const who = subject === undefined ? 'of nobody (no claim sub)' : `of ${subject}`;
        const said = [
          ['scope', scope],
          ['from', issuer],
          ['for', audience],
        ].flatMap(([word, value]) => (value === undefined ? [] : [`, ${word} ${value}`]));
        return done(pass(`a JWT ${who}, ${algorithm}${said.join('')}`));
      }
    }
  },
};

/** What servers answer to a token that is none. */
export const refusedForIt: readonly string[] = [
  'handshake-400',
  'handshake-401',
  'handshake-403',
  'handshake-414',
  'handshake-431',
  'refused-token-missing',
  'refused-token-placeholder',
  'refused-token-malformed',
  'refused-token-header',
  'refused-token-unsigned',
  'refused-token-algorithm',
  'refused-token-too-long',
  'refused-token-signature',
  'refused-token-expired',
  'refused-token-not-yet-valid',
  'refused-query-malformed',
  'refused-header-malformed',
  'closed-1008',
  'closed-3000',
  'closed-4401',
  'closed-4403',
  'closed-4419',
];

/** How servers fail that did not expect such a text. */
const failedOverIt: readonly string[] = [
  'handshake-500',
  'handshake-cut',
  'handshake-reset',
  'dropped-at-once',
  'reset-at-once',
  'closed-1011',
];
