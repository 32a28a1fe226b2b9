// What was taken back is in none of the hub's files soon after, while it runs and when it stops. That it is gone from the log
// as well is shown in chat.test.ts; after a kill, in tests/chat.test.ts.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { isLongRun } from '../../../gateway/src/testing/random.ts';
import { personAt } from '../testing/test-chat.ts';
import { startTestHub } from '../testing/test-hub.ts';

/** To the letter where nobody else has the cores. */
const withinMs = isLongRun ? 5_000 : 25_000;

it('[STO5] is in no file of the data directory soon after an edit or a deletion, nor after a stop', async () => {
  const hub = await startTestHub();
  const ada = await personAt(hub, 'ada');
  const holders = (text: string): readonly string[] =>
    readdirSync(hub.settings.dataDir, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))
      .map(({ name }) => name);
  const isGone = (text: string): Promise<void> =>
    vi.waitFor(() => expect(holders(text), text).toEqual([]), { timeout: withinMs, interval: 50 });

  const edited = await ada.say('the key is plover-1');
  expect(holders('plover-1')).not.toEqual([]);
  await ada.post({ type: 'edited', message: edited, text: 'the key is plover-2' });
  await isGone('plover-1');
  expect(holders('plover-2')).not.toEqual([]);
  await ada.post({ type: 'deleted', message: edited });
  await isGone('plover-2');

  const last = await ada.say('the key is plover-3');
  await ada.post({ type: 'deleted', message: last });
  expect(holders('plover-3')).not.toEqual([]);
  // The test has the database open as well, so that its end alone does not empty the journal.
  await hub.hub.stop();
  expect(holders('plover-3')).toEqual([]);
  expect(hub.logged()).not.toContain('plover');
});
