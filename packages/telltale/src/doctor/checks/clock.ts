// The clocks of both sides: tokens are judged by the server's.

import { clockToleranceMs } from '@telltale/protocol/token';
import { type Check, done, pass, skip, warn } from '../check.ts';
import { span } from '../meaning/clause.ts';

export const clock: Check = {
  name: 'clock',
  title: 'clock',
  run({ facts: { clockAheadMs } }) {
    if (clockAheadMs === undefined) return skip();
    const off = Math.abs(clockAheadMs);
    if (off <= clockToleranceMs) return done(pass('both sides agree within 5 s'));
    return done(
      warn({
        id: 'clock-off',
        hop: 'server',
        found: `its clock is ${span(off)} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} the one of this machine`,
        cure: 'let both machines set their clocks by NTP: tokens are good or expired by the server’s',
      }),
    );
  },
};
