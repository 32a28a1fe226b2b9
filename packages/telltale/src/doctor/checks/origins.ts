// From which pages one gets in: none, the page itself, pages of this machine, a sandboxed one, a hostile one. With the
// main attempt at most five refusals that a gateway explains: half of what it explains to one address in ten seconds
// (RAT1), so that examining twice tells the same twice.

import { probeOrigin, type RefusalName, refusals, type Stage } from '@telltale/protocol';
import { attempt } from '../attempt.ts';
import { type Check, type CheckResult, done, type Exam, fail, type Finding, pass, skip, warn } from '../check.ts';
import { isLoopback, ownOrigin } from '../target.ts';
import type { Place } from '../wire/dial.ts';
import type { HandshakeAsk } from '../wire/handshake.ts';

/** How long a server that need not say anything is listened to, in milliseconds. */
const patienceMs = 600;

/** What kept the main attempt out and may be a matter of the origin. */
const mayBeOrigin =
  /^(?:refused-origin-.*|handshake-40[013]|closed-(?:1008|3003|4403)|handshake-(?:cut|reset)|dropped-at-once|reset-at-once)$/;

interface Row {
  readonly who: string;
  /**
   * `past`: a Telltale gateway refuses it for what comes after the origin; `too-many`: refused for the number of attempts,
   * which says nothing about the origin.
   */
  readonly outcome: 'in' | 'past' | 'out' | 'too-many';
  readonly mode: string | undefined;
}

/** What a Telltale gateway looks at behind the origin in both modes (ADM1); rates come before it in development. */
const behindOrigin: ReadonlySet<Stage> = new Set(['credential', 'permission']);

/** Whether a trouble is a refusal for what comes after the origin. */
function isPast(id: string): boolean {
  const name = id.replace(/^refused-/, '');
  return id === 'credential-eaten' || (id !== name && isBehind(name));
}

function isBehind(name: string): boolean {
  return Object.hasOwn(refusals, name) && behindOrigin.has(refusals[name as RefusalName].stage);
}

export const origins: Check = {
  name: 'origins',
  title: 'origins',
  async run(exam): Promise<CheckResult> {
    const { facts, options, target, budget } = exam;
    const { place, handshake, refusedBy } = facts;
    if (place === undefined || handshake === undefined) return skip('the handshake was not taken');
    const isKeptOut = refusedBy.length > 0;
    // In development the origin is looked at after a credential: without one it is looked at in both modes.
    const isBare = isKeptOut && refusedBy.every(isPast);
    if (isKeptOut && !isBare && !refusedBy.some((id) => mayBeOrigin.test(id))) {
      return skip('the handshake was not taken');
    }
    if (budget.left() < 3000) return skip('the time is used up');
    const port = isLoopback(target.host) ? target.port : 3000;
    const asked: readonly (readonly [string, string | undefined])[] = [
      ['no origin', undefined],
      ['the page', options.origin ?? ownOrigin(target)],
      ['localhost', `http://localhost:${port}`],
      ['127.0.0.1', `http://127.0.0.1:${port}`],
      ['a sandboxed page (null)', 'null'],
      [`a hostile page (${probeOrigin})`, probeOrigin],
    ];
    const rows = await Promise.all(
      asked.map(async ([who, origin]) =>
        origin === options.origin ? known(who, exam) : await tryOrigin(exam, { who, place, origin, isBare }),
      ),
    );
    if (asked.every(([, origin], index) => origin === options.origin || rows[index]?.outcome === 'too-many')) {
      return skip('too many attempts in ten seconds, run it again in a little while');
    }
    return done(judge(rows, exam));
  },
};

/** The main attempt has shown it already. */
function known(who: string, { facts }: Exam): Row {
  const { refusedBy } = facts;
  const outcome = refusedBy.length === 0 ? 'in' : refusedBy.every(isPast) ? 'past' : 'out';
  return { who, outcome, mode: facts.welcome?.mode };
}

