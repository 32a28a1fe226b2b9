import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf, whyUnsound } from './soundness.mjs';

const run = { seconds: 2, ownSeconds: 1, foreignSeconds: 0.2, wrong: 0, failed: 0 };

test('a run says what is wrong with it', () => {
  assert.deepEqual(faultsOf(run), []);
  assert.deepEqual(faultsOf({ ...run, ownSeconds: 1.95, wrong: 3, failed: 1 }), [
    'THE GENERATOR IS THE LIMIT',
    '3 OUT OF ORDER',
    '1 FAILED',
  ]);
});

test('one message out of order, or one connection that failed, and nothing of the scenario is kept', () => {
  assert.equal(whyUnsound([run, run]), undefined);
  assert.match(whyUnsound([run, { ...run, wrong: 1 }]), /^1 messages came out of order, expected none/);
  assert.match(whyUnsound([{ ...run, failed: 2 }, run]), /^2 connections failed, expected none/);
});

test('a machine on which others were busy in most runs is not measured on', () => {
  const busy = { ...run, foreignSeconds: 1 };
  assert.equal(whyUnsound([run, run, busy]), undefined);
  assert.match(whyUnsound([run, busy, busy]), /^others had 50 % of a core, expected at most 40 %/);
});

test('idle viewers say nothing of the others, but whether they are all there', () => {
  assert.equal(whyUnsound([{ viewers: 20, failed: 0 }]), undefined);
  assert.match(whyUnsound([{ viewers: 19, failed: 1 }]), /1 connections failed/);
});
