// The log's lines about attempts: one each, until the same refusal comes too often; then they are counted.

import { type RefusalName, refusals } from '@telltale/protocol';
import { refusalTitle } from '@telltale/protocol/explain';
import { describe, expect, it } from 'vitest';
import { makeRefusal } from '../admission/refusal.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { Attempt } from '../types.ts';
import { createAttemptLog, endedLine, refusalLines } from './attempt-log.ts';

const { windowMs, ofOne, ofAll } = refusalLines;
const allowed = { allowedOrigins: new Set<string>() };

function attemptFrom(address: string, attempt = 'a'.repeat(22)): Attempt {
  return {
    attempt,
    time: 0,
    address,
    origin: 'https://evil.example',
    userAgent: undefined,
    path: '/ws/',
    title: 'Live',
    proxies: [],
    untrustedProxy: undefined,
  };
}

function setUp() {
  const clock = new ManualClock();
  const lines: { fields: Record<string, unknown>; text: string }[] = [];
  const note = (fields: object, text: string): void => {
    lines.push({ fields: fields as Record<string, unknown>, text });
  };
  const log = createAttemptLog({ debug: note, info: note, warn: note, error: note }, clock);
  const refuse = (address: string, attempt?: string): void => {
    const made = attemptFrom(address, attempt);
    log.refused(made, undefined, makeRefusal(made, { name: 'token-missing' }, allowed));
  };
  return { clock, lines, log, refuse };
}

describe('a refusal in the log', () => {
  it('[REF9] is a line with its attempt, its name and its reason', () => {
    const { lines, refuse } = setUp();
    refuse('10.0.0.1');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.text).toMatch(
      /^\[Live\] Connection attempt from user unknown: refused 4401 token-missing \(no credential\): .+/,
    );
    expect(lines[0]?.fields).toMatchObject({ attempt: 'a'.repeat(22), address: '10.0.0.1', name: 'token-missing' });
  });

  it('[REF9] that comes in floods is some lines and then a count, of which nothing is lost', () => {
    const { clock, lines, refuse } = setUp();
    for (let index = 0; index < 5_000; index++) refuse('10.0.0.1', `flood-${index}`.padEnd(22, '-'));
    refuse('10.0.0.2');
    expect(lines).toHaveLength(ofOne + 1);
    expect(lines.at(-1)?.fields, 'another address is heard all the same').toMatchObject({ address: '10.0.0.2' });
    clock.advance(windowMs);
    expect(lines).toHaveLength(ofOne + 2);
    const { fields, text } = lines.at(-1) ?? {};
    expect(text).toMatch(
      new RegExp(
        `^\\[Live\\] ${5_000 - ofOne} more connection attempts from 10.0.0.1: refused 4401 token-missing \\(no credential\\), the newest is flood-4999`,
      ),
    );
    expect(fields).toMatchObject({ count: 5_000 - ofOne, attempt: 'flood-4999'.padEnd(22, '-') });
    refuse('10.0.0.1');
    expect(lines.at(-1)?.text, 'a new window has lines again').toMatch(/refused 4401/);
  });

  it('from everywhere is bounded as well, and still counted whole', () => {
    const { clock, lines, refuse } = setUp();
    const total = 5_000;
    for (let index = 0; index < total; index++) refuse(`10.${index >> 8}.${index & 255}.1`);
    expect(lines).toHaveLength(ofAll);
    clock.advance(windowMs);
    expect(lines.length).toBeLessThanOrEqual(ofAll + ofOne + 1);
    const counted = lines.slice(ofAll).reduce((sum, { fields }) => sum + Number(fields['count']), 0);
    expect(counted).toBe(total - ofAll);
  });

  it('that is counted and not told yet is told when the gateway stops', () => {
    const { lines, log, refuse } = setUp();
    for (let index = 0; index <= ofOne; index++) refuse('10.0.0.1');
    log.stop();
    expect(lines.at(-1)?.text).toMatch(/^\[Live\] 1 more connection attempts from 10\.0\.0\.1/);
    log.stop();
    expect(lines).toHaveLength(ofOne + 1);
  });
});

describe('what becomes of an attempt', () => {
  const attempt = attemptFrom('10.0.0.1');

  it.each(Object.keys(refusals) as RefusalName[])(
    '[REF9] has the words of the page of connections in its line: %s',
    (name) => {
      const { lines, log } = setUp();
      const refusal = makeRefusal(attempt, { name }, allowed);
      log.refused(attempt, 'ada', refusal);
      expect(lines.map(({ text }) => text)).toEqual([
        `[Live] Connection attempt from user ada: refused ${refusal.code} ${name} (${refusalTitle(name)}): ${refusal.reason}`,
      ]);
    },
  );

  it('[REF9] has them also where it left before, and where its session ended', () => {
    const { lines, log } = setUp();
    log.left(attempt, 'ada', { steps: [], decidedMs: 4 });
    expect(lines[0]?.text).toBe('[Live] Connection attempt from user ada: left before it was admitted');
    const reason = 'it took nothing for 30 s';
    expect(endedLine(attempt, 'ada', { code: 4408, name: 'stalled', by: 'gateway', reason })).toBe(
      '[Live] Session of user ada ended 4408 stalled by the gateway (took nothing any more): it took nothing for 30 s',
    );
    expect(endedLine(attempt, 'ada', { code: 1006, name: 'closed', by: 'network', reason: '' })).toBe(
      '[Live] Session of user ada ended 1006 closed by the network (line lost without a goodbye)',
    );
  });
});