async function tryOrigin(
  exam: Exam,
  { who, place, origin, isBare }: { who: string; place: Place; origin: string | undefined; isBare: boolean },
): Promise<Row> {
  const { target, facts, budget } = exam;
  const waitMs = facts.isTelltale ? budget.step() : Math.min(patienceMs, budget.step());
  const asked = exam.ask({ origin });
  const result = await attempt(exam, { place, target, ask: isBare ? bare(asked, exam) : asked, waitMs });
  if (result.kind === 'refused') {
    const { id } = result.trouble;
    const outcome = /429|too-many/.test(id) ? 'too-many' : isBare && isPast(id) ? 'past' : 'out';
    return { who, outcome, mode: undefined };
  }
  result.line.close();
  return { who, outcome: 'in', mode: result.words.kind === 'welcome' ? result.words.welcome.mode : undefined };
}

/** The same without its credential. */
function bare(asked: HandshakeAsk, { target }: Exam): HandshakeAsk {
  const protocols = asked.protocols.filter((name) => !name.startsWith('bearer.'));
  return { ...asked, target: `${target.path}${target.query}`, protocols, bearer: undefined };
}

function judge(rows: readonly Row[], { facts, options }: Exam): readonly Finding[] {
  const [none, page, , , sandboxed, stranger] = rows as [Row, Row, Row, Row, Row, Row];
  const shown = shownRows(rows);
  const mode = rows.find((row) => row.mode !== undefined)?.mode;
  const findings: Finding[] = [];
  if (options.origin !== undefined && page.outcome === 'out' && none.outcome === 'in') {
    findings.push(
      fail({
        id: 'origin-refused',
        hop: 'server',
        found: `without an origin one gets in, and pages of ${options.origin} do not`,
        cure: `add exactly ${options.origin} to the origins that the server allows`,
        explains: facts.refusedBy.filter((id) => !id.startsWith('refused-')),
      }),
    );
  }
  const rewritten = [stranger, sandboxed].find(({ outcome }) => outcome === 'past');
  if (rewritten !== undefined) {
    findings.push(
      fail({
        id: 'origin-hostile-accepted',
        hop: 'proxy',
        found: `${rewritten.who} is not refused for its origin, so with a credential any page that a person visits can connect in that person’s name`,
        cure: 'let the proxy pass the header Origin on as it comes',
      }),
    );
    return findings;
  }
  const intruder = [stranger, sandboxed].find(({ outcome }) => outcome === 'in');
  if (intruder !== undefined && mode === 'development') {
    return [...findings, pass(`${shown}; development lets a good token in from anywhere, production does not`)];
  }
  if (intruder !== undefined) {
    const isProduction = mode === 'production';
    findings.push(
      (isProduction ? fail : warn)({
        id: intruder === stranger ? 'origin-hostile-accepted' : 'origin-null-accepted',
        // A gateway never does so by itself: somebody changes the header on its way.
        hop: isProduction ? 'proxy' : 'server',
        found: `${intruder.who} gets in as well, so any page that a person visits can connect in that person’s name`,
        cure: isProduction
          ? 'let the proxy pass the header Origin on as it comes'
          : 'let the server compare the header Origin with a list of allowed ones, unless everybody may read what it says',
      }),
    );
  }
  return findings.length > 0 ? findings : [pass(shown)];
}

function shownRows(rows: readonly Row[]): string {
  const parts = (
    [
      ['in', 'let in'],
      ['past', 'not refused for it'],
      ['out', 'refused'],
      ['too-many', 'not judged for too many attempts'],
    ] as const
  ).flatMap(([outcome, words]) => {
    const names = rows.filter((row) => row.outcome === outcome).map(({ who }) => who);
    return names.length === 0 ? [] : [`${words}: ${names.join(', ')}`];
  });
  return parts.join('; ');
}
