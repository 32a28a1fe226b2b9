// The hub looks at itself: what it says at the start, and what it can only notice later. Each is told once, in words with
// the cure. Made by hub.ts, before its database is opened.

import type { GatewayLog } from '@telltale/gateway';
import type { Settings } from '../settings.ts';
import { addressList } from '../settings-table.ts';
import { type ClockWatch, createClockWatch } from './clock-watch.ts';
import { createProxyWatch, type ProxyWatch } from './proxy-watch.ts';
import { filesWritten, startWarnings } from './start-warnings.ts';

export interface SelfCheck extends ClockWatch, ProxyWatch {
  /**
   * Says what there is to say at the start.
   *
   * @param recordedAt the newest time that the database holds: its file is as young as its last copy
   */
  tell(recordedAt: number | undefined): void;
}

export function createSelfCheck(settings: Settings, log: GatewayLog): SelfCheck {
  const { dataDir, trustedProxies } = settings;
  const files = filesWritten(dataDir);
  return {
    tell(recordedAt) {
      const record = recordedAt === undefined ? [] : [{ what: 'the newest record in the database', at: recordedAt }];
      const written = [...files, ...record];
      const node = { nodeFlags: process.execArgv, nodeOptions: process.env['NODE_OPTIONS'] ?? '' };
      for (const warning of startWarnings({ settings, written, now: Date.now(), ...node })) log.warn({}, warning);
    },
    ...createClockWatch(log),
    ...createProxyWatch({ trustedProxies, proxies: addressList(trustedProxies), log }),
  };
}
