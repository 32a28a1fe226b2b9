// TLS: whether it is spoken, and whether a browser would trust the certificate.

import { type Check, done, type Exam, fail, pass, skip, type Trouble, warn } from '../check.ts';
import { span } from '../meaning/clause.ts';
import { dialTrouble } from '../meaning/dial.ts';
import type { Place, TlsState } from '../wire/dial.ts';

const dayMs = 86_400_000;
/** A certificate that lasts no longer than this is about to be missed, in milliseconds. */
const soonMs = 14 * dayMs;

export const tls: Check = {
  name: 'tls',
  title: 'TLS',
  async run(exam) {
    const { facts, target, wire } = exam;
    const { place } = facts;
    if (!target.isTls) return skip();
    if (place === undefined) return skip('nothing takes a connection');
    const dialled = await wire.connect(place);
    if (dialled.kind === 'failed') {
      const plain = dialled.stage === 'tls' ? await plainTrouble(exam, place) : undefined;
      return done(plain ?? dialTrouble(dialled, target), { place: undefined });
    }
    dialled.socket.destroy();
    const state = dialled.tls as TlsState;
    const faults = certificateFaults(state, exam);
    const [first] = faults;
    if (first !== undefined) {
      const found = faults.map((fault) => fault.found).join('; ');
      // A credential is told to nobody who cannot prove to be the right one.
      return done({ ...first, found }, { place: undefined });
    }
    const leftMs = state.validTo - Date.now();
    const shown = `${state.version}, certificate of ${state.issuer} for ${state.subject}, valid for ${span(leftMs)}`;
    if (leftMs > Math.min(soonMs, (state.validTo - state.validFrom) / 5)) return done(pass(shown));
    return done(
      warn({
        id: 'tls-expires-soon',
        hop: 'tls',
        found: `the certificate expires in ${span(leftMs)}`,
        cure: 'renew it, and see why that does not happen by itself',
      }),
    );
  },
};

function certificateFaults({ chainFault, otherNames, validFrom, validTo }: TlsState, { target }: Exam): Trouble[] {
  const faults: Trouble[] = [];
  if (chainFault !== undefined) {
    const trouble = dialTrouble({ kind: 'failed', stage: 'tls', code: chainFault }, target);
    const date = (time: number): string => new Date(time).toISOString().slice(0, 10);
    const when =
      trouble.id === 'tls-expired'
        ? ` (${date(validTo)})`
        : trouble.id === 'tls-not-yet-valid'
          ? ` (from ${date(validFrom)} on)`
          : '';
    faults.push({ ...trouble, found: `${trouble.found}${when}` });
  }
  if (otherNames !== undefined) {
    const trouble = dialTrouble({ kind: 'failed', stage: 'tls', code: 'OTHER_NAME' }, target);
    faults.push({ ...trouble, found: `the certificate is for ${otherNames}, not for ${target.host}` });
  }
  return faults;
}

/** Whether the same port speaks plain HTTP: then the scheme is wrong, or the port. */
async function plainTrouble({ wire, target, budget }: Exam, place: Place): Promise<Trouble | undefined> {
  if (budget.left() < 2000) return undefined;
  const answer = await wire.get({ ...place, isTls: false }, target.path, target.authority);
  if (answer.kind !== 'answer') return undefined;
  // Servers that speak TLS have an answer of their own to plain requests.
  if (answer.head.status === 400 && isTlsComplaint(answer.body)) return undefined;
  return fail({
    id: 'tls-to-plain',
    hop: 'address',
    found: `${target.authority} speaks plain HTTP, and the address begins with wss://`,
    cure: `use ws://${target.authority}${target.path} on this machine, or the port where TLS is spoken`,
  });
}

/** What servers answer to a plain request at a port for TLS. */
export function isTlsComplaint(body: string): boolean {
  return /plain HTTP request was sent to HTTPS|speaking plain HTTP to an SSL|HTTP request to an HTTPS server/i.test(
    body,
  );
}
