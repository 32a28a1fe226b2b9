// Holds PROTOCOL.md and the tests together: every rule is cited as `[RES2]` in the title of a test, and every citation
// names a rule. Part of `npm run check`.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, isProgram, main, root } from './run.mjs';

/** Throws a Fault that lists rules without a test and citations without a rule. */
export function checkRules() {
  const rules = new Set(
    [...read('PROTOCOL.md').matchAll(/^(?:- |\| *)?\*\*([A-Z]{3}\d+)\*\*/gm)].map((match) => match[1]),
  );
  if (rules.size === 0)
    throw new Fault('PROTOCOL.md states no rule: expected lines like "- **ADM1** Checks run in …".');
  const cited = new Map(testFiles().flatMap((file) => citations(file).map((id) => [id, file])));
  const uncited = [...rules].filter((id) => !cited.has(id));
  const unknown = [...cited].filter(([id]) => !rules.has(id));
  const faults = [
    ...(uncited.length > 0
      ? [`${uncited.length} of ${rules.size} rules that no test cites: ${uncited.join(' ')}`]
      : []),
    ...unknown.map(([id, file]) => `${file} cites [${id}], which PROTOCOL.md does not state`),
  ];
  if (faults.length > 0) throw new Fault(faults.join('\n'));
}

function testFiles() {
  return ['packages', 'apps', 'tests', 'examples']
    .flatMap((folder) => readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .filter(
      (path) =>
        /\.ts$|\.tsx$/.test(path) && /\.test\.|\/testing\/|^tests\//.test(path) && !/node_modules|\/dist\//.test(path),
    );
}

/** IDs at the start of titles: `it('[RES2] [RES3] a resume …')`. A test that is skipped for good proves nothing. */
function citations(file) {
  const titles = read(file).matchAll(/(?<!\.(?:skip|todo)\(\s*)['"`]((?:\[[A-Z]{3}\d+\][ ,]*)+)/g);
  return [...titles].flatMap((match) => [...match[1].matchAll(/[A-Z]{3}\d+/g)].map((id) => id[0]));
}

function read(file) {
  return readFileSync(join(root, file), 'utf8');
}

if (isProgram(import.meta.url)) await main(async () => checkRules());
