// WebSocket pings at an even pace: how long the way there and back takes, and whether anybody answers.

import { type Check, done, type PingSample, pass, skip, warn } from '../check.ts';
import { shownMs } from '../meaning/clause.ts';
import type { Line } from '../wire/line.ts';

const pings = 16;
/** Between two pings, in milliseconds. */
export const paceMs = 100;
/** How long the last pong is waited for, in milliseconds. */
const patienceMs = 2000;

export const roundTrip: Check = {
  name: 'round-trip',
  title: 'round trip',
  async run(exam) {
    if (exam.budget.left() < 5000) return skip('the time is used up');
    const line = await exam.session();
    if (line === undefined) return skip('there is no session');
    const samples = await measure(line);
    const answered = samples.flatMap(({ sentAt, pongAt }) => (pongAt === undefined ? [] : [pongAt - sentAt]));
    if (answered.length === 0 && line.end === undefined) {
      return done(
        warn({
          id: 'pong-missing',
          hop: 'server',
          found: `none of ${samples.length} WebSocket pings is answered, which every peer must do`,
          cure: 'update that server; until then no client can tell whether the line is dead',
        }),
      );
    }
    const isClosed = line.end?.kind === 'closed' && answered.length > 2;
    if (answered.length < samples.length && !isClosed) {
      return done(
        warn({
          id: 'pong-lost',
          hop: 'network',
          found: `of ${samples.length} WebSocket pings ${samples.length - answered.length} are not answered${line.end === undefined ? ` within ${patienceMs / 1000} s` : ', then the connection is gone'}`,
          cure: 'see what between holds back or cuts the connection: the other checks may name it',
        }),
        { pings: samples },
      );
    }
    answered.sort((one, other) => one - other);
    const at = (part: number): string => shownMs(answered[Math.floor((answered.length - 1) * part)] as number);
    return done(pass(`${at(0.5)} in the middle, ${at(1)} at most`), { pings: samples });
  },
};

async function measure(line: Line): Promise<readonly PingSample[]> {
  const sent: { readonly name: string; readonly sentAt: number }[] = [];
  for (let index = 0; index < pings && line.end === undefined; index++) {
    const name = `doctor-${index}`;
    sent.push({ name, sentAt: performance.now() });
    line.ping(name);
    await new Promise((resolve) => setTimeout(resolve, paceMs));
  }
  const pongOf = (name: string): number | undefined => line.pongs.find(({ text }) => text === name)?.at;
  const isOver = (): true | undefined =>
    line.end !== undefined || sent.every(({ name }) => pongOf(name) !== undefined) ? true : undefined;
  await line.until(isOver, patienceMs);
  return sent.map(({ name, sentAt }) => ({ sentAt, pongAt: pongOf(name) }));
}
