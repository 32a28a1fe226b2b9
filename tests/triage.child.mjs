// The program of runs.test.ts: an AI agent as docs/runs.md shows one, whose text comes token by token until somebody stops
// it. Prints at last what it said and what it was told.

import { setTimeout as wait } from 'node:timers/promises';
import { createAgent } from '@telltale/agent';

const agent = createAgent();
let said = '';
let tokens = 0;

const stopped = await agent
  .run(
    'triage',
    async (run) => {
      const found = await run.step('look', (look) =>
        look.step('deeper', (deeper) => {
          deeper.log('two files\nand a third');
          return 3;
        }),
      );
      run.progress(0.5, `${found} suspects`);
      await run.step('ask', async (ask) => {
        ask.set({ model: 'small', suspects: found });
        const text = ask.text();
        while (!ask.signal.aborted) {
          for (let burst = 0; burst < 10; burst++) {
            const token = `token-${tokens++} `;
            text.write(token);
            said += token;
          }
          await wait(2);
        }
        text.end();
        ask.signal.throwIfAborted();
      });
    },
    { attributes: { host: 'web-1' }, by: 'alice' },
  )
  .catch(({ code, by, message }) => ({ code, by, message }));
const report = await agent.run('report', () => ({ tokens }));
await agent.close();
console.log(JSON.stringify({ said, stopped, report }));
