// Single-use tickets for pages that must not put a token into an address (ADM10). Bought with a Bearer at the
// application's own route, kept here as a hash only, spent by admission. One process; knows no HTTP.

import { createHash, randomBytes } from 'node:crypto';
import type { Identity } from '@telltale/protocol';
import type { Clock } from '../clock.ts';

/** Who a ticket stands for. */
export interface TicketHolder {
  readonly identity: Identity;
  readonly sid?: string;
  readonly jti?: string;
}

export type Spent =
  | ({ readonly kind: 'spent' } & TicketHolder)
  /** Never issued, used before, or too old: the three are not told apart. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'other-origin' };

export interface Tickets {
  /** A new ticket for somebody, good for one upgrade from this origin (undefined: from a program) within 30 s. */
  issue(holder: TicketHolder, origin: string | undefined): { readonly ticket: string; readonly expiresAt: number };
  /** Uses a ticket up, whatever the answer: of any number of tries at once exactly one gets `spent`. */
  spend(ticket: string, origin: string | undefined): Spent;
}

const lifeMs = 30_000;
const grammar = /^[A-Za-z0-9_-]{43}$/;
const hashOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64');

/** At most `limit` unspent tickets are kept; the oldest go first. */
export function createTickets(clock: Clock, limit = 10_000): Tickets {
  const tickets = new Map<string, { holder: TicketHolder; origin: string | undefined; until: number }>();

  // Insertion order is expiry order, since all live equally long.
  function makeRoom(): void {
    for (const [hash, { until }] of tickets) {
      if (until > clock.monotonic() && tickets.size < limit) return;
      tickets.delete(hash);
    }
  }

  return {
    issue(holder, origin) {
      makeRoom();
      const ticket = randomBytes(32).toString('base64url');
      tickets.set(hashOf(ticket), { holder, origin, until: clock.monotonic() + lifeMs });
      return { ticket, expiresAt: clock.now() + lifeMs };
    },
    spend(ticket, origin) {
      if (!grammar.test(ticket)) return { kind: 'unknown' };
      const hash = hashOf(ticket);
      const found = tickets.get(hash);
      tickets.delete(hash);
      if (!found || found.until <= clock.monotonic()) return { kind: 'unknown' };
      return found.origin === origin ? { kind: 'spent', ...found.holder } : { kind: 'other-origin' };
    },
  };
}
