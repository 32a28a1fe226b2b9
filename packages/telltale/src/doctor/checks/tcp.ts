// TCP to every address of the name: which take a connection, and how long that takes.

import { isIP } from 'node:net';
import { type Check, done, type Exam, fail, pass, skip, type Trouble, warn } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';
import { dialTrouble } from '../meaning/dial.ts';
import type { DialFailure } from '../wire/dial.ts';

/** As many addresses as are tried. */
const most = 8;

interface Tried {
  readonly address: string;
  readonly tcpMs: number | undefined;
  readonly failure: DialFailure | undefined;
}

export const tcp: Check = {
  name: 'tcp',
  title: 'TCP',
  async run(exam) {
    const { target, facts } = exam;
    const { addresses } = facts;
    if (addresses.length === 0) return skip('the name has no address');
    // Browsers take localhost for both, whatever this machine's table of hosts says.
    const others = target.host === 'localhost' ? ['127.0.0.1', '::1'].filter((each) => !addresses.includes(each)) : [];
    const tried = await Promise.all([...addresses, ...others].slice(0, most).map((each) => tryAddress(each, exam)));
    const isOwn = ({ address }: Tried): boolean => addresses.includes(address);
    const reached = tried.find((each) => each.failure === undefined && isOwn(each));
    const shown = tried
      .filter((each) => isOwn(each) || each.failure === undefined)
      .map(shownOutcome)
      .join('; ');
    if (reached === undefined) {
      const other = tried.find(({ failure }) => failure === undefined);
      const first = tried[0] as Tried;
      return done(other === undefined ? refusedAll(first, exam) : elsewhere(first, other));
    }
    const { host, port, isTls } = target;
    const place = { address: reached.address, host, port, isTls };
    const dead = tried.filter((each) => isOwn(each) && each.failure !== undefined && !isOurs(each));
    if (dead.length === 0) return done(pass(shown), { place });
    return done(
      warn({
        id: 'tcp-partly',
        hop: 'server',
        found: `of the addresses of ${host} not all take a connection (${shown}), so some clients fail or wait first`,
        cure: `listen at ${dead.map((each) => each.address).join(' and ')} too, or take it out of the name`,
      }),
      { place },
    );
  },
};

async function tryAddress(address: string, { target, wire }: Exam): Promise<Tried> {
  const { host, port } = target;
  const dialled = await wire.connect({ address, host, port, isTls: false });
  if (dialled.kind === 'failed') return { address, tcpMs: undefined, failure: dialled };
  dialled.socket.destroy();
  return { address, tcpMs: dialled.tcpMs, failure: undefined };
}

/** A machine without IPv6 reaches no such address; that is nothing of the server's. */
function isOurs({ address, failure }: Tried): boolean {
  return isIP(address) === 6 && /^(?:ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT)$/.test(failure?.code ?? '');
}

function shownOutcome({ address, tcpMs, failure }: Tried): string {
  if (tcpMs !== undefined) return `${address} answers in ${shownMs(tcpMs)}`;
  const words: Readonly<Record<string, string>> = { ECONNREFUSED: 'refuses', SILENT: 'is silent' };
  return `${address} ${words[failure?.code ?? ''] ?? `fails with ${failure?.code}`}`;
}

function refusedAll({ failure }: Tried, { target }: Exam): Trouble {
  return dialTrouble(failure as DialFailure, target);
}

function elsewhere(first: Tried, other: Tried): Trouble {
  return fail({
    id: 'tcp-other-loopback',
    hop: 'address',
    found: `localhost is ${first.address} here, where nothing listens; the server listens at ${other.address} alone`,
    cure: `write ${other.address} in the address, or let the server listen at both`,
  });
}
