// What becomes of an agent's line after an end that the client would not come back from by itself: most of them an
// administrator can undo, so it looks again. Says in words for people how the line stands. Pure.

import type { Cause, ConnectionState } from '@telltale/client';

export type LineState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open'; readonly since: number }
  /** The hub is away; it tries again by itself. */
  | { readonly kind: 'away'; readonly reason: string; readonly hint: string }
  /** The hub says no; it looks again, soon at first and then once a minute. */
  | ({ readonly kind: 'refused' } & Denial)
  /** For good. */
  | ({ readonly kind: 'ended' } & Denial);

interface Denial {
  readonly code: number;
  readonly name: string;
  readonly reason: string;
  readonly hint: string;
}

/** How long until one that was refused looks again, in milliseconds: doubled each time, up to the second. */
const lookAgainMs = { first: 5000, highest: 60_000 };
/** How long until one whose session was ended by a decision looks what was decided, in milliseconds. */
const endedMs = 2000;

/** Ends after which there is nothing to wait for: another process or machine reports, or none may any more. */
const finalNames: ReadonlySet<string> = new Set(['replaced', 'machine-changed', 'agent-revoked']);

/**
 * After how long to try again a connection that has closed itself; undefined: never.
 *
 * @param refusals how often in a row it was refused before
 */
export function returnsAfterMs({ code, name }: Pick<Cause, 'code' | 'name'>, refusals: number): number | undefined {
  if (finalNames.has(name)) return undefined;
  if (code === 4410) return endedMs;
  return Math.min(lookAgainMs.highest, lookAgainMs.first * 2 ** refusals);
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
      const { code, name, reason, hint } = state.cause;
      return { kind: finalNames.has(name) ? 'ended' : 'refused', code, name, reason, hint };
    }
  }
}

/** Ends of which the client only says that there was no word, or asks somebody who is not there to be asked. */
const wordless: ReadonlySet<string> = new Set(['no-close-frame', 'unreachable']);

function silence({ name, reason }: Cause, trouble: string | undefined): string {
  if (name === 'silent') return reason;
  switch (trouble) {
    case undefined:
      return wordless.has(name) ? 'the line broke' : reason;
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
      if (trouble.startsWith('HTTP ')) return `what answers there takes no WebSocket (${trouble})`;
      return /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL|^EPROTO/.test(trouble)
        ? `its certificate is not accepted here (${trouble})`
        : `the line broke (${trouble})`;
  }
}
