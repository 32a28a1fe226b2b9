// Each figure of the gateway that has a series is in it, under the name that docs/production.md gives.

import { createGateway } from '@telltale/gateway';
import { expect, it, onTestFinished } from 'vitest';
import { createMetrics } from './metrics.ts';

it('shows who left before being admitted beside who was refused: both tried, and neither has a session', async () => {
  const gateway = createGateway({ channels: {} });
  onTestFinished(() => gateway.stop());
  const metrics = createMetrics(() => ({
    ...gateway.figures(),
    attempts: 5,
    refusals: { 'token-missing': 2 },
    left: 3,
  }));
  onTestFinished(() => metrics.stop());
  const text = await metrics.text();
  expect(text).toMatch(/^telltale_attempts_total 5$/m);
  expect(text).toMatch(/^telltale_refusals_total\{code="4401",name="token-missing"\} 2$/m);
  expect(text).toMatch(/^telltale_left_total 3$/m);
});
