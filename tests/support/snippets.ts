// Reads the fenced code blocks of a document, each with what the comment before it says about its proof:
// `<!-- test: … -->`. Used by whoever runs what the documents show.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './hub-process.ts';

export interface Snippet {
  /** The document, relative to the repository. */
  readonly document: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** Word behind the fence; empty: prose, a drawing. */
  readonly language: string;
  /** Without the fences, with a line end. */
  readonly code: string;
  /** What stands behind `test:` in the comment right before; several lines are possible. */
  readonly directive: string | undefined;
}

/** All code blocks of a document in order. Throws on a fence that is never closed. */
export function readSnippets(document: string): readonly Snippet[] {
  const lines = readFileSync(join(root, document), 'utf8').split('\n');
  const snippets: Snippet[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [, fence, language = ''] = /^(`{3,}|~{3,})\s*(\S*)/.exec(lines[index] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = lines.findIndex((line, at) => at > index && line.trimEnd() === fence);
    if (end < 0) throw new Error(`${document}:${index + 1}: this code block has no end`);
    const before = lines.slice(0, index).join('\n').trimEnd();
    const directive = /<!--\s*test:((?:(?!-->)[^])*)-->$/.exec(before)?.[1]?.trim();
    const code = lines.slice(index + 1, end).map((line) => `${line}\n`);
    snippets.push({ document, line: index + 1, language, code: code.join(''), directive });
    index = end;
  }
  return snippets;
}

/** The only block of a language in a document. */
export function readSnippet(document: string, language: string): Snippet {
  const found = readSnippets(document).filter((snippet) => snippet.language === language);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${document}: found ${found.length} code blocks of ${language}, expected one`);
  }
  return only;
}

/** Commands of a block of `sh`: without comments, with continued lines as one. */
export function commandsOf({ code }: Snippet): readonly string[] {
  return code
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '');
}

/** Puts test values into a text; throws if a text to replace is not there, so that a document cannot drift away. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  let filled = text;
  for (const [from, to] of Object.entries(values)) {
    if (!filled.includes(from)) throw new Error(`found no ${JSON.stringify(from)} in: ${text}`);
    filled = filled.replaceAll(from, to);
  }
  return filled;
}
