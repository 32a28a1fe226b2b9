// Tickets: good once, for thirty seconds, from the origin they were bought from.

import { describe, expect, it } from 'vitest';
import { startEdge } from '../testing/edge.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { Verified } from '../types.ts';
import { makeIdentity } from './credential.ts';
import { createTickets } from './ticket.ts';

const page = 'https://ops.example.com';
const identity = makeIdentity({ issuer: 'telltale', subject: 'ada', kind: 'user', scope: 'operator', name: 'Ada' });

describe('[ADM10] a ticket', () => {
  it('is spent once, and stands for who bought it', () => {
    const tickets = createTickets(new ManualClock());
    const { ticket } = tickets.issue({ identity, sid: 's1' }, page);
    expect(ticket).toMatch(/^[\w-]{43}$/);
    expect(tickets.spend(ticket, page)).toEqual({ kind: 'spent', identity, sid: 's1' });
    expect(tickets.spend(ticket, page)).toEqual({ kind: 'unknown' });
  });

  it('ends after 30 s by a clock that cannot be set', () => {
    const clock = new ManualClock();
    const tickets = createTickets(clock);
    const early = tickets.issue({ identity }, page);
    expect(early.expiresAt).toBe(clock.now() + 30_000);
    clock.advance(29_999);
    expect(tickets.spend(early.ticket, page).kind).toBe('spent');
    const late = tickets.issue({ identity }, page);
    clock.advance(30_000);
    expect(tickets.spend(late.ticket, page).kind).toBe('unknown');
  });

  it.each([
    [page, 'https://evil.example'],
    [page, undefined],
    [undefined, page],
  ])('bought from %s is refused from %s, and used up by the try', (bought, used) => {
    const tickets = createTickets(new ManualClock());
    const { ticket } = tickets.issue({ identity }, bought);
    expect(tickets.spend(ticket, used).kind).toBe('other-origin');
    expect(tickets.spend(ticket, bought).kind).toBe('unknown');
  });

  it('is not found by guessing, and old ones make room', () => {
    const tickets = createTickets(new ManualClock(), 100);
    const first = tickets.issue({ identity }, page).ticket;
    for (const guess of ['', 'x', '__proto__', 'A'.repeat(43), first.slice(1), `${first}A`]) {
      expect(tickets.spend(guess, page).kind).toBe('unknown');
    }
    for (let index = 0; index < 100; index += 1) tickets.issue({ identity }, page);
    expect(tickets.spend(first, page).kind, 'the oldest of 101').toBe('unknown');
  });

  it('used by 100 upgrades at once admits exactly one', async () => {
    await using edge = await startEdge({
      mode: 'production',
      allowedOrigins: [page],
      limits: { explainedRefusals: 200 },
    });
    const { ticket } = edge.policy.tickets.issue({ identity }, page);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => edge.open(`/ws/?ticket=${ticket}`, { origin: page })),
    );
    const admitted = all.filter(({ first }) => first?.type === 'welcome');
    expect(admitted).toHaveLength(1);
    expect(admitted[0]?.first).toMatchObject({ identity: { id: identity.id, scope: 'operator', name: 'Ada' } });
    const names = all.filter(({ first }) => first?.type === 'refused').map(({ first }) => first?.name);
    expect(names).toEqual(Array<string>(99).fill('ticket-unknown'));
  });

  it('of somebody whose session ended since, or whose token expired, is refused', async () => {
    let verified: Verified = { kind: 'refused', name: 'token-session-ended' };
    const authorize = (): Verified => verified;
    await using edge = await startEdge({ mode: 'production', credentials: { secret: 'x'.repeat(32), authorize } });
    const open = (more: object = {}): ReturnType<typeof edge.open> =>
      edge.open(`/ws/?ticket=${edge.policy.tickets.issue({ identity: { ...identity, ...more } }, undefined).ticket}`);
    expect(JSON.parse((await open()).body)).toMatchObject({ name: 'token-session-ended' });
    expect(JSON.parse((await open({ expiresAt: Date.now() - 1 })).body)).toMatchObject({ code: 4419 });
    verified = { kind: 'identity', issuer: 'telltale', subject: 'ada', scope: 'viewer' };
    expect((await open()).first, 'the store decides').toMatchObject({ identity: { scope: 'viewer' } });
  });
});
