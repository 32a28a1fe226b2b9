// The bounds of admission, by a clock moved by hand.

import { describe, expect, it } from 'vitest';
import { startEdge } from '../testing/edge.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { signToken } from '../testing/tokens.ts';
import { addressKey, createAddressOf } from './address.ts';
import { createRates, type Entry, type Place } from './rates.ts';

const wide = {
  maxSessions: 1e6,
  maxSessionsPerAddress: 1e6,
  maxSessionsPerIdentity: 2,
  admissionsPerSecond: 1e6,
  explainedRefusals: 10,
  openRefusals: 200,
};

const held = (entry: Entry): Place => {
  if (entry.kind !== 'held') throw new Error(`expected a place, found ${entry.kind}`);
  return entry.place;
};

describe('[RAT2] over the rate of admissions', () => {
  it('each is told a time of its own, and those who come then are let in', () => {
    const clock = new ManualClock();
    const rates = createRates({ ...wide, admissionsPerSecond: 100 }, clock);
    const waits: number[] = [];
    for (let index = 0; index < 400; index += 1) {
      const entry = rates.enter('10.0.0.1');
      if (entry.kind === 'queue') waits.push(entry.retryAfterMs);
    }
    expect(waits).toHaveLength(380);
    expect(new Set(waits).size).toBe(380);
    expect(Math.max(...waits)).toBeLessThanOrEqual(4_810);
    let elapsed = 0;
    for (const wait of waits) {
      clock.advance(wait - elapsed);
      elapsed = wait;
      expect(rates.enter('10.0.0.1').kind).toBe('held');
    }
  });

  it('no second has more than its own and a fifth', () => {
    const clock = new ManualClock();
    const rates = createRates({ ...wide, admissionsPerSecond: 100 }, clock);
    clock.advance(60_000);
    let count = 0;
    for (let ms = 0; ms < 1_000; ms++) {
      for (let index = 0; index < 3; index++) if (rates.enter('10.0.0.1').kind === 'held') count++;
      clock.advance(1);
    }
    expect(count).toBeGreaterThanOrEqual(118);
    expect(count).toBeLessThanOrEqual(120);
  });

  it('nobody is sent away for more than a minute, however many come', () => {
    const clock = new ManualClock();
    const rates = createRates({ ...wide, admissionsPerSecond: 10 }, clock);
    const waits = Array.from({ length: 5_000 }, () => rates.enter('10.0.0.1')).flatMap((entry) =>
      entry.kind === 'queue' ? [entry.retryAfterMs] : [],
    );
    expect(waits).toHaveLength(4_998);
    expect(Math.max(...waits)).toBeLessThanOrEqual(60_000);
    expect(new Set(waits.slice(-1_000)).size, 'the rest is spread').toBeGreaterThan(500);
  });

  it('who is refused for another reason takes nobody’s share', async () => {
    await using edge = await startEdge({ mode: 'production', limits: { admissionsPerSecond: 1 } });
    for (let index = 0; index < 5; index += 1) expect((await edge.open('/ws/?token=garbage')).status).toBe(401);
    const token = await signToken();
    expect((await edge.open(`/ws/?token=${token}`)).first).toMatchObject({ type: 'welcome' });
    const over = await edge.open(`/ws/?token=${token}`);
    expect(over.status).toBe(503);
    expect(JSON.parse(over.body)).toMatchObject({ name: 'admission-queue', retry: true });
  });
});

describe('places', () => {
  it('in all and per address are given back once', () => {
    const rates = createRates({ ...wide, maxSessions: 3, maxSessionsPerAddress: 2 }, new ManualClock());
    const one = held(rates.enter('10.0.0.1'));
    held(rates.enter('10.0.0.1'));
    expect(rates.enter('10.0.0.1').kind).toBe('address-full');
    held(rates.enter('10.0.0.2'));
    expect(rates.enter('10.0.0.3').kind).toBe('full');
    one.release();
    one.release();
    expect(rates.sessions).toBe(2);
    held(rates.enter('10.0.0.1'));
    expect(rates.enter('10.0.0.1').kind).toBe('full');
  });

  it('of an identity go with it, wherever it comes from', () => {
    const rates = createRates({ ...wide, maxSessionsPerIdentity: 1 }, new ManualClock());
    const one = held(rates.enter('10.0.0.1'));
    const other = held(rates.enter('10.0.0.2'));
    expect([one.enterAs('ana'), other.enterAs('ana'), other.enterAs('ben')]).toEqual([true, false, true]);
    one.release();
    one.release();
    expect(held(rates.enter('10.0.0.3')).enterAs('ana')).toBe(true);
    expect(held(rates.enter('10.0.0.3')).enterAs('ben')).toBe(false);
  });

  it('per identity are released with the session', async () => {
    await using edge = await startEdge({ mode: 'production', limits: { maxSessionsPerIdentity: 1 } });
    const path = `/ws/?token=${await signToken()}`;
    const first = await edge.open(path);
    const second = await edge.open(path);
    expect(second.status).toBe(429);
    expect(JSON.parse(second.body)).toMatchObject({ name: 'too-many-sessions', stage: 'rate' });
    expect((await edge.open(`/ws/?token=${await signToken({ claims: { sub: 'bob' } })}`)).first).toBeDefined();
    first.ws.close();
    await new Promise((resolve) => first.ws.once('close', resolve));
    expect((await edge.open(path)).first).toMatchObject({ type: 'welcome' });
  });

  it('none are left while stopping, and all are told when to come back', async () => {
    await using edge = await startEdge({ mode: 'production', isStopping: () => true });
    const refused = await edge.open(`/ws/?token=${await signToken()}`);
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.body)).toMatchObject({
      name: 'stopping',
      retry: true,
      retryAfterMs: expect.any(Number) as number,
    });
  });
});

