import { describe, expect, it } from 'vitest';
import type { Cause, ConnectionState } from '../../live/connection.ts';
import { sample } from '../machine/testing/sample.ts';
import { lampsOf, masterOf, type LampQuestion } from './lamps-model.ts';

const cause: Cause = { code: 1006, name: 'x', reason: '', hint: '', next: 'retry', wasClean: false, attempt: 'a' };
const open = { kind: 'open' } as ConnectionState;

describe('lamps', () => {
  const ask = (more: Partial<LampQuestion>): ReturnType<typeof lampsOf> =>
    lampsOf({
      line: open,
      roundTripMs: 38,
      samples: [sample(1_000)],
      sourceSilent: true,
      agents: { light: 'dark', says: '3 live', cause: '/agents' },
      refused: [],
      now: 1_400,
      behind: 0,
      plainHttp: false,
      ...more,
    });
  const waiting: ConnectionState = { kind: 'waiting', attempt: 'a', tries: 1, retryAt: 0, cause };

  it('are all dark when all is well', () => {
    expect(ask({}).every(({ light }) => light === 'dark')).toBe(true);
    expect(masterOf(ask({}))).toEqual({ light: 'dark', count: 0, noun: 'cautions' });
  });

  it('are hatched without a line, except the hub’s own', () => {
    const [hub, ...others] = ask({ line: waiting });
    expect(hub).toMatchObject({ light: 'crit', says: 'No answer' });
    expect(others.every(({ light, says }) => light === 'unknown' && says === 'Unknown')).toBe(true);
    expect(masterOf(ask({ line: waiting }))).toEqual({ light: 'crit', count: 1, noun: 'warning' });
  });

  it('do not let the master lamp say that all is well when nobody can know', () => {
    const offline: ConnectionState = { kind: 'offline', since: 0, cause };
    expect(masterOf(ask({ line: offline }))).toMatchObject({ light: 'unknown', noun: 'unknown' });
  });

  it('keep their places when the line is lost', () => {
    expect(ask({ line: waiting }).map(({ legend }) => legend)).toEqual(ask({}).map(({ legend }) => legend));
  });

  it('tell a silent source from a silent hub, and know nothing of its machine', () => {
    const lamps = ask({ now: 30_000 });
    expect(lamps.find(({ id }) => id === 'hub')?.light).toBe('dark');
    expect(lamps.find(({ id }) => id === 'source')).toMatchObject({ light: 'crit', says: 'Silent, 29 s ago' });
    expect(lamps.find(({ id }) => id === 'memory')?.light).toBe('unknown');
  });

  it('know nothing while nothing at all is heard, though the line is open', () => {
    const lamps = ask({ now: 30_000, sourceSilent: false });
    expect(lamps.find(({ id }) => id === 'hub')).toMatchObject({ light: 'unknown', says: 'Nothing heard' });
    expect(lamps.find(({ id }) => id === 'source')?.light).toBe('unknown');
    expect(masterOf(lamps).light).toBe('unknown');
  });

  it('light for what a person should see: delivery, plain HTTP, a refusal', () => {
    expect(ask({ behind: 2 }).find(({ id }) => id === 'delivery')).toMatchObject({
      light: 'warn',
      says: '2 sessions behind',
      cause: '/connections',
    });
    expect(ask({ plainHttp: true }).find(({ id }) => id === 'transport')?.light).toBe('warn');
    const closed: ConnectionState = { kind: 'closed', cause: { ...cause, code: 4403 } };
    expect(ask({ line: closed })[0]).toMatchObject({ light: 'refused', says: 'Refused, 4403' });
    const ended: ConnectionState = { ...closed, cause: { ...closed.cause, code: 4401, name: 'token-session-ended' } };
    expect(ask({ line: ended })[0]).toMatchObject({ light: 'refused', says: 'Login ended' });
  });

  it('count a machine that was refused as a caution, since nothing of this hub has failed', () => {
    const lamps = ask({ agents: { light: 'refused', says: 'web-2: refused', cause: '/agents?state=refused' } });
    expect(lamps.find(({ id }) => id === 'agents')).toMatchObject({ light: 'refused', cause: '/agents?state=refused' });
    expect(masterOf(lamps)).toEqual({ light: 'warn', count: 1, noun: 'caution' });
    expect(masterOf(ask({ agents: undefined })).light).toBe('unknown');
  });

  it('lead to what was refused, and count it as a caution', () => {
    const storm = { name: 'origin-not-allowed', code: 4403, last: 1_000, count: 128, hasCure: true };
    const lamps = ask({ refused: [storm] });
    expect(lamps.find(({ id }) => id === 'refusals')).toMatchObject({
      light: 'refused',
      says: '4403, 128 times',
      cause: '/connections',
    });
    expect(masterOf(lamps)).toEqual({ light: 'warn', count: 1, noun: 'caution' });
    expect(masterOf(ask({ refused: 'unread' })).light).toBe('unknown');
  });

  it('of things this person may not see are not there', () => {
    expect(ask({ behind: undefined }).some(({ id }) => id === 'delivery')).toBe(false);
    expect(ask({ refused: undefined }).some(({ id }) => id === 'refusals')).toBe(false);
  });
});
