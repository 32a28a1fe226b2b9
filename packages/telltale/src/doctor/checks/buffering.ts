// Whether frames are held back on the way and let go in bundles: pings that left one by one come back together.

import { type Check, done, pass, skip, warn } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';
import { flowOf, sendPings } from '../pings.ts';

/** How often it is measured anew where this machine was too busy. */
const retries = 2;

export const buffering: Check = {
  name: 'buffering',
  title: 'buffering',
  async run(exam) {
    const { facts, budget } = exam;
    if (facts.pings.length === 0) return skip('there is no session');
    let flow = flowOf(facts.pings);
    for (let again = 0; again < retries && flow.kind === 'busy' && budget.left() > 8000; again++) {
      const line = await exam.session();
      if (line !== undefined) flow = flowOf(await sendPings(line));
    }
    switch (flow.kind) {
      case 'busy':
        return skip('this machine is too busy to tell');
      case 'even':
        return done(pass('each frame comes by itself'));
      case 'held':
        return done(
          warn({
            id: 'frames-buffered',
            hop: 'proxy',
            found: `frames are held back for up to ${shownMs(flow.longestMs)} and come ${flow.most} at a time`,
            cure: 'switch off buffering and inspection for this path in what stands between (proxy_buffering off in nginx)',
          }),
        );
    }
  },
};
