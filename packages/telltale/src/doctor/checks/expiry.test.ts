// How long the expiry of a token is waited for: within the whole where that is enough, beyond it only where it was asked for.

import { describe, expect, it } from 'vitest';
import type { CheckResult, Exam } from '../check.ts';
import type { Line } from '../wire/line.ts';
import { expiry } from './expiry.ts';

/** A session whose token is good for so long, with so much time left; what it was waited for and what was given beyond. */
async function watch(goodMs: number, leftMs: number, idleMs?: number) {
  let [waitedMs, extendedMs] = [0, 0];
  const line = {
    beganAt: Date.now() - 1,
    end: undefined,
    until: async (_found: unknown, ms: number) => void (waitedMs = ms),
  };
  const exam: unknown = {
    target: { token: undefined },
    options: { token: undefined, idleMs },
    facts: { welcome: { expiresAt: Date.now() + goodMs }, handshake: { kind: 'open', line: line as unknown as Line } },
    budget: { left: () => leftMs, extend: (ms: number) => (extendedMs += ms) },
    session: async () => line,
  };
  const result: CheckResult = await expiry.run(exam as Exam);
  const found = result.kind === 'done' ? result.findings.map((finding) => finding.found).join() : '';
  return { waitedMs: Math.round(waitedMs / 100) * 100, extendedMs: Math.round(extendedMs / 100) * 100, found };
}

describe('a token that expires', () => {
  it('within the time that is left is waited for in it', async () => {
    expect(await watch(8_000, 20_000)).toMatchObject({ waitedMs: 14_000, extendedMs: 0 });
    expect(await watch(8_000, 20_000, 60_000)).toMatchObject({ waitedMs: 14_000, extendedMs: 0 });
  });

  it('later is told, and waited for only where that time was given', async () => {
    const told = await watch(30_000, 20_000);
    expect(told).toMatchObject({ waitedMs: 0, extendedMs: 0 });
    expect(told.found).toMatch(/^the token expires in (?:29|30) s; the gateway then ends the session with 4419/);
    expect(await watch(30_000, 20_000, 60_000)).toMatchObject({ waitedMs: 36_000, extendedMs: 36_000 });
    expect(await watch(90_000, 20_000, 60_000)).toMatchObject({ waitedMs: 0, extendedMs: 0 });
  });
});
