import { expect, it } from 'vitest';
import { type ChannelFacts, declareChannels } from './channels.ts';

it('[CMP5] compresses the numbers of machines, and no channel in which secrets can stand beside what strangers wrote', () => {
  // Declarations ask the facts when somebody reads or writes, not before.
  const channels = declareChannels({} as ChannelFacts, {} as never, () => ({ kind: 'ready', data: [] }));
  const compressed = Object.values(channels).filter(({ isCompressed }) => isCompressed);
  expect(compressed.map(({ pattern }) => pattern).sort((a, b) => a.localeCompare(b))).toEqual([
    'metrics/:agent',
    'vitals',
  ]);
});
