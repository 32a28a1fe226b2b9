// The processes of an agent's earlier session: whoever begins to report tells what runs now, and cannot know what the
// table still holds of before, not after a restart of its own.

import type { Gateway } from '@telltale/gateway';
import type { HubChannels } from '../channels.ts';

/** More rows than any agent tells at a time. */
const mostRows = 1000;

/** Empties the table `processes/<agent>`. */
export async function removeOldProcesses(
  gateway: Pick<Gateway<HubChannels>, 'read' | 'publishBatch'>,
  agent: string,
): Promise<void> {
  const channel = `processes/${agent}` as const;
  const { messages } = await gateway.read(channel, { limit: mostRows });
  const rows = messages.filter(({ key, data }) => key !== undefined && data !== null);
  if (rows.length === 0) return;
  await gateway.publishBatch(
    channel,
    rows.map(({ key = '' }) => ({ key, data: null })),
  );
}
