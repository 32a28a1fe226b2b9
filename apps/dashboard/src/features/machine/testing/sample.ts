// A sample for tests: a machine that is half busy, with what a test wants otherwise.

import type { Sample } from '@telltale/agent/sample';

export function sample(at: number, more: Partial<Sample> = {}): Sample {
  return {
    at,
    intervalMs: 1_000,
    cpu: { total: 34, cores: [20, 48], load: [0.8, 0.5, 0.2] },
    memory: { used: 11_200_000_000, total: 16_000_000_000 },
    disks: [
      { mount: '/', used: 10, total: 100 },
      { mount: '/data', used: 61, total: 100 },
    ],
    uptime: 100,
    ...more,
  };
}

/** One whose processors are in use by this share. */
export function busy(at: number, total: number): Sample {
  return sample(at, { cpu: { total, cores: [total], load: [1, 1, 1] } });
}
