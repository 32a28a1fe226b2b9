import type { DeliveryCost, Sample } from '@telltale/agent/sample';
import { describe, expect, it } from 'vitest';
import { sample } from '../machine/testing/sample.ts';
import { deliveryRows } from './delivery-model.ts';

const quiet: DeliveryCost = {
  updatesPerWrite: 0,
  catchUpsPerSecond: 0,
  viewersBehind: 0,
  behindMs: 0,
  gapsPerSecond: 0,
  gapMessagesPerSecond: 0,
  unansweredBytes: 0,
};
const hub = {
  cpu: 1,
  rss: 1,
  loopDelayP99: 2,
  loopDelayMax: 3,
  sessions: 1,
  messagesPerSecond: 1240,
  bytesPerSecond: 310_000,
};
const samplesOf = (...costs: readonly (Partial<DeliveryCost> | undefined)[]): readonly Sample[] =>
  costs.map((cost, second) => ({
    ...sample(second * 1_000),
    hub: cost === undefined ? hub : { ...hub, delivery: { ...quiet, ...cost } },
  }));
const said = (samples: readonly Sample[]): Record<string, readonly [string, string]> =>
  Object.fromEntries(deliveryRows(samples).map(({ id, now, highest }) => [id, [now, highest]]));

describe('what delivery costs', () => {
  it('is said as it is now, and as it was at its highest', () => {
    const busy = { viewersBehind: 3, behindMs: 12_000, gapsPerSecond: 0.04, gapMessagesPerSecond: 1_800 };
    const rows = said(samplesOf(busy, { updatesPerWrite: 4.21, unansweredBytes: 1_200_000, catchUpsPerSecond: 0.3 }));
    expect(rows).toEqual({
      messages: ['1\u2009240 /s', '1\u2009240 /s'],
      bytes: ['310 kB/s', '310 kB/s'],
      joined: ['4.2', '4.2'],
      behind: ['0', '3'],
      age: ['–', '12 s'],
      'catch-ups': ['0.3 /s', '0.3 /s'],
      gaps: ['0 /s', '< 0.1 /s'],
      missing: ['0 /s', '1\u2009800 /s'],
      unanswered: ['1.2 MB', '1.2 MB'],
      loop: ['2.0 ms', '2.0 ms'],
    });
  });

  it('is a dash where a hub does not report it, and never 0', () => {
    expect(said(samplesOf(undefined))).toMatchObject({
      messages: ['1\u2009240 /s', '1\u2009240 /s'],
      joined: ['–', '–'],
    });
    // A hub that was updated while the page was open.
    expect(said(samplesOf(undefined, { viewersBehind: 2 }))).toMatchObject({ behind: ['2', '2'] });
  });

  it('is nothing at all for a machine without a hub', () => {
    expect(deliveryRows([])).toEqual([]);
    expect(deliveryRows([sample(0)])).toEqual([]);
  });
});
