// The address as it was given: what a browser would make of it.

import { type Check, done, fail, pass, type Trouble, warn } from '../check.ts';
import { isLoopback } from '../target.ts';

export const address: Check = {
  name: 'address',
  title: 'address',
  run({ target, options }) {
    const troubles: Trouble[] = [];
    const { oddities, isTls, host, tokenParameter } = target;
    if (oddities.has('fragment')) {
      troubles.push(
        fail({
          id: 'address-fragment',
          hop: 'address',
          found: 'the address holds a #, on which a browser throws a SyntaxError before it connects',
          cure: 'cut it off, or write %23 where the sign itself is meant',
        }),
      );
    }
    if (oddities.has('http-scheme')) {
      troubles.push(
        warn({
          id: 'address-http-scheme',
          hop: 'address',
          found: 'the address begins with http, on which browsers before 2024 throw a SyntaxError',
          cure: `write ${target.shown}`,
        }),
      );
    }
    if (oddities.has('double-slash')) {
      troubles.push(
        warn({
          id: 'address-double-slash',
          hop: 'address',
          found: `the path ${target.path} holds two slashes in a row, which is another path for most servers`,
          cure: 'see where the program joins base and path, and cut one of them off',
        }),
      );
    }
    if (oddities.has('userinfo')) {
      troubles.push(
        warn({
          id: 'address-user-name',
          hop: 'address',
          found: 'the address holds a user name, which browsers do not send with a handshake',
          cure: 'send a token in its place',
        }),
      );
    }
    if (!isTls && !isLoopback(host) && (options.token !== undefined || tokenParameter !== undefined)) {
      troubles.push(
        warn({
          id: 'token-unencrypted',
          hop: 'address',
          found: 'the token crosses the network unencrypted',
          cure: 'use wss://, with TLS before the server',
        }),
      );
    } else if (tokenParameter !== undefined && !isLoopback(host)) {
      troubles.push(
        warn({
          id: 'token-in-address',
          hop: 'address',
          found: 'the token is part of the address, so access logs on the way keep it',
          cure: 'send it as a subprotocol, or a ticket that is good once',
        }),
      );
    }
    const fine = pass(`${target.shown}, ${isTls ? 'encrypted' : 'not encrypted'}`);
    return done(troubles.length > 0 ? troubles : fine);
  },
};
