// The examination: runs every check in order, gives each what the earlier ones learned, and comes to a verdict. Within
// its time whatever the other side does; every connection is gone when it ends.

import { subprotocol } from '@telltale/protocol';
import { attempt } from './attempt.ts';
import { createBudget } from './budget.ts';
import type { DoctorOptions, Exam, Facts } from './check.ts';
import { checks } from './checks.ts';
import { createNameServer } from './name-server.ts';
import { type DoctorReport, type Examined, findingsOf, reportOf } from './report.ts';
import type { Target } from './target.ts';
import { verdictOf } from './verdict.ts';
import type { HandshakeAsk } from './wire/handshake.ts';
import type { Line } from './wire/line.ts';
import { createWire } from './wire/wire.ts';

export interface Examination {
  readonly target: Target;
  readonly options: DoctorOptions;
  /** How long one step may take, in milliseconds. */
  readonly stepMs: number;
  /** PEM certificates to trust beside the well-known ones. */
  readonly ca: string | undefined;
  /** The name server to ask; undefined: as programs of this machine do. */
  readonly resolver: string | undefined;
  /** Called when a check is done. */
  readonly onCheck: (examined: Examined) => void;
}

/** All checks together, without those that were asked for and take their time, in milliseconds. */
const wholeMs = 26_000;
/** With less than this left a check could only be wrong, in milliseconds. */
const leastMs = 1000;

const unknown: Facts = {
  addresses: [],
  place: undefined,
  baseline: undefined,
  software: undefined,
  isTelltale: false,
  clockAheadMs: undefined,
  handshake: undefined,
  welcome: undefined,
  refusedBy: [],
  pings: [],
};

export async function examine({ target, options, stepMs, ca, resolver, onCheck }: Examination): Promise<DoctorReport> {
  const begun = performance.now();
  const budget = createBudget({ wholeMs, stepMs });
  const wire = createWire({ budget, ca });
  const names = createNameServer(resolver);
  let facts = unknown;
  let spare: Line | undefined;

  const exam = (): Exam => ({ target, options, facts, wire, names, budget, ask, session });
  const ask = (changes: Partial<HandshakeAsk> = {}): HandshakeAsk => ({
    ...mainAsk(target, options, facts),
    ...changes,
  });
  async function session(): Promise<Line | undefined> {
    const { handshake, place, refusedBy } = facts;
    if (place === undefined || refusedBy.length > 0) return undefined;
    if (handshake?.kind === 'open' && handshake.line.end === undefined) return handshake.line;
    if (spare !== undefined && spare.end === undefined) return spare;
    const outcome = await attempt(exam(), { place, target, ask: ask(), waitMs: 1000 });
    spare = outcome.kind === 'begun' ? outcome.line : undefined;
    return spare;
  }

  const examined: Examined[] = [];
  try {
    for (const check of checks) {
      const since = performance.now();
      const result =
        budget.left() < leastMs
          ? ({ kind: 'skipped', because: 'the time is used up' } as const)
          : await check.run(exam());
      if (result.kind === 'done') facts = { ...facts, ...result.learned };
      const one = { check, result, tookMs: performance.now() - since };
      examined.push(one);
      onCheck(one);
    }
  } finally {
    wire.close();
  }
  const findings = examined.flatMap(({ result }) => findingsOf(result));
  const verdict = verdictOf(findings, { shown: target.shown, software: facts.software });
  return reportOf(examined, { address: target.shown, verdict, tookMs: performance.now() - begun });
}

/** What a handshake may hold as a subprotocol (RFC 9110 section 5.6.2). */
const isProtocolToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What a header may hold without a second meaning. */
const isHeaderText = /^[\x21-\x7e]+$/;

/** The request as the page or program would send it: the credential where it is looked for. */
function mainAsk(target: Target, options: DoctorOptions, { isTelltale }: Facts): HandshakeAsk {
  const token = options.token ?? target.token;
  const usual = target.tokenParameter !== undefined || !isTelltale ? 'query' : 'protocol';
  const wanted = options.tokenIn ?? usual;
  // What no header can carry travels in the query, encoded.
  const fits = { query: true, protocol: isProtocolToken.test(token ?? ''), header: isHeaderText.test(token ?? '') };
  const place = fits[wanted] ? wanted : 'query';
  const inQuery = token !== undefined && place === 'query';
  const parameter = `${target.tokenParameter ?? 'token'}=${encodeURIComponent(token ?? '')}`;
  const query = inQuery ? `${target.query === '' ? '?' : `${target.query}&`}${parameter}` : target.query;
  const own = options.protocols.length > 0 ? options.protocols : isTelltale ? [subprotocol] : [];
  return {
    target: `${target.path}${query}`,
    authority: target.authority,
    origin: options.origin,
    protocols: token !== undefined && place === 'protocol' ? [...own, `bearer.${token}`] : own,
    bearer: token !== undefined && place === 'header' ? token : undefined,
  };
}
