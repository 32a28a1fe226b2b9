// How hard this run looks. The long run has a quiet machine and holds every promise of time to the letter; the short one
// runs beside other tests on cores that may belong to others, and only tells a promise that is broken from one that is kept
// late.

import { isLongRun } from '../../packages/gateway/src/testing/random.ts';

/** How much later than promised something may be seen in the short run. */
const slack = 5;

/** The milliseconds within which what is promised in `ms` has to be seen here. */
export const promised = (ms: number): number => (isLongRun ? ms : slack * ms);
