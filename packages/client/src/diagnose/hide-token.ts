// Keeps the credential out of what is told, also where a server repeats it in the reason of a close.

import type { TokenFacts } from './facts.ts';

/** A shorter one is no secret, and hiding it would hide words. */
const shortest = 8;

/** Makes the function that hides a token, whole or by its parts, in every text of an object. */
export function hideToken(token: string | undefined, facts: TokenFacts): <Told extends object>(told: Told) => Told {
  // `undefined` is no secret, and is what the person must read.
  const isPlaceholder =
    facts.kind === 'read' && facts.reading.kind === 'broken' && facts.reading.id === 'token-placeholder';
  if (token === undefined || isPlaceholder) return (told) => told;
  const parts = [token, encodeURIComponent(token), ...token.split(/[.\s"']/)].filter(
    ({ length }) => length >= shortest,
  );
  const hide = (value: unknown): unknown =>
    typeof value === 'string' ? parts.reduce((text, part) => text.replaceAll(part, '…'), value) : value;
  return (told) => Object.fromEntries(Object.entries(told).map(([name, value]) => [name, hide(value)])) as typeof told;
}
