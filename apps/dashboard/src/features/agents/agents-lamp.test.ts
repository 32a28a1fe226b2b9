import { expect, it } from 'vitest';
import { agentsLampOf } from './agents-lamp.ts';
import { agentRow } from './testing/rows.ts';

const conflict = { title: '', address: '10.0.0.9', since: 0, at: 0, count: 1 };

it.each([
  ['dark', '2 live', [agentRow('local'), agentRow('web-1'), agentRow('build', { state: 'closed' })]],
  ['dark', 'None yet', []],
  ['warn', 'db-2: line lost', [agentRow('local'), agentRow('db-2', { state: 'lost' })]],
  ['warn', '2 lines lost', [agentRow('db-1', { state: 'lost' }), agentRow('db-2', { state: 'lost' })]],
  ['refused', 'web-2: refused', [agentRow('web-2', { conflict })]],
  ['refused', 'web-2: refused, 1 lost', [agentRow('web-2', { conflict }), agentRow('db', { state: 'lost' })]],
] as const)('is %s and says %j', (light, says, rows) => {
  expect(agentsLampOf(rows, true)).toMatchObject({ light, says });
});

it('knows nothing before the list was read', () => {
  expect(agentsLampOf([], false)).toBeUndefined();
});
