// From which pages one gets in: none, the page itself, pages of this machine, a sandboxed one, a hostile one. Six attempts,
// of which a gateway explains at most five refusals: half of what it explains to one address in ten seconds (RAT1).

import { attempt, type AttemptOutcome } from '../attempt.ts';
import { type Check, type CheckResult, done, type Exam, fail, type Finding, pass, skip, warn } from '../check.ts';
import { isLoopback, ownOrigin } from '../target.ts';
import type { Place } from '../wire/dial.ts';

/** A name that nobody can own (RFC 2606). */
const hostile = 'https://hostile.example';

/** How long a server that need not say anything is listened to, in milliseconds. */
const patienceMs = 600;

/** What kept the main attempt out and may be a matter of the origin. */
const mayBeOrigin =
  /^(?:refused-origin-.*|handshake-40[013]|closed-(?:1008|3003|4403)|handshake-(?:cut|reset)|dropped-at-once|reset-at-once)$/;

interface Row {
  readonly who: string;
  readonly origin: string | undefined;
  readonly outcome: AttemptOutcome;
}

export const origins: Check = {
  name: 'origins',
  title: 'origins',
  async run(exam): Promise<CheckResult> {
    const { facts, options, target, budget } = exam;
    const { place, handshake, refusedBy } = facts;
    if (place === undefined || handshake === undefined) return skip('the handshake was not taken');
    if (refusedBy.length > 0 && !refusedBy.some((id) => mayBeOrigin.test(id))) {
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
      [`a hostile page (${hostile})`, hostile],
    ];
    const rows = await Promise.all(
      asked.map(async ([who, origin]): Promise<Row> => ({
        who,
        origin,
        outcome: await tryOrigin(exam, place, origin),
      })),
    );
    return done(judge(rows, exam));
  },
};

async function tryOrigin(exam: Exam, place: Place, origin: string | undefined): Promise<AttemptOutcome> {
  const { target, facts, budget } = exam;
  const waitMs = facts.isTelltale ? budget.step() : Math.min(patienceMs, budget.step());
  const outcome = await attempt(exam, { place, target, ask: exam.ask({ origin }), waitMs });
  if (outcome.kind === 'begun') outcome.line.close();
  return outcome;
}

function judge(rows: readonly Row[], { facts, options }: Exam): readonly Finding[] {
  const isIn = ({ outcome }: Row): boolean => outcome.kind === 'begun';
  const [none, page, , , sandboxed, stranger] = rows as [Row, Row, Row, Row, Row, Row];
  const shown = `let in: ${listed(rows.filter(isIn))}; refused: ${listed(rows.filter((row) => !isIn(row)))}`;
  const mode = facts.welcome?.mode ?? welcomeMode(rows);
  const findings: Finding[] = [];
  if (options.origin !== undefined && !isIn(page) && isIn(none) && !isOver(page)) {
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
  if (isIn(stranger) || isIn(sandboxed)) {
    const [row, id] = isIn(stranger)
      ? ([stranger, 'origin-hostile-accepted'] as const)
      : ([sandboxed, 'origin-null-accepted'] as const);
    if (mode === 'development') {
      return [...findings, pass(`${shown}; development lets a good token in from anywhere, production does not`)];
    }
    const isProduction = mode === 'production';
    findings.push(
      (isProduction ? fail : warn)({
        id,
        // A gateway never does so by itself: somebody changes the header on its way.
        hop: isProduction ? 'proxy' : 'server',
        found: `${row.who} gets in as well, so any page that a person visits can connect in that person’s name`,
        cure: isProduction
          ? 'let the proxy pass the header Origin on as it comes'
          : 'let the server compare the header Origin with a list of allowed ones, unless everybody may read what it says',
      }),
    );
  }
  return findings.length > 0 ? findings : [pass(shown)];
}

/** The answer was that there are too many attempts: that says nothing about the origin. */
function isOver({ outcome }: Row): boolean {
  return outcome.kind === 'refused' && /429|too-many/.test(outcome.trouble.id);
}

function welcomeMode(rows: readonly Row[]): string | undefined {
  for (const { outcome } of rows) {
    if (outcome.kind === 'begun' && outcome.words.kind === 'welcome') return outcome.words.welcome.mode;
  }
  return undefined;
}

function listed(rows: readonly Row[]): string {
  return rows.length === 0 ? 'nobody' : rows.map(({ who }) => who).join(', ');
}
