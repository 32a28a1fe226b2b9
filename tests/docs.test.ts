// The documents are true: every code block is run, type-checked, equal to a program that is, or proved by a test it names;
// every link leads somewhere; settings and figures are those of the program. A block with no known proof is a failure.

import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineVariables, type SettingRule, settingRules } from '../packages/hub/src/settings-table.ts';
import { hasTool, type ToolName, toolPath } from '../scripts/tools.mjs';
import {
  cleanEnvironment,
  type HubProcess,
  root,
  startHubProcess,
  temporaryDirectory,
  testPassword,
  testSecret,
} from './support/hub-process.ts';
import { commandsOf, readSnippets, type Snippet } from './support/snippets.ts';
import { typeFaults } from './support/type-check.ts';

const documents = ['.', 'docs', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)].flatMap(
  (folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
);
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const place = ({ document, line }: Snippet): string => `${document}:${line}`;

/** A file the block's comment names as its proof: `tests/x.test.ts`, `.ci/run`, `examples/python/watch.py`. */
function namedProof({ directive = '' }: Snippet): string | undefined {
  return /^[\w./-]+$/.test(directive) && directive.includes('/') ? directive : undefined;
}

/** A named proof must at least speak of what it proves: the document itself, or the commands' own words. */
function proofFault(snippet: Snippet, proof: string): string | undefined {
  if (!existsSync(join(root, proof))) return `${place(snippet)}: ${proof} does not exist`;
  const text = read(proof);
  if (text.includes(snippet.document)) return undefined;
  if (snippet.language !== 'sh') return `${place(snippet)}: ${proof} does not read ${snippet.document}`;
  const words = commandsOf(snippet).map((command) => {
    const program = command.split(/\s+/).find((word) => /\.(py|mjs)$/.test(word));
    return program === undefined ? (command.split(/\s+/)[1] ?? command) : basename(program);
  });
  const missing = words.find((word) => !text.includes(word));
  return missing === undefined ? undefined : `${place(snippet)}: ${proof} says nothing of "${missing}"`;
}

/** `file x` or `excerpt of x`: the block's pieces, parted by lines of `…`, stand in that file in this order. */
function excerptFault(snippet: Snippet, file: string): string | undefined {
  if (!existsSync(join(root, file))) return `${place(snippet)}: ${file} does not exist`;
  let rest = read(file);
  for (const piece of snippet.code.split(/^\s*(?:\/\/|#)?\s*…\n/m)) {
    const at = rest.indexOf(piece);
    if (at < 0) return `${place(snippet)}: this is not in ${file}, or not in this order: ${piece}`;
    rest = rest.slice(at + piece.length);
  }
  return undefined;
}

/** Commands of the workspace are not run inside a test; what they name must exist. */
function npmFault(snippet: Snippet, command: string): string | undefined {
  const words = command.replace(/^(?:\w+=\S+ )+/, '').split(/\s+/);
  const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
  const script = words[0] === 'npx' ? 'test' : words[1] === 'run' ? words[2] : words[1];
  if (script !== 'install' && !Object.hasOwn(scripts, script ?? '')) return `${place(snippet)}: no script ${script}`;
  const path = words.find((word) => word.includes('/') && !existsSync(join(root, word)));
  return path === undefined ? undefined : `${place(snippet)}: ${path} does not exist`;
}

function jsonFault(snippet: Snippet): string | undefined {
  try {
    JSON.parse(snippet.code);
    return undefined;
  } catch (error) {
    return `${place(snippet)}: ${String(error)}`;
  }
}

const isNpm = (command: string): boolean => /^(?:\w+=\S+ )*(?:npm|npx vitest)(?: |$)/.test(command);
/** What may be run for real. Whatever a document needs beyond it names its proof. */
const allowed =
  /^(?:sudo -u telltale telltale|telltale|npx telltale|curl|set -a && \. |\w+=\$\(telltale|python3 examples\/python\/publish\.py) ?/;

/** How a block is proved, or why it is not. */
function treatmentOf(snippet: Snippet): { readonly kind: 'types' | 'shell' | 'done' } | { readonly fault: string } {
  const { language, directive = '' } = snippet;
  const file = /^(?:file|excerpt of) (\S+)$/.exec(directive)?.[1];
  const proof = namedProof(snippet);
  const judged = (fault: string | undefined): ReturnType<typeof treatmentOf> =>
    fault === undefined ? { kind: 'done' } : { fault };
  if (file !== undefined) return judged(excerptFault(snippet, file));
  if (proof !== undefined) return judged(proofFault(snippet, proof));
  if (language === 'ts' || language === 'tsx') return { kind: 'types' };
  // A drawing.
  if (language === '' || language === 'text') return { kind: 'done' };
  if (language === 'json') return judged(jsonFault(snippet));
  if (language === 'sh') {
    const commands = commandsOf(snippet);
    if (commands.every(isNpm)) return judged(commands.map((command) => npmFault(snippet, command)).find(Boolean));
    const stranger = commands.find((command) => !allowed.test(command));
    return stranger === undefined
      ? { kind: 'shell' }
      : { fault: `${place(snippet)}: "${stranger}" is not run and names no proof: <!-- test: tests/… -->` };
  }
  return { fault: `${place(snippet)}: a block of "${language}" with no known proof` };
}

const snippets = documents.flatMap((document) => readSnippets(document));

describe('code in the documents', () => {
  it('has a proof, block by block', () => {
    expect(snippets.length).toBeGreaterThan(20);
    const faults = snippets.map(treatmentOf).flatMap((treatment) => ('fault' in treatment ? [treatment.fault] : []));
    expect(faults).toEqual([]);
  });

  const typed = snippets.filter((snippet) => 'kind' in treatmentOf(snippet) && /^tsx?$/.test(snippet.language));
  // One program for all is quicker than one for each; what a document declares for its own readers, others must not see.
  const declaring = new Set(typed.filter(({ code }) => /^declare module /m.test(code)).map(({ document }) => document));
  it.each([...declaring])('of %s is what the compiler takes', async (document) => {
    expect(await typeFaults(typed.filter((snippet) => snippet.document === document))).toEqual([]);
  });
  it('of all other documents is what the compiler takes', async () => {
    const others = typed.filter(({ document }) => !declaring.has(document));
    expect(others.length).toBeGreaterThan(5);
    expect(await typeFaults(others)).toEqual([]);
  });
});

describe('commands in the documents', () => {
  let hub: HubProcess;
  let folder = '';
  beforeAll(async () => {
    hub = await startHubProcess({ env: { TELLTALE_SECRET: testSecret } });
    folder = temporaryDirectory();
    const programs = join(folder, 'bin');
    mkdirSync(programs);
    const telltale = join(root, 'packages/telltale/bin/telltale.js');
    const shims = {
      telltale: `exec '${process.execPath}' '${telltale}' "$@"`,
      sudo: 'shift 2; exec "$@"',
      python3: `exec '${toolPath('python') ?? 'python3'}' "$@"`,
    };
    for (const [name, line] of Object.entries(shims)) {
      writeFileSync(join(programs, name), `#!/bin/sh\n${line}\n`);
      chmodSync(join(programs, name), 0o755);
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    symlinkSync(join(root, 'examples'), join(folder, 'examples'));
    writeFileSync(join(folder, 'password.txt'), `${testPassword}\n`);
    writeFileSync(join(folder, 'telltale.env'), `TELLTALE_MODE=production\nTELLTALE_SECRET='${testSecret}'\n`);
  });
  afterAll(async () => {
    await hub?.[Symbol.asyncDispose]();
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  async function shell(code: string): Promise<{ code: number | null; output: string }> {
    const script = code
      .replaceAll('localhost:8000', `localhost:${hub.port}`)
      .replaceAll('/var/lib/telltale', join(folder, 'data'))
      .replaceAll('/etc/telltale.env', join(folder, 'telltale.env'));
    const env = cleanEnvironment({ TELLTALE_SECRET: testSecret, PATH: `${folder}/bin:${process.env['PATH'] ?? ''}` });
    const child = spawn('sh', ['-e', '-c', script], { cwd: folder, env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    return { code: await new Promise((resolve) => child.once('close', resolve)), output };
  }

  // In the order of each document: what one block makes, the next one uses.
  const has = (word: string, tool: ToolName) => (code: string) => !code.includes(word) || hasTool(tool);
  const canRun = [has('python3', 'python'), has('curl', 'curl')];
  const runnable = snippets.filter((snippet) => {
    const treatment = treatmentOf(snippet);
    return 'kind' in treatment && treatment.kind === 'shell' && canRun.every((can) => can(snippet.code));
  });
  it.each(runnable.map((snippet) => [place(snippet), snippet] as const))(
    'at %s work as they stand',
    async (_, snippet) => {
      expect(await shell(snippet.code)).toMatchObject({ code: 0 });
    },
  );

  it('are not taken on trust: one that fails is noticed', async () => {
    expect(await shell('telltale token --sbu laptop\ntrue')).not.toMatchObject({ code: 0 });
  });

  it('speak of figures that /metrics has', async () => {
    const figures = await (await fetch(`${hub.url}/metrics`)).text();
    const named = new Set(documents.flatMap((document) => read(document).match(/\btelltale_\w+[a-z]\b/g) ?? []));
    expect(named.size).toBeGreaterThan(10);
    for (const name of named) expect(figures).toContain(`# TYPE ${name} `);
  });
});

const testNames = [
  'TELLTALE_TEST_SIMULATION_SECONDS',
  'TELLTALE_TEST_SIMULATION_SEED',
  'TELLTALE_TEST_LONG',
  'TELLTALE_TEST_SEED',
];

describe('facts in the documents', () => {
  it('name every setting with the words of the command, and none that does not exist', () => {
    const rules: readonly SettingRule[] = Object.values(settingRules);
    const table = rules.map(({ name, meaning, otherwise }) => `| \`${name}\` | ${meaning} | ${otherwise} |`);
    const settings = /<!-- test: settings -->\n\n(?:.*\n){2}((?:\|.*\n)+)/.exec(read('docs/production.md'))?.[1];
    expect(settings?.trim().split('\n')).toEqual(table);
    const settingNames = [...rules.map(({ name }) => name as string), ...machineVariables];
    const names = new Set([...settingNames, ...testNames]);
    for (const document of documents) {
      for (const name of read(document).match(/\bTELLTALE_[A-Z_]+\b/g) ?? []) expect(names, document).toContain(name);
    }
  });

  it('cite tests that exist, by words of their titles', () => {
    for (const document of documents) {
      let file = '';
      for (const [, path, words] of read(document).matchAll(/`([\w./-]+\.test\.tsx?)`|“([^”]+)”/g)) {
        if (path !== undefined) file = path;
        expect(existsSync(join(root, file)), `${document} names ${file}`).toBe(true);
        if (words === undefined || file === '') continue;
        expect(read(file).includes(words), `${document}: ${file} says nothing of “${words}”`).toBe(true);
      }
    }
  });

  it('say of what a channel costs what the bench says of it', () => {
    const [table, bench] = ['docs/channels.md', 'docs/delivery.md'].map((document) => read(document).split('\n'));
    const rows = table?.filter((line) => /^\|.* \(.*–.*\) \|$/.test(line)) ?? [];
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows)
      expect(
        bench?.some((line) => line.startsWith(row)),
        row,
      ).toBe(true);
    const [, costs = ''] = read('docs/channels.md').split('<!-- /bench:own -->');
    const figures = costs.match(/\b\d+\.\d+\b/g) ?? [];
    expect(figures.length).toBeGreaterThan(5);
    const medians = rows.map((row) => row.split(' | ').at(-1)?.split(' ')[0]);
    for (const figure of figures) expect(medians, `docs/channels.md says ${figure}`).toContain(figure);
  });

  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  it.each(documents)('of %s link to what exists', (document) => {
    const text = read(document).replaceAll(/^```[^]*?^```$/gm, '');
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g)].map(
      ([, link, source]) => link ?? source ?? '',
    );
    for (const target of targets.filter((link) => !/^[a-z]+:/.test(link))) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      expect(existsSync(join(root, file)), `${document} links to ${target}`).toBe(true);
      if (anchor === undefined) continue;
      const anchors = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading));
      expect(anchors, `${document} links to ${target}`).toContain(anchor);
    }
  });
});
