// What refusals and ends are called in a list. Pure. The words of refusals are the table's of the protocol; a name that
// only a newer hub has is shown as it is.

import { ends, refusals, type EndName, type RefusalName } from '@telltale/protocol';
import { refusalTitle } from '@telltale/protocol/explain';
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

const endTitles: Readonly<Record<EndName, string>> = {
  closed: 'Closed',
  restart: 'Hub restarted',
  'server-error': 'Error in the hub',
  'frame-malformed': 'Malformed frame',
  'binary-frame': 'Binary frame',
  'frame-too-large': 'Message too large',
  'not-utf8': 'Text that is not UTF-8',
  'protocol-error': 'Malformed WebSocket frame',
  'no-answer': 'No answer to a ping',
  stalled: 'Took nothing any more',
  replaced: 'Replaced by a newer session',
  'ended-by-operator': 'Ended by an operator',
  'ended-by-user': 'Ended from another login of theirs',
  'account-disabled': 'Account disabled',
  'password-changed': 'Password changed',
  'signed-out': 'Signed out',
  'token-revoked': 'Token revoked',
  'machine-changed': 'Credential given to another machine',
  'token-expired': 'Token expired',
  'too-many-frames': 'Sent too much',
};

/** `Ended by an operator`; what the other side did is told apart from what became of the line. */
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
  if (isEarly) return 'Left before it was admitted';
  if (name === 'closed' && by === 'client') return 'Closed by the page or program';
  if (name === 'closed' && by === 'network') return 'Line lost without a goodbye';
  return isEndName(name) ? endTitles[name] : spaced(name);
}
