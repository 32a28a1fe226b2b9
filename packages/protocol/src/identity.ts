// Who a credential says somebody is. The id is derived, never chosen, so that `once`, tickets and presence agree on it.

export type IdentityKind = 'user' | 'agent' | 'anonymous';

/** What an identity may do; each includes the ones before it. */
export type Scope = 'viewer' | 'operator' | 'admin';

const scopeOrder: readonly Scope[] = ['viewer', 'operator', 'admin'];

/** Who a session, a publish or a call acts as. */
export interface Identity {
  /** Derived from issuer, kind and subject; see `identityId`. */
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly kind: IdentityKind;
  /** A name for people, never for decisions. */
  readonly name?: string;
  readonly scope: Scope;
  /** When the credential ends, in milliseconds since the epoch; absent: never. */
  readonly expiresAt?: number;
}

/** The part of an identity that travels with a message. */
export type Sender = Pick<Identity, 'subject' | 'kind' | 'name'>;

export function isScope(value: unknown): value is Scope {
  return scopeOrder.includes(value as Scope);
}

/** Whether a scope includes another: an admin is also an operator and a viewer. */
export function hasScope(identity: Pick<Identity, 'scope'>, needed: Scope): boolean {
  return scopeOrder.indexOf(identity.scope) >= scopeOrder.indexOf(needed);
}

/** The smaller of two scopes. */
export function lowerScope(one: Scope, other: Scope): Scope {
  return scopeOrder.indexOf(one) <= scopeOrder.indexOf(other) ? one : other;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32, lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(buffer >> bits) & 31];
    }
  }
  return bits > 0 ? text + alphabet[(buffer << (5 - bits)) & 31] : text;
}

/**
 * The id of an identity: base32 of the first 16 bytes of SHA-256 over the JSON array `[issuer, kind, subject]` (IDN1).
 * The hash is passed in, because this package knows neither Node nor the browser.
 */
export function identityId(
  identity: Pick<Identity, 'issuer' | 'kind' | 'subject'>,
  sha256: (text: string) => Uint8Array,
): string {
  return base32(sha256(JSON.stringify([identity.issuer, identity.kind, identity.subject])).subarray(0, 16));
}
