// What the tables of docs/does-not-connect.md say that a person sees, read from their first column, so that a row is
// held to the members it cites: the browser's console, the close code, the name that the page gives it. Pure.

import type { Told } from '../pages/diagnose-page.ts';

/** What a page met at a member. */
export type Seen = Told & {
  /** What the console of the browser was told of sockets, as errors. */
  readonly console: readonly string[];
};

export interface Row {
  /** Its first column. */
  readonly sees: string;
  /** Names of members, in its last column. */
  readonly members: readonly string[];
  readonly symptom: Symptom;
}

/** Of each list that is not empty one must be seen. */
export interface Symptom {
  /** In the console; `quiet`: it may as well show nothing; `nothing`: it shows nothing, so far. */
  readonly console: readonly string[];
  readonly silence: 'no' | 'quiet' | 'nothing';
  /** Close codes, with the word that begins the reason; and statuses of HTTP. */
  readonly codes: readonly { readonly code: number; readonly word: string | undefined }[];
  /** What the page names it: with `…` at its end a beginning. */
  readonly names: readonly string[];
  /** What the class throws. */
  readonly thrown: string | undefined;
}

/** The tables whose first column a page can be held to; what others show comes later, or is seen by doctor. */
const columns = new Set(['the page names', 'the console of the browser says', 'one sees']);
const laterSections = new Set(['It is open and nothing comes, or late', 'It dies after a while']);

export function rowsOf(document: string): readonly Row[] {
  const rows: Row[] = [];
  let [section, column] = ['', ''];
  for (const line of document.split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
    if (!line.startsWith('| ') || cells.length !== 3) {
      if (!line.startsWith('|')) column = '';
      continue;
    }
    const [sees = '', , members = ''] = cells;
    if (column === '') column = sees;
    else if (columns.has(column) && !laterSections.has(section) && !sees.startsWith('---')) {
      const before = sees.startsWith('the same') ? rows.at(-1)?.symptom : undefined;
      const cited = quoted(members);
      rows.push({ sees, members: cited, symptom: before ?? symptomOf(sees, column) });
    }
  }
  return rows;
}

const quoted = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner);

function symptomOf(sees: string, column: string): Symptom {
  const nothing: Symptom = { console: [], silence: 'no', codes: [], names: [], thrown: undefined };
  const texts = quoted(sees);
  if (column === 'the page names') return { ...nothing, names: texts };
  const status = /^\d{3}$/;
  const bare = sees.replaceAll(/`(?![a-z-]+`)[^`]*`/g, '');
  return {
    console: texts
      .filter((text) => / |^net::|^\d{3}$/.test(text) && !text.startsWith('--'))
      .map((text) => (status.test(text) ? `Unexpected response code: ${text}` : text)),
    silence: /^nothing|nothing in the console/.test(sees) ? 'nothing' : /or a long wait/.test(sees) ? 'quiet' : 'no',
    codes: [...bare.matchAll(/\b([14]\d{3}|40[0-9])\b(?: `([a-z-]+)`)?/g)].map(([, code, word]) => ({
      code: Number(code),
      word,
    })),
    names: [],
    thrown: texts.find((text) => text === 'SyntaxError'),
  };
}

/** What of a row is not seen at a member it cites. */
export function differences({ sees, symptom }: Row, seen: Seen): readonly string[] {
  const { console: lines, ends, thrown, diagnosis } = seen;
  const shows = (text: string): boolean => lines.some((line) => line.includes(text));
  const has = ({ code, word }: Symptom['codes'][number]): boolean => {
    if (code === 401) return shows('HTTP Authentication failed');
    if (code < 1000) return shows(`Unexpected response code: ${code}`);
    return ends.some((end) => end.code === code && (word === undefined || end.reason.startsWith(word)));
  };
  const isNamed = (name: string): boolean =>
    name.endsWith('…')
      ? diagnosis.verdict.name.startsWith(name.slice(0, -1))
      : name === diagnosis.verdict.name ||
        diagnosis.checks.some(({ id, outcome }) => id === name && outcome === 'warning');
  const isQuiet = lines.length === 0;
  const inConsole =
    symptom.silence === 'nothing'
      ? isQuiet
      : symptom.console.length === 0 || symptom.console.some(shows) || (symptom.silence === 'quiet' && isQuiet);
  return [
    ...(inConsole ? [] : [`"${sees}": the console says ${JSON.stringify(lines)}`]),
    ...(symptom.codes.length === 0 || symptom.codes.some(has)
      ? []
      : [`"${sees}": the ends are ${JSON.stringify(ends)}, the console says ${JSON.stringify(lines)}`]),
    ...(symptom.names.length === 0 || symptom.names.some(isNamed)
      ? []
      : [`"${sees}": the page names it ${diagnosis.verdict.name}`]),
    ...(symptom.thrown === undefined || symptom.thrown === thrown ? [] : [`"${sees}": ${thrown} is thrown`]),
  ];
}
