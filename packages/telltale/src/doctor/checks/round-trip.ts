// WebSocket pings: how long the way there and back takes, and whether anybody answers.

import { type Check, done, pass, skip, warn } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';
import { patienceMs, sendPings } from '../pings.ts';

export const roundTrip: Check = {
  name: 'round-trip',
  title: 'round trip',
  async run(exam) {
    if (exam.budget.left() < 5000) return skip('the time is used up');
    const line = await exam.session();
    if (line === undefined) return skip('there is no session');
    const samples = await sendPings(line);
    const answered = samples.flatMap(({ sentAt, pongAt }) => (pongAt === undefined ? [] : [pongAt - sentAt]));
    if (answered.length === 0 && line.end === undefined) {
      return done(
        warn({
          id: 'pong-missing',
          hop: 'server',
          found: `none of ${samples.length} WebSocket pings is answered, which every peer must do`,
          cure: 'update that server; until then no client can tell whether the line is dead',
        }),
      );
    }
    // An end with a close frame is no loss: whoever closed said why.
    const isClosed = line.end?.kind === 'closed' && answered.length > 2;
    if (answered.length < samples.length && !isClosed) {
      const lost = samples.length - answered.length;
      const when = line.end === undefined ? ` within ${patienceMs / 1000} s` : ', then the connection is gone';
      return done(
        warn({
          id: 'pong-lost',
          hop: 'network',
          found: `of ${samples.length} WebSocket pings ${lost} are not answered${when}`,
          cure: 'see what between holds back or cuts the connection: the other checks may name it',
        }),
        { pings: samples },
      );
    }
    answered.sort((one, other) => one - other);
    const at = (part: number): string => shownMs(answered[Math.floor((answered.length - 1) * part)] as number);
    return done(pass(`${at(0.5)} in the middle, ${at(1)} at most`), { pings: samples });
  },
};
