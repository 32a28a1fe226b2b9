// The handshake itself: whether it is answered, and with which status. What the answer means is in meaning/.

import { contextOf } from '../attempt.ts';
import { type Check, done, type Exam, pass, skip } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';
import { handshakeTrouble } from '../meaning/handshake.ts';
import { clockAheadOf } from '../meaning/server-clock.ts';
import { type Software, softwareOf, vite } from '../meaning/software.ts';
import type { Handshake } from '../wire/handshake.ts';

export const handshake: Check = {
  name: 'handshake',
  title: 'handshake',
  async run(exam) {
    const { place } = exam.facts;
    if (place === undefined) return skip('nothing could be asked');
    const ask = exam.ask();
    const outcome = await exam.wire.handshake(place, ask);
    const clockAheadMs = exam.facts.clockAheadMs ?? clockBy(outcome);
    if (outcome.kind === 'open') {
      const from = ask.origin === undefined ? 'without an origin' : `from a page of ${ask.origin}`;
      return done(pass(`101 after ${shownMs(outcome.afterMs)}, ${from}`), { handshake: outcome, clockAheadMs });
    }
    // Who answers the handshake is who is spoken of, where it says its name.
    const named = outcome.kind === 'answer' ? softwareOf(outcome.head) : undefined;
    const software = named ?? exam.facts.software ?? (await unnamed(exam));
    const trouble = handshakeTrouble(outcome, { ...contextOf(exam, exam.target, ask), software });
    if (trouble === undefined) return done(pass('101'), { handshake: outcome, clockAheadMs });
    return done(trouble, { handshake: outcome, clockAheadMs, software, refusedBy: [trouble.id] });
  },
};

/** By an answer that has just come: half of the time it took is the way back. */
function clockBy(outcome: Handshake): number | undefined {
  if (outcome.kind !== 'open' && outcome.kind !== 'answer') return undefined;
  return clockAheadOf(outcome.head, Date.now() - outcome.afterMs / 2);
}

/** Who answers plain requests and does not say its name: the development server of Vite has a file nobody else has. */
async function unnamed({ facts, wire, target, budget }: Exam): Promise<Software | undefined> {
  const { place, baseline } = facts;
  if (place === undefined || baseline?.kind !== 'answer' || budget.left() < 3000) return undefined;
  const answer = await wire.get(place, '/@vite/client', target.authority);
  return answer.kind === 'answer' && answer.head.status === 200 && answer.body.includes('vite') ? vite : undefined;
}
