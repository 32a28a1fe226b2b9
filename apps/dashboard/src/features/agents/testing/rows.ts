// Rows of the tables `agents` and `vitals` for tests: a healthy agent, with what a test wants otherwise.

import type { AgentRow, VitalsRow } from '@telltale/hub/api';

export function agentRow(agent: string, more: Partial<AgentRow> = {}): AgentRow {
  return {
    agent,
    title: agent,
    platform: 'linux 6.8 x64',
    cores: 4,
    version: '0.4.1',
    isTooOld: false,
    state: 'live',
    since: 0,
    reason: null,
    lastSeenAt: null,
    clockOffsetMs: 0,
    roundTripMs: 18,
    behindMs: 0,
    spooledBytes: 0,
    conflict: null,
    files: [],
    runs: 0,
    expiresAt: null,
    credential: null,
    ...more,
  };
}

export function vitalsRow(agent: string, receivedAt: number, more: Partial<VitalsRow> = {}): VitalsRow {
  return {
    agent,
    at: receivedAt,
    receivedAt,
    intervalMs: 10_000,
    cpu: 42,
    memory: 63,
    disk: 48,
    history: [40, 42],
    ...more,
  };
}