describe('[RAT1] explained refusals', () => {
  it('are ten per address in any ten seconds', () => {
    const clock = new ManualClock();
    const rates = createRates(wide, clock);
    const explained = (address: string): boolean => {
      const hold = rates.explain(address);
      hold?.release();
      return hold !== undefined;
    };
    for (let index = 0; index < 10; index += 1) {
      expect(explained('10.0.0.1')).toBe(true);
      clock.advance(500);
    }
    expect(explained('10.0.0.1')).toBe(false);
    expect(explained('10.0.0.2')).toBe(true);
    clock.advance(4_999);
    expect(explained('10.0.0.1')).toBe(false);
    clock.advance(1);
    expect(explained('10.0.0.1'), 'the first is 10 s old').toBe(true);
    expect(explained('10.0.0.1'), 'the second is not').toBe(false);
  });

  it('are 200 open at once', () => {
    const rates = createRates(wide, new ManualClock());
    const holds = Array.from({ length: 200 }, (_, index) => rates.explain(`10.0.1.${index}`));
    expect(holds.every((hold) => hold !== undefined)).toBe(true);
    expect(rates.explain('10.0.2.1')).toBeUndefined();
    holds[0]?.release();
    expect(rates.explain('10.0.2.1')).toBeDefined();
  });
});

describe('the address that counts', () => {
  it.each([
    [[], '10.0.0.1', ['6.6.6.6'], '10.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', ['1.2.3.4'], '1.2.3.4'],
    [['10.0.0.0/8'], '10.0.0.1', ['6.6.6.6, 1.2.3.4, 10.9.9.9'], '1.2.3.4'],
    [['10.0.0.0/8'], '10.0.0.1', ['6.6.6.6', '1.2.3.4'], '1.2.3.4'],
    [['10.0.0.0/8'], '11.0.0.1', ['1.2.3.4'], '11.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', ['nonsense'], '10.0.0.1'],
    [['10.0.0.0/8'], '10.0.0.1', [], '10.0.0.1'],
    [['::1', '127.0.0.1'], '::ffff:127.0.0.1', ['[2001:db8::1]:4711'], '2001:db8::1'],
    [['fd00::/8'], 'fd00::1', ['1.2.3.4:567'], '1.2.3.4'],
    [[], '', [], 'unknown'],
  ])('trusting %j, a socket from %s that says %j is %s', (trusted, socket, forwarded, address) => {
    expect(createAddressOf(trusted)(socket, forwarded).address).toBe(address);
  });

  it('is told with the trusted proxies between, nearest last, and whether the peer is one', () => {
    const addressOf = createAddressOf(['10.0.0.0/8']);
    expect(addressOf('10.0.0.1', ['6.6.6.6, 1.2.3.4, 10.9.9.9'])).toEqual({
      address: '1.2.3.4',
      proxies: ['10.9.9.9', '10.0.0.1'],
      isByProxy: true,
    });
    expect(addressOf('11.0.0.1', ['1.2.3.4'])).toEqual({ address: '11.0.0.1', proxies: [], isByProxy: false });
    expect(addressOf('10.0.0.1', [])).toEqual({ address: '10.0.0.1', proxies: [], isByProxy: true });
  });

  it.each(['10.0.0.0/33', 'proxy.local', '10.0.0.0/8/8', '10.0.0.0/-1', ''])('%j is no trusted proxy', (entry) => {
    expect(() => createAddressOf([entry])).toThrow(/expected an address or range such as 10\.0\.0\.0\/8/);
  });

  it('of IPv6 is the network of 64 bits', () => {
    expect(addressKey('2001:db8:1:2:3::4')).toBe(addressKey('2001:0db8:1:2::'));
    expect(addressKey('2001:db8:1:3::1')).not.toBe(addressKey('2001:db8:1:2::1'));
    expect(addressKey('::1')).toBe('0:0:0:0::/64');
    expect(addressKey('1.2.3.4')).toBe('1.2.3.4');
  });
});
