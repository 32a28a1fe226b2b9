// Doctor against the zoo: for every small broken server its verdict is the right one, in words and as a code, and says
// nothing of what it was trusted with. docs/does-not-connect.md rests on these members.

import { readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, testToken } from '../packages/gateway/src/testing/start-gateway.ts';
import type { DoctorReport } from '../packages/telltale/src/doctor/report.ts';
import { main } from '../packages/telltale/src/index.ts';
import { hasTool } from '../scripts/tools.mjs';
import { runCommand, startHubProcess } from './support/hub-process.ts';
import { readSnippets } from './support/snippets.ts';
import { until } from './support/until.ts';
import { zooClaims } from './zoo/claims.ts';
import type { Member, Running } from './zoo/member.ts';
import { pageMembers } from './zoo/page-members.ts';
import { relay } from './zoo/servers.ts';
import { zoo } from './zoo/zoo.ts';

/** As many members are examined at once, beside those that only wait. */
const atOnce = 8;

interface Examined {
  readonly code: number;
  readonly out: string;
  readonly report: DoctorReport;
  readonly tookMs: number;
}

/** Runs the command in this process, as from a shell. */
async function run(words: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      out += String(chunk);
      done();
    },
  });
  const terminal = { stdin: Readable.from([]), stdout: sink, stderr: sink, env: {}, directory: import.meta.dirname };
  return { code: await main(words, terminal), out };
}

async function examine({ url, flags = [] }: Running): Promise<Examined> {
  const begun = performance.now();
  const { code, out } = await run(['doctor', url, ...flags, '--json']);
  return { code, out, report: JSON.parse(out) as DoctorReport, tookMs: performance.now() - begun };
}

/** Opens a member, examines it and closes it. */
async function open(member: Member): Promise<Examined> {
  const server = await member.open();
  try {
    return await examine(server);
  } finally {
    await server.end();
  }
}

/** Which parts of its expectation a member's verdict misses. */
function missed({ verdict: { id, hop, exit = 2, says } }: Member, { code, report: { verdict } }: Examined): string[] {
  return [
    ...(verdict.id === id ? [] : [`id ${verdict.id} in place of ${id}`]),
    ...(verdict.hop === hop ? [] : [`hop ${verdict.hop} in place of ${hop}`]),
    ...(code === exit ? [] : [`exit code ${code} in place of ${exit}`]),
    ...(says.test(verdict.sentence) ? [] : [`a sentence without ${String(says)}`]),
    ...(/^[A-Z][^\n]*\.$/.test(verdict.sentence) && !/\. [A-Z]/.test(verdict.sentence) ? [] : ['not one sentence']),
  ];
}

const members = zoo.filter(({ tool }) => tool === undefined || hasTool(tool));
const document = 'docs/does-not-connect.md';
const text = readFileSync(new URL(`../${document}`, import.meta.url), 'utf8');

describe('doctor', () => {
  const examined = new Map<string, Promise<Examined>>();
  beforeAll(() => {
    // All begin here and share the time they wait; each test waits for its own.
    let running = 0;
    const turns: (() => void)[] = [];
    const take = async (member: Member): Promise<Examined> => {
      if (member.waits === true) return await open(member);
      if (running >= atOnce) await new Promise<void>((resolve) => turns.push(resolve));
      running++;
      try {
        return await open(member);
      } finally {
        running--;
        turns.shift()?.();
      }
    };
    for (const member of members) {
      const result = take(member);
      result.catch(() => {});
      examined.set(member.name, result);
    }
  });
  afterAll(async () => {
    await Promise.allSettled(examined.values());
  });

  it.each(members.map((member) => [member.name, member.fault, member] as const))(
    'names %s: %s',
    async (name, _fault, member) => {
      const result = await (examined.get(name) as Promise<Examined>);
      expect(missed(member, result), result.report.verdict.sentence).toEqual([]);
      expect(result.tookMs).toBeLessThan(30_000);
    },
  );

  it('names as many of the zoo as the documents say', async () => {
    const results = await Promise.all(
      members.map(async (member) => missed(member, await (examined.get(member.name) as Promise<Examined>))),
    );
    const right = results.filter((faults) => faults.length === 0).length;
    console.log(`Doctor names ${right} of ${members.length} members of the zoo.`);
    const healthy = zoo.filter(({ verdict }) => verdict.id === 'connects').length;
    for (const claim of zooClaims) {
      expect([claim.members, claim.healthy], claim.document).toEqual([zoo.length, healthy]);
      // Where nginx is missing, so are its members.
      expect(right, claim.document).toBe(claim.named - (zoo.length - members.length));
    }
  });
});

