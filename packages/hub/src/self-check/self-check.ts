// The hub looks at itself: what it says at the start, and what it can only notice later. Each is told once, in words with
// the cure. Made by hub.ts, before its database is opened.

import type { GatewayLog } from '@telltale/gateway';
import type { Settings } from '../settings.ts';
import { addressList } from '../settings-table.ts';
import { type ClockWatch, createClockWatch } from './clock-watch.ts';
import { createProxyWatch, type ProxyWatch } from './proxy-watch.ts';
import { databaseWrittenAt, startWarnings } from './start-warnings.ts';

export interface SelfCheck extends ClockWatch, ProxyWatch {
  /** Says what there is to say at the start. */
  tell(): void;
}

export function createSelfCheck(settings: Settings, log: GatewayLog): SelfCheck {
  const { dataDir, trustedProxies } = settings;
  const writtenAt = databaseWrittenAt(dataDir);
  return {
    tell() {
      const node = { nodeFlags: process.execArgv, nodeOptions: process.env['NODE_OPTIONS'] ?? '' };
      for (const warning of startWarnings({ settings, writtenAt, now: Date.now(), ...node })) log.warn({}, warning);
    },
    ...createClockWatch(log),
    ...createProxyWatch({ trustedProxies, proxies: addressList(trustedProxies), log }),
  };
}
