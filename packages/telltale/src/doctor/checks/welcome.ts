// The first words of the session: a welcome, a refusal, an end, or nothing.

import { protocolVersion } from '@telltale/protocol';
import { contextOf, firstWords } from '../attempt.ts';
import { type Check, done, fail, pass, skip } from '../check.ts';
import { excerpt } from '../meaning/clause.ts';

/** How long a server that need not say anything is listened to, in milliseconds. */
const patienceMs = 1000;

export const welcome: Check = {
  name: 'welcome',
  title: 'first words',
  async run(exam) {
    const { handshake, isTelltale, refusedBy } = exam.facts;
    if (handshake?.kind !== 'open') return skip('the handshake was not taken');
    const wasTaken = refusedBy.every((id) => id === 'subprotocol-none');
    if (!wasTaken) return skip('the handshake was not taken');
    const waitMs = isTelltale ? exam.budget.step() : Math.min(patienceMs, exam.budget.step());
    const outcome = await firstWords(handshake.line, contextOf(exam, exam.target, handshake.ask), waitMs);
    if (outcome.kind === 'refused') {
      return done(outcome.trouble, { refusedBy: [...refusedBy, outcome.trouble.id] });
    }
    const { words } = outcome;
    switch (words.kind) {
      case 'nothing':
        return done(pass('the session is open; this server waits for its client to speak'));
      case 'text':
        return done(pass(`the session is open and begins with ${excerpt(words.text, 60)}`));
      case 'welcome': {
        const { welcome: frame } = words;
        if (frame.protocol !== protocolVersion) {
          return done(
            fail({
              id: 'protocol-version',
              hop: 'gateway',
              found: `the gateway speaks version ${frame.protocol} of the protocol, this command version ${protocolVersion}`,
              cure: 'bring both to the same version',
            }),
          );
        }
        const { identity, mode, channels } = frame;
        const reads = channels.length === 0 ? 'no channel' : channels.join(', ');
        const shown = `welcome, ${identity.kind} ${identity.subject} (${identity.scope}) in ${mode} mode, reads ${reads}`;
        // It left with the answer to the handshake, when the line began; whoever has told the time of a plain answer stays.
        const clockAheadMs = exam.facts.clockAheadMs ?? frame.time - handshake.line.beganAt;
        return done(pass(shown), { welcome: frame, isTelltale: true, clockAheadMs });
      }
    }
  },
};
