import { describeBroker } from '../testing/describe-broker.ts';
import { LossyBroker } from '../testing/lossy-broker.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { randomFrom, testSeed } from '../testing/random.ts';
import { MemoryBroker } from './memory-broker.ts';

const largeBudget = 256 * 1024 * 1024;

describeBroker('the memory broker', (logBytes = largeBudget) => {
  const clock = new ManualClock();
  return { broker: new MemoryBroker({ clock, logBytes }), clock };
});

describeBroker('the memory broker whose announcements are dropped, late and repeated', (logBytes = largeBudget) => {
  const clock = new ManualClock();
  return { broker: new LossyBroker(new MemoryBroker({ clock, logBytes }), clock, randomFrom(testSeed)), clock };
});
