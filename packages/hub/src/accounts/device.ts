// The device cookie: proof that this browser has signed in as this user before. It opens nothing; it only lifts a
// known device out of the delay that strangers' failures cause.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

function proof(secret: string, username: string, id: string): Buffer {
  return createHmac('sha256', secret).update(`device ${id} ${username}`).digest();
}

/** A new cookie value for a device on which this user has just signed in. */
export function deviceProof(secret: string, username: string): string {
  const id = randomBytes(16).toString('base64url');
  return `${id}.${proof(secret, username, id).toString('base64url')}`;
}

/** The device's id if the cookie proves an earlier login of this user, else undefined. */
export function knownDevice(secret: string, username: string, cookie: string | undefined): string | undefined {
  const [, id, mac] = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/.exec(cookie ?? '') ?? [];
  if (id === undefined || mac === undefined) return undefined;
  return timingSafeEqual(Buffer.from(mac, 'base64url'), proof(secret, username, id)) ? id : undefined;
}
