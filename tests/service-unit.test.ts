// The units for systemd in the guides: what they say fits the rest of their guide, and systemd itself takes them.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, temporaryDirectory } from './support/hub-process.ts';
import { fillIn, readSnippet } from './support/snippets.ts';

const guide = 'docs/production.md';
const agentGuide = 'docs/agents.md';

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

function sectionsOf(unit: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of unit.split('\n').filter((text) => text !== '')) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (name !== undefined) sections.set(name, (section = new Map()));
    else section.set(...(/^([A-Z]\w+)=(.+)$/.exec(line)?.slice(1) as [string, string]));
  }
  return sections;
}

describe.each([guide, agentGuide])('the unit for systemd in %s', (document) => {
  const unit = readSnippet(document, 'systemd').code;

  it('says what a service manager needs, and nothing it does not know', () => {
    const sections = sectionsOf(unit);
    expect([...sections.keys()]).toEqual(['Unit', 'Service', 'Install']);
    const [tries, seconds] = ['StartLimitBurst', 'StartLimitIntervalSec'].map((name) =>
      Number(sections.get('Unit')?.get(name)),
    ) as [number, number];
    const service = sections.get('Service');
    expect(tries * (Number(service?.get('RestartSec')) + 2), 'gives up in the end').toBeLessThan(seconds);
    expect(Number(service?.get('TimeoutStopSec'))).toBeGreaterThan(2);
  });

  it('pleases systemd itself, where there is one', () => {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    const analyze = folders.map((folder) => join(folder, 'systemd-analyze')).find((path) => existsSync(path));
    const folder = temporaryDirectory();
    try {
      const file = join(folder, 'telltale.service');
      const program = join(root, 'packages/telltale/bin/telltale.js');
      writeFileSync(file, fillIn(unit, { '/usr/local/bin/telltale': program }));
      if (analyze === undefined) return;
      const { stdout, stderr } = spawnSync(analyze, ['verify', file], { encoding: 'utf8' });
      const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.includes(file));
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it('the unit of the hub fits the rest of its guide', () => {
  const service = sectionsOf(readSnippet(guide, 'systemd').code).get('Service');
  const settings = readSnippet(guide, 'ini').code;
  expect(settings).toContain(`TELLTALE_DATA_DIR=/var/lib/${service?.get('StateDirectory')}\n`);
  expect(readFileSync(join(root, guide), 'utf8')).toContain(`\`${service?.get('EnvironmentFile')}\``);
  expect(service?.get('ExecStart')).toBe('/usr/local/bin/telltale start');
});

it('the unit of an agent keeps it where root enrolled it, and leaves alone what would be refused again', () => {
  const service = sectionsOf(readSnippet(agentGuide, 'systemd').code).get('Service');
  const text = readFileSync(join(root, agentGuide), 'utf8');
  expect(text).toContain(`\`/var/lib/${service?.get('StateDirectory')}\` for root`);
  expect(service?.get('ExecStart')).toMatch(/^\/usr\/local\/bin\/telltale agent( --log \/\S+)+$/);
  const refused = /^const refusedCode = (\d+);$/m.exec(
    readFileSync(join(root, 'packages/telltale/src/agent.ts'), 'utf8'),
  )?.[1];
  expect(service?.get('RestartPreventExitStatus')?.split(' ')).toEqual(['2', refused]);
  expect(text).toContain(`It ends with ${refused} where`);
});
