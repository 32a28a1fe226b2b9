// A plain request to the same address: who answers there, and in which protocol. Carries no credential and no origin,
// so that it counts against nobody's budget.

import { type Check, done, type Exam, type Facts, pass, skip, type Trouble } from '../check.ts';
import { alienTrouble } from '../meaning/handshake.ts';
import { dialTrouble } from '../meaning/dial.ts';
import { clockAheadOf } from '../meaning/server-clock.ts';
import { softwareOf } from '../meaning/software.ts';
import { gatewayWord } from '../meaning/telltale.ts';
import type { Place } from '../wire/dial.ts';
import { isTlsComplaint } from './tls.ts';

export const http: Check = {
  name: 'http',
  title: 'HTTP',
  async run(exam) {
    const { facts, target, wire } = exam;
    const { place } = facts;
    if (place === undefined) return skip('nothing could be asked');
    const sentAt = Date.now();
    const baseline = await wire.get(place, target.path, target.authority);
    const receivedAt = Date.now();
    switch (baseline.kind) {
      case 'failed':
        return done(dialTrouble(baseline, target), { place: undefined });
      case 'alien':
        return done(alienTrouble(baseline.alien, { hop: 'server', what: 'a request' }), { place: undefined });
      case 'ended':
      case 'silent': {
        const trouble =
          baseline.kind === 'ended' && baseline.how === 'tls'
            ? dialTrouble({ kind: 'failed', stage: 'tls', code: baseline.code }, target)
            : await tlsTrouble(exam, place);
        if (trouble !== undefined) return done(trouble, { place: undefined });
        const what =
          baseline.kind === 'silent' ? 'no answer to a plain request' : 'a plain request ends the connection';
        return done(pass(`${what}; the handshake decides`), { baseline });
      }
      case 'answer':
        break;
    }
    const { head, body } = baseline;
    if (!place.isTls && head.status === 400 && isTlsComplaint(body)) {
      return done(alienTrouble('TLS', { hop: 'address', what: '' }), { place: undefined });
    }
    const software = softwareOf(head);
    const isTelltale = gatewayWord(body) !== undefined;
    const clockAheadMs = clockAheadOf(head, (sentAt + receivedAt) / 2);
    const learned: Partial<Facts> = { baseline, software, isTelltale, clockAheadMs };
    const who = isTelltale
      ? `a Telltale gateway${software?.isProxy === true ? ` behind ${software.name}` : ''}`
      : (software?.name ?? 'a server that does not name itself');
    return done(pass(`${who} answers a plain request (${head.status})`), learned);
  },
};

/** Whether who says nothing to a plain request would speak TLS. */
async function tlsTrouble({ wire, budget }: Exam, place: Place): Promise<Trouble | undefined> {
  if (place.isTls || budget.left() < 2000) return undefined;
  const dialled = await wire.connect({ ...place, isTls: true });
  if (dialled.kind === 'failed') return undefined;
  dialled.socket.destroy();
  return alienTrouble('TLS', { hop: 'address', what: '' });
}
