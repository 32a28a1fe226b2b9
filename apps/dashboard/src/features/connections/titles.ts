// What refusals and ends are called in a list. Pure. The words are those of the protocol's table, which the hub's log also
// has; a name that only a newer hub has is shown as it is.

import { ends, refusals, type EndName, type RefusalName } from '@telltale/protocol';
import { endTitle, leftTitle, refusalTitle } from '@telltale/protocol/explain';
import { shownName } from '../../words/name.ts';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const spaced = (name: string): string => capital(shownName(name).replaceAll('-', ' '));

const isRefusalName = (name: string): name is RefusalName => Object.hasOwn(refusals, name);
const isEndName = (name: string): name is EndName => Object.hasOwn(ends, name);

/** `Origin not allowed`. */
export function refusedTitle(name: string): string {
  return isRefusalName(name) ? capital(refusalTitle(name)) : spaced(name);
}

/** The code a name of a refusal has; undefined: only a newer hub knows it. */
export function refusedCode(name: string): number | undefined {
  return isRefusalName(name) ? refusals[name].code : undefined;
}

/** Refusals of requests that nobody may have read to their end. */
const unread: ReadonlySet<string> = new Set<RefusalName>([
  'headers-too-large',
  'request-malformed',
  'request-unfinished',
  'tls-to-plain',
]);

/** What stands in the place of what an attempt is not known to have said. */
export function unsaid(refusal: string | undefined, words: 'did not say' | 'none sent'): string {
  return refusal !== undefined && unread.has(refusal) ? 'not read' : words;
}

/** `Ended by an operator`. */
export function endedTitle({
  name,
  by,
  isEarly,
}: {
  readonly name: string;
  readonly by: 'client' | 'gateway' | 'network';
  /** There was no session yet. */
  readonly isEarly?: boolean;
}): string {
  if (isEarly) return capital(leftTitle);
  return isEndName(name) ? capital(endTitle({ name, by })) : spaced(name);
}
