// Proves that imports point down: which folder may import which, and which package knows which. Part of `npm run check`.
// oxlint's no-restricted-imports sees the text of an import, not the folder it leads to, so this reads them itself.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Fault, isProgram, main, root } from './run.mjs';

/** The gateway's folders in the order a connection walks through them; each may import itself and those after it. */
const gateway = ['upgrade', 'admission', 'session', 'delivery', 'channels', 'broker', 'log'];
const gatewayRoots = /^packages\/gateway\/src\/(gateway|gateway-[a-z-]+|index)\.ts$/;

/** Packages of ours that a folder may import. Tests may import anything. */
const packages = {
  'packages/protocol': [],
  'packages/gateway': ['protocol'],
  'packages/client': ['protocol'],
  'packages/agent': ['protocol', 'client'],
  'packages/hub': ['protocol', 'gateway', 'agent'],
  'packages/telltale': ['protocol', 'hub', 'agent', 'client'],
  'apps/dashboard': ['protocol', 'client', 'hub', 'agent'],
  examples: ['gateway', 'client'],
};

/** Each answers why a file may not import a target (a path of ours, or a module's name), or undefined. */
const rules = [
  function packagesPointDown(file, target) {
    const home = Object.keys(packages).find((folder) => file.startsWith(`${folder}/`));
    const name = /^@telltale\/([a-z]+)/.exec(target)?.[1];
    if (home === undefined || name === undefined || packages[home].includes(name)) return undefined;
    return `${home} may import ${packages[home].join(', ') || 'no other package'}`;
  },
  function noWayAroundThePackageDoor(file, target) {
    const home = Object.keys(packages).find((folder) => file.startsWith(`${folder}/`));
    if (home === undefined || !/^(packages|apps)\//.test(target) || target.startsWith(`${home}/`)) return undefined;
    return 'another package is imported by its name';
  },
  function gatewayPointsDown(file, target) {
    const from = gateway.indexOf(/^packages\/gateway\/src\/([^/]+)\//.exec(file)?.[1]);
    const to = gateway.indexOf(/^packages\/gateway\/src\/([^/]+)\//.exec(target)?.[1]);
    if (to >= 0 && from > to) return `the order is ${gateway.join(' → ')}`;
    if (from >= 0 && gatewayRoots.test(target)) return 'nothing below imports the composition root';
    // types.ts names what applications may pass in; it holds no code.
    if (from < 0 && to >= 0 && /^packages\/gateway\/src\/(?!types\.ts)[^/]+$/.test(file) && !gatewayRoots.test(file)) {
      return 'what all folders share imports none of them';
    }
    return undefined;
  },
  function httpEdge(file, target) {
    if (!/^packages\/gateway\/src\/(admission|session|delivery|channels|broker|log)\//.test(file)) return undefined;
    return /^(ws|node:(http|https|tls))$/.test(target) ? 'only upgrade/ knows node:http and ws' : undefined;
  },
  function browserSafe(file, target) {
    const strict = /^packages\/(client|protocol)\/|^apps\/dashboard\/src\//.test(file);
    return strict && target.startsWith('node:') ? 'this code also runs in a browser' : undefined;
  },
  function coreKnowsNoReact(file, target) {
    if (!file.startsWith('packages/client/src/') || file.startsWith('packages/client/src/react/')) return undefined;
    return /^react|^packages\/client\/src\/react\//.test(target) ? 'the core of the client knows no React' : undefined;
  },
  function onlyLiveKnowsTheClient(file, target) {
    if (!file.startsWith('apps/dashboard/src/') || file.startsWith('apps/dashboard/src/live/')) return undefined;
    return target.startsWith('@telltale/client') ? 'only live/ knows the client' : undefined;
  },
  function uiKnowsNoDomain(file, target) {
    if (!file.startsWith('apps/dashboard/src/ui/')) return undefined;
    return /^apps\/dashboard\/src\/(features|live)\//.test(target) ? 'ui/ knows neither features nor live' : undefined;
  },
];

/** Throws a Fault that lists every import which points up or around. */
export function checkLayers() {
  const faults = ['packages', 'apps', 'examples'].flatMap(sources).flatMap((file) =>
    imports(file).flatMap((target) =>
      rules.flatMap((rule) => {
        const why = rule(file, target);
        return why === undefined ? [] : [`${file} imports ${target}: ${why}`];
      }),
    ),
  );
  if (faults.length > 0) throw new Fault(faults.join('\n'));
}

function sources(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .filter(
      (path) => /\.(ts|tsx|mjs)$/.test(path) && !/node_modules|\/dist\/|\.test\.|\/testing\/|\.d\.ts$/.test(path),
    );
}

/** What a file imports or re-exports: modules by name, our own files by their path from the root. */
function imports(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...found]
    .map((match) => match[1] ?? match[2] ?? match[3])
    .map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name));
}

if (isProgram(import.meta.url)) await main(async () => checkLayers());
