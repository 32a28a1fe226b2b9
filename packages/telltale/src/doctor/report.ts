// What an examination says: as an object of a stable shape for programs, and as lines for people.

import type { Check, CheckResult, Finding, Hop } from './check.ts';
import { asSentence } from './meaning/clause.ts';
import type { Verdict } from './verdict.ts';

/** The object that `--json` prints. Fields are added, never changed, within one format. */
export interface DoctorReport {
  readonly format: 1;
  /** Without credentials. */
  readonly address: string;
  readonly exitCode: 0 | 1 | 2;
  readonly verdict: Verdict;
  readonly checks: readonly CheckReport[];
  readonly tookMs: number;
}

export interface CheckReport {
  readonly name: string;
  readonly findings: readonly {
    readonly level: 'pass' | 'warn' | 'fail';
    /** Absent where all is well. */
    readonly id?: string;
    readonly hop?: Hop;
    readonly found: string;
    readonly cure?: string;
  }[];
  /** Why it was not examined, where that is not plain. */
  readonly skipped?: string;
  readonly tookMs: number;
}

/** One check and what came of it. */
export interface Examined {
  readonly check: Check;
  readonly result: CheckResult;
  readonly tookMs: number;
}

const exitCodes = { pass: 0, warn: 1, fail: 2 } as const;

export function reportOf(
  examined: readonly Examined[],
  { address, verdict, tookMs }: { readonly address: string; readonly verdict: Verdict; readonly tookMs: number },
): DoctorReport {
  return {
    format: 1,
    address,
    exitCode: exitCodes[verdict.level],
    verdict,
    checks: examined.map(({ check, result, tookMs: took }) => ({
      name: check.name,
      findings: findingsOf(result).map((finding) => {
        if (finding.level === 'pass') return { level: finding.level, found: finding.found };
        const { level, id, hop, found, cure } = finding;
        return { level, id, hop, found, cure };
      }),
      ...(result.kind === 'skipped' && result.because !== undefined ? { skipped: result.because } : {}),
      tookMs: Math.round(took),
    })),
    tookMs: Math.round(tookMs),
  };
}

export function findingsOf(result: CheckResult): readonly Finding[] {
  return result.kind === 'done' ? result.findings : [];
}

const signs = { pass: '✓', warn: '!', fail: '✗' } as const;
const titleWidth = 13;

/** The lines of one check. */
export function linesOf({ check, result }: Examined): readonly string[] {
  return findingsOf(result).flatMap((finding) => {
    const line = `${signs[finding.level]} ${check.title.padEnd(titleWidth)}${finding.found}`;
    if (finding.level === 'pass') return [line];
    return [line, `${' '.repeat(titleWidth + 2)}→ ${asSentence(finding.cure)}`];
  });
}

/** What could not be examined, one line for each reason. */
export function skippedLines(examined: readonly Examined[]): readonly string[] {
  const titles = new Map<string, string[]>();
  for (const { check, result } of examined) {
    if (result.kind === 'done' || result.because === undefined) continue;
    titles.set(result.because, [...(titles.get(result.because) ?? []), check.title]);
  }
  return [...titles].map(([because, names]) => `– not examined, because ${because}: ${names.join(', ')}`);
}
