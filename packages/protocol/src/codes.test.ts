import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeText } from './close-text.ts';
import { codeRule, codes, ends, refusals, refusalStatus, type RefusalName, retriesByItself, stages } from './codes.ts';

describe('the table of codes', () => {
  it('[COD1] gives each name of a refusal or end one code of the table', () => {
    for (const [name, { code, stage }] of Object.entries(refusals)) {
      expect(codes, name).toHaveProperty(String(code));
      expect(stages, name).toContain(stage);
      expect(refusalStatus(name as RefusalName), name).toBeGreaterThanOrEqual(400);
    }
    for (const [name, { code }] of Object.entries(ends)) expect(codes, name).toHaveProperty(String(code));
    expect(
      Object.keys(refusals).filter(
        (name) => name in ends && name !== 'token-expired' && name !== 'token-revoked' && name !== 'account-disabled',
      ),
    ).toEqual([]);
  });

  it('[COD2] says backoff for a code it does not know', () => {
    for (const code of [1005, 1010, 1013, 1014, 3000, 4001, 4999]) {
      expect(codeRule(code)).toEqual({ name: 'unknown', retry: 'backoff' });
      expect(retriesByItself(code)).toBe(true);
    }
    for (const code of [1002, 1003, 1007, 1009, 4400, 4403, 4404, 4409, 4410])
      expect(retriesByItself(code)).toBe(false);
  });

  it('[REF3] gives each refusal an HTTP status', () => {
    expect(refusalStatus('token-expired')).toBe(401);
    expect(refusalStatus('token-missing')).toBe(401);
    expect(refusalStatus('version-unsupported')).toBe(426);
    expect(refusalStatus('method-not-get')).toBe(405);
    expect(refusalStatus('origin-not-allowed')).toBe(403);
    expect(refusalStatus('too-many-attempts')).toBe(429);
    expect(refusalStatus('credential-unchecked')).toBe(503);
  });

  it('[REF6] cuts a close reason at 123 bytes, never inside a character', () => {
    expect(closeText('replaced', '')).toBe('replaced');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (reason) => {
        const text = closeText('name', reason);
        expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(123);
        expect(`name: ${reason}`.startsWith(text) || text === 'name').toBe(true);
        expect(text).not.toMatch(/[\ud800-\udbff]$/);
      }),
    );
  });
});
