// The zoo as pages see it, in a real Chromium: for every member that a page can meet, `connection.diagnose()` names what
// doctor names, or the class that browsers leave it, each with its reason. docs/does-not-connect.md rests on these too.

import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool } from '../scripts/tools.mjs';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import { servePage, type StaticPage } from './support/static-page.ts';
import { clientScript, createVisitors, type Visitors } from './support/visits.ts';
import { trustedKey } from './zoo/encryption.ts';
import { zooClaims } from './zoo/claims.ts';
import type { Member } from './zoo/member.ts';
import { pageMembers } from './zoo/page-members.ts';
import { type Sight, sights, unseen } from './zoo/sights.ts';
import { differences, rowsOf, type Seen } from './zoo/symptoms.ts';
import { type PageMember, type Visit, visitOf } from './zoo/visit.ts';
import { zoo } from './zoo/zoo.ts';

interface Case {
  readonly name: string;
  readonly fault: string;
  readonly see: () => Promise<Seen>;
  readonly expected: PageMember['verdict'];
  readonly check?: PageMember['check'];
  readonly cause?: string | undefined;
  /** Why it cannot be named as doctor names it. */
  readonly because?: string | undefined;
}

const rows = rowsOf(readFileSync(new URL('../docs/does-not-connect.md', import.meta.url), 'utf8'));

let visitors: Visitors;
let loopback: StaticPage;

async function seeAndEnd(open: () => Promise<Visit & { end(): Promise<void> }>): Promise<Seen> {
  const visit = await open();
  try {
    return await visitors.see(visit);
  } finally {
    await visit.end();
  }
}

/** Hops that doctor and a page call by the same word. */
const shared = new Set(['address', 'token', 'page', 'gateway', 'proxy']);

/** What the gateway itself says of an attempt is also what the connection gives as its cause. */
function causeOf({ name, verdict: { id } }: Member, seenAs: string | undefined): string | undefined {
  if (id.startsWith('refused-')) return id.slice('refused-'.length);
  if (id === 'upgrade-eaten' && seenAs === undefined) return 'upgrade-missing';
  return seenAs === 'never-arrived' || name === 'nginx-http2-only' ? seenAs : undefined;
}

function caseOf(member: Member, { name, because, isOnLoopback }: Sight): Case {
  const { id, hop } = member.verdict;
  const isSame = name === undefined;
  const cause = causeOf(member, name);
  return {
    name: member.name,
    fault: member.fault,
    see: () =>
      seeAndEnd(async () => {
        const running = await member.open();
        const at = isOnLoopback === true ? `${loopback.origin('127.0.0.1')}/` : undefined;
        const visit = visitOf(member, running, at);
        return {
          ...visit,
          ...(cause !== undefined && { ends: 2, options: { ...visit.options, connectTimeoutMs: 4000 } }),
          end: () => running.end(),
        };
      }),
    cause,
    expected: {
      name: name ?? id,
      ...(isSame && hop !== undefined && shared.has(hop) && { hop }),
      says: (name ?? id) === 'connects' ? /^It connects/ : /^It does not connect: \S/,
    },
    because,
  };
}

const byName = new Map(zoo.map((member) => [member.name, member]));
const ofZoo = sights.flatMap((sight) =>
  sight.members.map((name) => {
    const member = byName.get(name);
    if (member === undefined) throw new Error(`found "${name}" among the sights, expected a member of the zoo`);
    return { ...caseOf(member, sight), tool: member.tool };
  }),
);
const ofPages: readonly Case[] = pageMembers.map((member) => ({
  ...member,
  see: () => seeAndEnd(async () => ({ ...(member.cause !== undefined && { ends: 2 }), ...(await member.open()) })),
  expected: member.verdict,
}));
const cases: readonly Case[] = [...ofPages, ...ofZoo.filter(({ tool }) => tool === undefined || hasTool(tool))];

