// One run: a fresh server, a fresh generator, one measurement. Nothing of a run is left behind for the next.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { residentBytes, start, startServer } from './processes.mjs';
import { serverSettings, targets } from './targets.mjs';
import { tokenLines } from './tokens.mjs';

/**
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {string} targetName
 * @param {{ generator: { command: string, args: readonly string[] }, seconds: number, warmSeconds: number }} options a
 *   server rests for `warmSeconds` before its memory is read
 * @returns {Promise<Record<string, number>>} what the generator printed, and `residentBytes` where nothing was sent
 */
export async function measure(scenario, targetName, { generator, seconds, warmSeconds }) {
  const target = targets[targetName];
  const { load } = scenario;
  const work = mkdtempSync(join(tmpdir(), 'bench-'));
  const tokens = join(work, 'tokens');
  // A handshake with a token that was seen a moment ago must not be cheaper: none comes twice in a while.
  writeFileSync(tokens, tokenLines(load.mode === 'accept' ? 5000 : load.viewers + 1));
  const server = await startServer(target, serverSettings(target, scenario));
  let client;
  try {
    if (load.mode === 'idle') await wait(warmSeconds * 1000);
    const emptyBytes = residentBytes(server.pid);
    client = start(1, generator.command, [
      ...generator.args,
      ...['--mode', load.mode, '--port', String(server.port), '--viewers', String(load.viewers)],
      ...['--outstanding', String(load.outstanding ?? 1), '--rate', String(load.rate ?? 1)],
      ...['--seconds', String(seconds), '--warm', String(warmSeconds), '--tokens', tokens],
      ...['--check-order', (scenario.channels ?? 1) === 1 && scenario.keys === undefined ? '1' : '0'],
      ...(load.template === undefined ? [] : ['--template', load.template]),
      ...['--pid', String(server.pid)],
      ...target.load(scenario),
    ]);
    const { viewers } = await client.line();
    if (load.mode === 'idle') {
      await wait(seconds * 1000);
      const grown = residentBytes(server.pid) - emptyBytes;
      client.endInput();
      return { ...(await client.line()), viewers, residentBytes: grown };
    }
    return await client.line();
  } finally {
    await client?.stop();
    await server.stop();
    rmSync(work, { recursive: true, force: true });
  }
}
