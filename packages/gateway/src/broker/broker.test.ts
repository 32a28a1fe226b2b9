import { describeBroker } from '../testing/describe-broker.ts';
import { LossyBroker } from '../testing/lossy-broker.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { randomFrom, testSeed } from '../testing/random.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { MemoryBroker } from './memory-broker.ts';
import { StoredBroker } from './stored-broker.ts';

const largeBudget = 256 * 1024 * 1024;

describeBroker('the memory broker', (logBytes = largeBudget) => {
  const clock = new ManualClock();
  return { broker: new MemoryBroker({ clock, logBytes }), clock };
});

describeBroker('the memory broker whose announcements are dropped, late and repeated', (logBytes = largeBudget) => {
  const clock = new ManualClock();
  return { broker: new LossyBroker(new MemoryBroker({ clock, logBytes }), clock, randomFrom(testSeed)), clock };
});

const log = { debug() {}, info() {}, warn() {}, error() {} };

for (const streams of ['in-memory', 'stored'] as const) {
  const make = (logBytes = largeBudget) => {
    const clock = new ManualClock();
    return { broker: new StoredBroker({ clock, logBytes, store: new MemoryStore(), log }), clock };
  };
  describeBroker(`the broker with a store, its streams ${streams},`, make, streams);
}
