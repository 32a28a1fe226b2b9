import { expect, it } from 'vitest';
import { Tally } from './gateway-tally.ts';
import type { GatewayEvent } from './types.ts';

it('counts whoever left before it was admitted, as no refusal and as no end', () => {
  const tally = new Tally();
  tally.count({ type: 'attempt' } as GatewayEvent);
  tally.count({ type: 'left' } as GatewayEvent);
  expect(tally).toMatchObject({ attempts: 1, left: 1, refusals: {}, ends: {} });
});
