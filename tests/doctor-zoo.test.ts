// Doctor against the zoo: for every small broken server its verdict is the right one, in words and as a code, and says
// nothing of what it was trusted with. docs/does-not-connect.md rests on these members.

import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../packages/telltale/src/doctor/report.ts';
import { main } from '../packages/telltale/src/index.ts';
import { hasTool } from '../scripts/tools.mjs';
import type { Member, Running } from './zoo/member.ts';
import { zoo } from './zoo/zoo.ts';

/** As many members are examined at once. */
const atOnce = 24;

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

/** Which parts of its expectation a member's verdict misses. */
function missed({ verdict: { id, hop, exit = 2, says } }: Member, { code, report: { verdict } }: Examined): string[] {
  return [
    ...(verdict.id === id ? [] : [`id ${verdict.id} in place of ${id}`]),
    ...(verdict.hop === hop ? [] : [`hop ${verdict.hop} in place of ${hop}`]),
    ...(code === exit ? [] : [`exit code ${code} in place of ${exit}`]),
    ...(says.test(verdict.sentence) ? [] : [`a sentence without ${String(says)}`]),
  ];
}

const members = zoo.filter(({ tool }) => tool === undefined || hasTool(tool));

describe('doctor', () => {
  const examined = new Map<string, Promise<Examined>>();
  beforeAll(() => {
    // All begin here and share the time they wait; each test waits for its own.
    let running = 0;
    const waiting: (() => void)[] = [];
    for (const member of members) {
      const turn = async (): Promise<Examined> => {
        if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
        running++;
        try {
          const server = await member.open();
          try {
            return await examine(server);
          } finally {
            await server.end();
          }
        } finally {
          running--;
          waiting.shift()?.();
        }
      };
      const result = turn();
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
});
