// What happens in a run, drawn from its seed: who publishes, comes, goes, stalls, loses the line or the right, and when
// the process dies. One deed a step, and some time between.

import { type ChannelName, channelNames, isTable, streams, tables, type TableName, written } from './channels.ts';
import type { Viewer } from './viewer.ts';
import type { World } from './world.ts';

interface Deed {
  readonly weight: number;
  readonly run: (world: World, viewer: Viewer) => string | Promise<string>;
}

/** Keys of each table: more of `small`, whose removals are to be forgotten. */
const keys = { rows: 12, small: 60, safe: 4 } as const;

const deeds: readonly Deed[] = [
  { weight: 22, run: publish },
  { weight: 3, run: burst },
  { weight: 26, run: setRows },
  { weight: 10, run: send },
  { weight: 10, run: listen },
  { weight: 5, run: leave },
  { weight: 5, run: cut },
  { weight: 3, run: lose },
  { weight: 4, run: stall },
  { weight: 5, run: freeze },
  { weight: 6, run: changeRights },
  { weight: 2, run: comeAndGo },
  { weight: 1, run: kill },
  { weight: 1, run: restart },
  { weight: 1, run: spoilDisk },
];
const weights = deeds.reduce((sum, { weight }) => sum + weight, 0);

/** Does one thing, and says what. */
export async function act(world: World): Promise<string> {
  let left = world.random() * weights;
  const deed = deeds.find(({ weight }) => (left -= weight) < 0) ?? (deeds[0] as Deed);
  return await deed.run(world, world.pick(world.viewers));
}

/** How long until the next deed: mostly less than a flush takes, sometimes longer than a heartbeat. */
export function pause({ random }: World): number {
  const kind = random();
  return Math.round(kind < 0.5 ? 0 : kind < 0.8 ? random() * 30 : kind < 0.97 ? random() * 1000 : random() * 9000);
}

async function publish(world: World): Promise<string> {
  const channel = world.pick(streams);
  const sizes = Array.from({ length: world.random() < 0.7 ? 1 : 3 }, () => Math.round(world.random() * 200));
  await world.publish(channel, sizes);
  return `${sizes.length} to ${channel}`;
}

/** More than a window takes, or than is kept. */
async function burst(world: World): Promise<string> {
  const channel = world.pick(['counted', 'aged', 'slow'] as const);
  const isLarge = world.random() < 0.4;
  const count = isLarge ? 12 : 45;
  for (let part = 0; part < 3; part++) {
    await world.publish(
      channel,
      Array.from({ length: count / 3 }, () => (isLarge ? 16_000 : 40)),
    );
    await world.pass(Math.round(world.random() * 15));
  }
  return `${count} ${isLarge ? 'large' : 'small'} ones to ${channel}`;
}

async function setRows(world: World): Promise<string> {
  const channel = world.pick(tables);
  const count = world.random() < 0.7 ? 1 : 6;
  for (let row = 0; row < count; row++) await setRow(world, channel);
  return `${count} rows of ${channel}`;
}

async function setRow(world: World, channel: TableName): Promise<void> {
  const life = world.truth.life(channel);
  const rows = [...(life?.rowsAt(life.head).keys() ?? [])];
  const removes = world.random() < (rows.length > 3 ? 0.6 : 0.2);
  const key = removes && rows.length > 0 ? world.pick(rows) : `k${Math.floor(world.random() * keys[channel])}`;
  await world.setRow(channel, key, removes ? undefined : channel === 'small' ? 0 : Math.round(world.random() * 400));
}

function send(world: World, viewer: Viewer): string {
  if (viewer.isFrozen) return `${viewer.who} stands still`;
  const channel = world.pick(written);
  const count = world.random() < 0.7 ? 1 : 4;
  const keepFor = world.random() < 0.2 ? 1500 : 120_000;
  for (let n = 0; n < count; n++) world.send(viewer, channel, keepFor);
  return `${viewer.who} sends ${count} to ${channel}`;
}

function listen(world: World, viewer: Viewer): string {
  if (viewer.isFrozen) return `${viewer.who} stands still`;
  const channel = world.pick(channelNames);
  const kind = world.random();
  viewer.listen(channel, kind < 0.8 || isTable(channel) ? undefined : kind < 0.9 ? { last: 3 } : { seconds: 2 });
  return `${viewer.who} listens to ${channel}`;
}

function leave(world: World, viewer: Viewer): string {
  const channel = world.pick([...viewer.listening.keys(), 'counted' as ChannelName]);
  if (!viewer.isFrozen) viewer.leave(channel);
  return `${viewer.who} leaves ${channel}`;
}

function cut(_world: World, viewer: Viewer): string {
  if (!viewer.isFrozen) viewer.cut();
  return `the line of ${viewer.who} breaks`;
}

function lose(_world: World, viewer: Viewer): string {
  viewer.lose();
  return `the line of ${viewer.who} is forgotten`;
}

function stall(world: World, viewer: Viewer): string {
  const ms = Math.round(world.between(200, 9000));
  viewer.lose();
  world.clock.after(ms, () => viewer.light());
  return `the network of ${viewer.who} stands still for ${ms} ms`;
}

function freeze(world: World, viewer: Viewer): string {
  const ms = Math.round(world.random() < 0.8 ? world.between(200, 5000) : world.between(5000, 25_000));
  viewer.freeze();
  world.clock.after(ms, () => viewer.thaw());
  return `${viewer.who} stands still for ${ms} ms`;
}

function changeRights(world: World, viewer: Viewer): string {
  const scope = viewer.rights.scope === 'viewer' ? 'operator' : 'viewer';
  world.changeRights(viewer, scope);
  return `${viewer.who} is ${scope}`;
}

function comeAndGo(world: World, viewer: Viewer): string {
  if (viewer.isFrozen) return `${viewer.who} stands still`;
  viewer.connection.close('away');
  world.clock.after(Math.round(world.between(0, 3000)), () => viewer.connection.connect());
  return `${viewer.who} goes and comes back`;
}

async function kill(world: World): Promise<string> {
  await world.kill();
  await world.pass(Math.round(world.between(0, 3000)));
  world.start();
  return 'the process is killed';
}

async function restart(world: World): Promise<string> {
  await world.restart(2000);
  return 'the process is restarted';
}

function spoilDisk(world: World): string {
  const ms = Math.round(world.between(500, 6000));
  world.isDiskBad = true;
  world.clock.after(ms, () => {
    world.isDiskBad = false;
  });
  return `the disk is bad for ${ms} ms`;
}
