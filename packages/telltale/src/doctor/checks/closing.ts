// The closing handshake (RFC 6455 section 7): whether a close is answered, and with which code. Last, for it ends a session.

import { type Check, done, pass, skip, warn } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';

/** How long an answer is waited for, in milliseconds. */
const patienceMs = 2000;

export const closing: Check = {
  name: 'closing',
  title: 'closing',
  async run(exam) {
    if (exam.budget.left() < patienceMs + 1000) return skip('the time is used up');
    const line = await exam.session();
    if (line === undefined) return skip('there is no session');
    const sentAt = line.ageMs;
    line.askToClose();
    const end = await line.until(() => line.end, patienceMs);
    line.close();
    if (end?.kind === 'closed')
      return done(pass(`a close with 1000 is answered with ${end.code} in ${shownMs(end.afterMs - sentAt)}`));
    return done(
      warn({
        id: 'close-unanswered',
        hop: 'server',
        found: `a close frame is ${end === undefined ? `not answered within ${patienceMs / 1000} s` : 'answered by ending the connection without one'}, so browsers wait for it, or see their own close as 1006`,
        cure: 'let that server answer a close frame with one of its own before it ends the connection',
      }),
    );
  },
};
