// What the documents say of the zoo in numbers, for the two tests that count it.

import { readFileSync } from 'node:fs';

export interface ZooClaim {
  readonly document: string;
  readonly members: number;
  readonly healthy: number;
  /** By doctor. */
  readonly named: number;
  /** Of the zoo, by a page; and beside them its own. */
  readonly met: number;
  readonly own: number;
  /** By a page: as doctor does, and by the class that browsers leave it. */
  readonly exact: number;
  readonly byClass: number;
}

const sentences =
  /has (\d+) members, (\d+) of them healthy; doctor names (\d+) of them right.*In Chromium a page meets (\d+) of them and (\d+) of its own; \S+ names (\d+) exactly, and the other (\d+) by the class/;

export const zooClaims: readonly ZooClaim[] = ['README.md', 'docs/does-not-connect.md'].map((document) => {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  const found = sentences.exec(text);
  if (found === null) throw new Error(`${document}: found no count of the zoo, expected ${String(sentences)}`);
  const [members, healthy, named, met, own, exact, byClass] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { document, members, healthy, named, met, own, exact, byClass };
});
