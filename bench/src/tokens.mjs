// The tokens that viewers of Telltale's gateway show, made before anything is measured. One secret, one origin, and a
// subject for each viewer; the first is the publisher's.

import { createHmac } from 'node:crypto';

/** Nothing but this bench trusts it. */
export const secret = 'the secret of a bench on the loopback';
export const trustedOrigin = 'https://bench.example';

/** So many tokens, one a line. */
export function tokenLines(count) {
  const expires = Math.floor(Date.now() / 1000) + 24 * 3600;
  const lines = [signed({ sub: 'publisher', scope: 'admin', exp: expires })];
  for (let index = 1; index < count; index++) lines.push(signed({ sub: `viewer-${index}`, exp: expires }));
  return `${lines.join('\n')}\n`;
}

function signed(claims) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'telltale', aud: 'telltale', ...claims })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