describe('the document', () => {
  const rows = text
    .split('\n')
    .filter((line) => /^\| (?!one sees|doctor warns|with `--direct`|the console of|the page names|---)/.test(line));
  const cited = (line: string): readonly string[] =>
    [...(line.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

  it('rests on a member of the zoo in every row', () => {
    const names = new Set([...zoo, ...pageMembers].map(({ name }) => name));
    expect(names.size).toBe(zoo.length + pageMembers.length);
    expect(rows.length).toBeGreaterThan(80);
    for (const row of rows) {
      expect(cited(row).length, row).toBeGreaterThan(0);
      for (const name of cited(row)) expect(names, row).toContain(name);
    }
  });

  it('has a row for every member that is broken', () => {
    const named = new Set(rows.flatMap(cited));
    const broken = [...zoo, ...pageMembers].filter(({ fault }) => !fault.startsWith('nothing')).map(({ name }) => name);
    expect(broken.filter((name) => !named.has(name))).toEqual([]);
  });

  it.runIf(hasTool('nginx'))('shows what the command prints, but for numbers', async () => {
    const member = zoo.find(({ name }) => name === 'nginx-no-upgrade') as Member;
    const server = await member.open();
    try {
      const { code, out } = await run(['doctor', server.url, ...(server.flags ?? [])]);
      expect(code).toBe(2);
      const shown = readSnippets(document).find(({ language }) => language === 'text')?.code ?? '';
      const bare = (lines: string): string => lines.replaceAll(/\d+(?:\.\d+)*/g, '0');
      expect(bare(shown)).toBe(bare(out));
    } finally {
      await server.end();
    }
  });

  it('gives the command only flags that it has', async () => {
    const { out: help } = await run(['doctor', '--help']);
    const flags = [...text.matchAll(/--[a-z]+(?:-[a-z]+)*/g)].map(([flag]) => flag);
    expect(flags.length).toBeGreaterThan(4);
    for (const flag of flags) expect(help).toContain(`  ${flag}`);
  });
});

describe('a Telltale gateway that is examined', () => {
  it('[RAT1] explains at most five refusals, so that examining it twice tells the same twice', async () => {
    await using gateway = await startGateway({ mode: 'production', allowedOrigins: ['https://ops.example.com'] });
    const words = ['doctor', `${gateway.url}/ws/`, '--token', testToken(), '--origin', 'https://www.example.com'];
    const last: (string | undefined)[] = [];
    for (const time of ['once', 'twice']) {
      const before = gateway.events.length;
      const { out } = await run(words);
      const refused = gateway.events.slice(before).filter(({ type }) => type === 'refused');
      expect(refused.length, time).toBeLessThanOrEqual(5);
      expect(out).not.toContain('too many attempts');
      last.push(out.trimEnd().split('\n').at(-1));
    }
    expect(last[0]).toContain('may not connect to this gateway (4403 origin-not-allowed)');
    expect(last[1]).toBe(last[0]);
  });

  it('[RAT1] says that origins were not examined where the gateway has explained enough', async () => {
    await using gateway = await startGateway({ mode: 'production', allowedOrigins: ['https://ops.example.com'] });
    const words = ['doctor', `${gateway.url}/ws/`, '--token', testToken({}, 'the secret of another gateway')];
    const said: string[] = [];
    for (let time = 0; time < 3; time++) said.push((await run(words)).out);
    expect(said[0]).toMatch(/^. origins .*refused: /m);
    expect(said[2]).not.toMatch(/^✓ origins/m);
    expect(said[2]).toContain('too many attempts in ten seconds, run it again in a little while: origins');
  });

  it('[ORI1] [RAT1] says which origins it takes also where it takes no credential, within the same five', async () => {
    const page = 'https://ops.example.com';
    await using gateway = await startGateway({ mode: 'production', allowedOrigins: [page] });
    const origins = async (url: string): Promise<readonly string[]> => {
      const { report } = await examine({ url, flags: ['--origin', page], end: async () => {} });
      expect(report.verdict.id).toBe('refused-token-missing');
      const check = report.checks.find(({ name }) => name === 'origins');
      return (check?.findings ?? []).map(({ id, found }) => id ?? found);
    };
    expect(await origins(`${gateway.url}/ws/`)).toEqual([
      'not refused for it: no origin, the page; refused: localhost, 127.0.0.1, a sandboxed page (null), a hostile page (https://hostile.example)',
    ]);
    const explained = gateway.events.filter((event) => event.type === 'refused' && event.told === 'frame');
    expect(explained.length).toBeLessThanOrEqual(5);
    const between = await relay(gateway.port, {
      toServer: (bytes, pass) =>
        pass(Buffer.from(bytes.toString('latin1').replace(/\r\nOrigin: [^\r]*/, `\r\nOrigin: ${page}`), 'latin1')),
    });
    expect(await origins(`ws://127.0.0.1:${between.port}/ws/`)).toEqual(['origin-hostile-accepted']);
    await between.end();
  });
});

describe('a session that is examined', () => {
  it('is closed as a client closes it', async () => {
    await using gateway = await startGateway();
    expect((await run(['doctor', `${gateway.url}/ws/`])).code).toBe(0);
    const ends = await until(
      'every session to end',
      () => gateway.events.filter(({ type }) => type === 'ended'),
      (all) => all.length > 0 && all.length === gateway.events.filter(({ type }) => type === 'admitted').length,
    );
    for (const end of ends) expect(end).toMatchObject({ code: 1000, by: 'client', wasClean: true });
  });
});

describe('the built command', () => {
  it('examines a hub in production, and ends with what it found', async () => {
    await using hub = await startHubProcess({ mode: 'production' });
    const url = hub.socketUrl('/ws/dashboard/');
    const token = await hub.token('alice');
    const good = await runCommand(['doctor', url, '--origin', hub.url, '--token', token]);
    expect(good.stdout).toContain('✓ first words  welcome, user alice (viewer) in production mode, reads ');
    expect(good).toMatchObject({ code: 0, stderr: '' });
    const bad = await runCommand(['doctor', url, '--token', `${token.slice(0, -8)}AAAAAAAA`, '--json']);
    expect(bad.code).toBe(2);
    expect(JSON.parse(bad.stdout)).toMatchObject({ verdict: { id: 'refused-token-signature', hop: 'token' } });
    expect(bad.stdout).not.toContain(token.slice(20, 40));
  });
});