const seed = Number(process.env['TELLTALE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A third of them, another with each seed; in the long run all. */
const tried = process.env['TELLTALE_TEST_LONG'] === '1' ? cases : cases.filter((_, index) => index % 3 === seed % 3);

/** Which parts of its expectation a diagnosis misses. */
function missed({ expected: { name, hop, says }, check, cause }: Case, { diagnosis, state }: Seen): readonly string[] {
  const { verdict, checks, tookMs } = diagnosis;
  const found = checks.find(({ id }) => id === check?.id);
  const given = 'cause' in state ? state.cause?.name : undefined;
  return [
    ...(verdict.name === name ? [] : [`name ${verdict.name} in place of ${name}`]),
    ...(hop === undefined || verdict.hop === hop ? [] : [`hop ${verdict.hop} in place of ${hop}`]),
    ...(says.test(verdict.sentence) ? [] : [`a sentence without ${String(says)}`]),
    ...(/^[A-Z].*\.$/.test(verdict.sentence) ? [] : ['no sentence']),
    ...(verdict.name === 'connects' || verdict.cure.endsWith('.') ? [] : ['no cure']),
    ...(check === undefined || found?.outcome === check.outcome ? [] : [`${check.id} is ${found?.outcome}`]),
    ...(cause === undefined || given === cause ? [] : [`cause ${given} in place of ${cause}`]),
    ...(tookMs < 10_000 ? [] : [`${tookMs} ms`]),
  ];
}

describe.runIf(hasBrowser)('a page', () => {
  let browser: Browser;
  const seen = new Map<string, Seen>();
  beforeAll(async () => {
    loopback = await servePage();
    browser = await launchBrowser({
      trustedKeys: [trustedKey],
      names: ['MAP unknown.test ~NOTFOUND', 'MAP *.test 127.0.0.1'],
    });
    visitors = createVisitors(browser, await clientScript());
  });
  afterAll(async () => {
    await browser.close();
    await loopback[Symbol.asyncDispose]();
  });

  // Several at once: most of the time goes by in waiting.
  describe('of the zoo', { concurrent: true }, () => {
    it.each(tried.map((one) => [one.name, one.fault, one] as const))('names %s: %s', async (name, _fault, one) => {
      const told = await one.see();
      seen.set(name, told);
      expect(missed(one, told), JSON.stringify(told.diagnosis, null, 1)).toEqual([]);
      const cited = rows.filter(({ members }) => members.includes(name));
      expect(cited.flatMap((row) => differences(row, told))).toEqual([]);
    });
  });

  it('is shown no secret', () => {
    const all = JSON.stringify([...seen.values()]);
    expect(all).not.toMatch(/eyJ[\w-]{20}/);
    expect(all).not.toMatch(/[?&](?:token|attempt)=[\w-]{6}/);
  });

  it('names as many of the zoo as the documents say', () => {
    const isRight = (one: Case): boolean => {
      const told = seen.get(one.name);
      return told !== undefined && missed(one, told).length === 0;
    };
    const isExact = ({ because }: Case): boolean => because === undefined;
    const right = tried.filter(isRight);
    console.log(
      `A page names ${right.filter(isExact).length} of ${tried.length} members of the zoo exactly and ${right.filter((one) => !isExact(one)).length} by their class; ${cases.length} in all.`,
    );
    // Where nginx is missing, so are its members.
    const all = [...ofPages, ...ofZoo];
    const exact = all.filter(isExact).length;
    for (const claim of zooClaims) {
      expect([claim.met, claim.own], claim.document).toEqual([ofZoo.length, ofPages.length]);
      expect([claim.exact, claim.byClass], claim.document).toEqual([exact, all.length - exact]);
    }
    expect(right).toEqual(tried);
  });
});

describe('the zoo', () => {
  it('is met by pages whole, or says of a member why not', () => {
    const met = sights.flatMap(({ members }) => members);
    expect(new Set(met).size).toBe(met.length);
    expect([...met, ...Object.keys(unseen)].toSorted()).toEqual(zoo.map(({ name }) => name).toSorted());
    const names = [...zoo, ...pageMembers].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is cited by the document only under names that a page gives, and has a sight in each row of a console', () => {
    const all = new Map([...ofPages, ...ofZoo].map((one) => [one.name, one]));
    for (const { sees, members, symptom } of rows) {
      const met = members.flatMap((name) => all.get(name) ?? []);
      if (symptom.console.length + symptom.codes.length > 0) expect(met.length, sees).toBeGreaterThan(0);
      if (symptom.names.length === 0) continue;
      expect(met.length, sees).toBe(members.length);
      for (const { name, expected, check } of met) {
        const given = [expected.name, check?.id ?? expected.name];
        const fits = (text: string): boolean =>
          given.some((one) => (text.endsWith('…') ? one.startsWith(text.slice(0, -1)) : one === text));
        expect(symptom.names.some(fits), `${name} under ${sees}`).toBe(true);
      }
    }
  });

  it('has a reason for every member that a page names otherwise than doctor', () => {
    for (const { name, because, members } of sights)
      expect(because === undefined, members.join()).toBe(name === undefined);
  });
});
