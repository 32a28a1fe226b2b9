// What becomes of an agent's line after an end that the client would not come back from by itself: most of them an
// administrator can undo, so it looks again once a minute. Says in words for people how the line stands. Pure.

import type { Cause, ConnectionState } from '@telltale/client';

export type LineState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly since: number }
  /** The hub is away; it tries again by itself. */
  | { readonly kind: 'away'; readonly reason: string; readonly hint: string }
  /** The hub says no; it looks again once a minute. */
  | { readonly kind: 'refused'; readonly name: string; readonly reason: string; readonly hint: string }
  /** For good. */
  | { readonly kind: 'ended'; readonly name: string; readonly reason: string; readonly hint: string };

/** How long until a refused agent looks again, and until one whose session was ended by a decision does, in milliseconds. */
const lookAgainMs = 60_000;
const endedMs = 2000;

/** Ends after which there is nothing to wait for: somebody else reports, or nobody may any more. */
const finalNames: ReadonlySet<string> = new Set(['replaced', 'agent-revoked']);

/** After how long to try again a connection that has closed itself; undefined: never. */
export function returnsAfterMs({ code, name }: Cause): number | undefined {
  if (finalNames.has(name)) return undefined;
  // The next try is told what was decided.
  return code === 4410 ? endedMs : lookAgainMs;
}

/**
 * How the line stands.
 *
 * @param trouble why the last socket failed, as the system called it
 */
export function lineOf(state: ConnectionState, trouble: string | undefined): LineState | undefined {
  switch (state.kind) {
    case 'idle':
      return undefined;
    case 'connecting':
      return state.cause === undefined ? { kind: 'connecting' } : undefined;
    case 'open':
      return { kind: 'open', since: state.since };
    case 'waiting':
    case 'offline': {
      const { cause } = state;
      const isSilent = cause.code === 1006;
      const reason = isSilent ? silence(cause, trouble) : cause.reason;
      return { kind: 'away', reason, hint: isSilent ? '' : cause.hint };
    }
    case 'closed': {
      const { name, reason, hint } = state.cause;
      const isFinal = returnsAfterMs(state.cause) === undefined;
      return { kind: isFinal ? 'ended' : 'refused', name, reason, hint };
    }
  }
}

function silence({ name, reason }: Cause, trouble: string | undefined): string {
  if (name === 'silent') return reason;
  switch (trouble) {
    case undefined:
      return 'the line broke';
    case 'ECONNREFUSED':
      return 'nothing listens there (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `its name is not known here (${trouble})`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `it cannot be reached (${trouble})`;
    default:
      return /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL|^EPROTO/.test(trouble)
        ? `its certificate is not accepted here (${trouble})`
        : `the line broke (${trouble})`;
  }
}
