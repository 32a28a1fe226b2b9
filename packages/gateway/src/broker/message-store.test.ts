import { describeStore } from '../testing/describe-store.ts';
import { MemoryStore } from '../testing/memory-store.ts';

describeStore('the store of tests', () => {
  const store = new MemoryStore();
  return {
    store,
    async reopen() {},
    forget: (channel, upTo) => store.forget(channel, upTo),
    async [Symbol.asyncDispose]() {},
  };
});
