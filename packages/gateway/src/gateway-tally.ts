// Counts what happened since the start. Its names come from closed sets only, so no stranger can make the series grow.

import type { GatewayEvent } from './types.ts';

export class Tally {
  attempts = 0;
  /** By `RefusalName`. */
  readonly refusals: Record<string, number> = {};
  /** Attempts that would have been admitted, had their peers not left before. */
  left = 0;
  /** By close code. */
  readonly ends: Record<string, number> = {};
  /** Of sessions that have ended; live ones are asked. */
  bytesIn = 0;
  bytesOut = 0;

  count(event: GatewayEvent): void {
    switch (event.type) {
      case 'attempt':
        this.attempts++;
        break;
      case 'refused':
        this.refusals[event.refusal.name] = (this.refusals[event.refusal.name] ?? 0) + 1;
        break;
      case 'ended': {
        // A peer may close with any of thousands of codes; those of no table count as one.
        const code =
          event.code >= 1000 && event.code < 1016 ? event.code : event.by === 'gateway' ? event.code : 'other';
        this.ends[code] = (this.ends[code] ?? 0) + 1;
        this.bytesIn += event.session.receivedBytes;
        this.bytesOut += event.session.sentBytes;
        break;
      }
      case 'left':
        this.left++;
        break;
      case 'admitted':
      case 'asked':
      case 'catching-up':
      case 'caught-up':
      case 'gap':
      case 'round-trip':
      case 'subscribed':
      case 'unsubscribed':
      case 'renewed':
      case 'renewal-refused':
        break;
    }
  }
}
