// Whether the 101 is one that browsers take: they fail on what many libraries pass over.

import { contextOf } from '../attempt.ts';
import { type Check, done, pass, skip } from '../check.ts';
import { handshakeTrouble } from '../meaning/handshake.ts';

export const conformance: Check = {
  name: 'conformance',
  title: 'the 101',
  run(exam) {
    const { handshake } = exam.facts;
    if (handshake?.kind !== 'open') return skip('the handshake was not taken');
    const trouble = handshakeTrouble(handshake, contextOf(exam, exam.target, handshake.ask));
    if (trouble === undefined) return done(pass('Upgrade, Connection and Sec-WebSocket-Accept are right'));
    handshake.line.close();
    return done(trouble, { refusedBy: [trouble.id] });
  },
};
