// Refresh tokens: `sid.generation.mac`. The text is derived from the hub's secret and the salt of the login, so that the
// previous token can be answered with the very same successor, and a stolen database holds no token.

import { createHmac, timingSafeEqual } from 'node:crypto';

/** Longest a login lives, and longest it may rest, in milliseconds. */
export const loginLifeMs: number = 30 * 24 * 3_600_000;
export const loginRestMs: number = 7 * 24 * 3_600_000;
/** How long the token before the newest one is still exchanged, in milliseconds. */
export const refreshGraceMs = 10_000;

const grammar = /^([A-Za-z0-9_-]{22})\.(\d{1,9})\.([A-Za-z0-9_-]{43})$/;

function mac(secret: string, sid: string, generation: number, salt: string): Buffer {
  return createHmac('sha256', secret).update(`refresh ${sid} ${generation} ${salt}`).digest();
}

/** The refresh token of a login's generation. */
export function refreshToken(
  login: { readonly sid: string; readonly generation: number; readonly salt: string },
  secret: string,
): string {
  const { sid, generation, salt } = login;
  return `${sid}.${generation}.${mac(secret, sid, generation, salt).toString('base64url')}`;
}

/** Reads a token's parts; says nothing about whether it is genuine. */
export function readRefreshToken(text: string): { sid: string; generation: number; mac: Buffer } | undefined {
  const [, sid, generation, proof] = grammar.exec(text) ?? [];
  if (sid === undefined || generation === undefined || proof === undefined) return undefined;
  return { sid, generation: Number(generation), mac: Buffer.from(proof, 'base64url') };
}

/** Whether the token was made by this hub for this login. */
export function isGenuine(
  token: { readonly sid: string; readonly generation: number; readonly mac: Buffer },
  salt: string,
  secret: string,
): boolean {
  const expected = mac(secret, token.sid, token.generation, salt);
  return token.mac.length === expected.length && timingSafeEqual(token.mac, expected);
}
