// What a gateway leaves behind: no handle after `stop`, and no memory of sessions that are gone. In processes of their own,
// because a test runner has handles and memory of its own.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('leftovers.child.mjs', import.meta.url));

function run(what: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['--expose-gc', program, what], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

it('[STP2] a stopped gateway leaves no handle: its process ends by itself', async () => {
  const { code, output } = await run('handles');
  expect(output).toContain('stopped');
  expect(code).toBe(0);
});

it('[ADM3] a thousand sessions and five hundred refusals leave nothing behind', async () => {
  const { code, output } = await run('memory');
  expect(code).toBe(0);
  const { grownKiB, sessions, readers } = JSON.parse(output) as Record<string, number>;
  console.log(`after 1,000 sessions and 500 refusals the heap has grown by ${grownKiB} KiB`);
  expect(sessions).toBe(0);
  expect(readers).toBe(0);
  // What remains is bounded: the memory of attempts (10,000 at most) and code that was compiled meanwhile.
  expect(grownKiB).toBeLessThan(4096);
});
