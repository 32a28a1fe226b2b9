// The end of a run: everything is made well again, everybody is given time to come back, two who are new read all there is,
// and all is held against what was published. Then all leave, and nothing may be left.

import type { Position } from '@telltale/protocol';
import { channels, isTable, mayRead, streams } from './channels.ts';
import type { Said } from './truth.ts';
import type { Listening, Viewer } from './viewer.ts';
import { watch } from './watch.ts';
import type { Sent, World } from './world.ts';

/** Longer than the longest wait of a client and the longest life of a sleeping line together. */
const calmMs = 120_000;
const stepMs = 1000;
/** Longer than the gateway needs to find out that a line is gone, and than anything the script has set to come. */
const leavingMs = 36_000;
/** More than any channel may keep: what is there beyond its bounds comes too. */
const everything = { last: 1_000_000 } as const;

export async function judge(world: World): Promise<void> {
  const { faults, viewers } = world;
  faults.begin('calm');
  world.isDiskBad = false;
  for (const viewer of viewers) {
    viewer.thaw();
    viewer.light();
    for (const channel of world.channelNames) viewer.listen(channel);
    viewer.connection.connect();
  }
  const readers = [world.join('judge', false, 'operator'), world.join('newcomer', false, 'operator')] as const;
  for (const channel of world.channelNames) {
    readers[0].listen(channel, isTable(channel) ? undefined : everything);
    readers[1].listen(channel);
  }
  // Who has gone for a moment comes back first.
  await world.pass(4000);
  for (let waited = 0; waited < calmMs && !viewers.every((viewer) => isCalm(world, viewer)); waited += stepMs) {
    await world.pass(stepMs);
    for (const viewer of viewers) askAgain(viewer);
    watch(world);
    faults.check();
  }
  for (const viewer of viewers) judgeViewer(world, viewer);
  for (const reader of readers) judgeKept(world, reader);
  await judgeSent(world);
  faults.check();
  await judgeLeaving(world);
  faults.check();
}

/** Who was denied and may read now asks again, as a page does that is opened anew. */
function askAgain(viewer: Viewer): void {
  for (const [channel, { subscription }] of [...viewer.listening]) {
    if (subscription.denied === undefined || !mayRead(viewer.rights.scope, channel)) continue;
    viewer.leave(channel);
    viewer.listen(channel);
  }
}

function isCalm(world: World, viewer: Viewer): boolean {
  return (
    viewer.connection.state.kind === 'open' &&
    viewer.connection.outbox.length === 0 &&
    [...viewer.listening.values()].every((listening) => restlessness(world, viewer, listening) === undefined)
  );
}

/** Why a subscription is not where it should be; undefined: it is. */
function restlessness({ truth }: World, viewer: Viewer, { view, subscription }: Listening): string | undefined {
  const { channel } = view;
  const { denied, freshness, position } = subscription;
  const isAllowed = mayRead(viewer.rights.scope, channel);
  if (!isAllowed) return denied === undefined ? 'it is not denied' : undefined;
  if (denied !== undefined) return `it is denied: ${denied.reason}`;
  if (freshness.kind !== 'live' && freshness.kind !== 'gap') return `it is ${freshness.kind}`;
  const life = truth.life(channel);
  if (life === undefined || life.head === 0) return undefined;
  if (position?.epoch === life.epoch && position.offset === life.head) return undefined;
  return `it stands at ${position?.offset ?? 'nothing'} of ${life.head}`;
}

function judgeViewer(world: World, viewer: Viewer): void {
  const { faults } = world;
  const { state, outbox } = viewer.connection;
  if (state.kind !== 'open') faults.add('calm', viewer.who, `found its connection ${state.kind}`);
  if (outbox.length > 0) faults.add('calm', viewer.who, `found ${outbox.length} messages in its outbox`);
  for (const [channel, listening] of viewer.listening) {
    const why = restlessness(world, viewer, listening);
    if (why !== undefined) faults.add('calm', viewer.who, `found at ${channel} that ${why}`);
    listening.view.look();
  }
}

/** Who reads a stream for the first time gets exactly what its bounds keep, also who asks for more. */
function judgeKept({ truth, faults, now }: World, { who, listening }: Viewer): void {
  for (const channel of streams) {
    const life = truth.life(channel);
    const { held = [], position } = listening.get(channel)?.subscription ?? {};
    if (life === undefined || life.head === 0 || position?.epoch !== life.epoch) continue;
    const first = held[0]?.offset ?? life.head + 1;
    // Age is looked at once a second, and what came to an end while the judge read may or may not have been given.
    const { seconds } = channels[channel].retention;
    const latest = truth.horizon(channel, life.epoch, now, 100) + 1;
    const earliest = truth.horizon(channel, life.epoch, now - (seconds === undefined ? 0 : calmMs), 0) + 1;
    if (first > latest || first < earliest) {
      faults.add('retention', who, `found ${channel} kept from ${first}, expected from ${earliest} to ${latest}`);
    }
  }
}

/** What people were told became of what they sent, and what did. */
async function judgeSent(world: World): Promise<void> {
  const { faults, truth, sent } = world;
  await readLedger(world);
  for (const { n, by, channel, outcome } of sent) {
    if (outcome === undefined) {
      faults.add('outcome', by, `found no word of publish ${n} to ${channel}`);
      continue;
    }
    const wasSeen = truth.wasSeen(n);
    const isGone = outcome.kind === 'published' && outcome.result.position.epoch !== truth.life(channel)?.epoch;
    const isExpected = outcome.kind === 'published' ? wasSeen || isGone : !wasSeen || mayHaveBeen(channel, outcome);
    if (!isExpected)
      faults.add('outcome', by, `found publish ${n} to ${channel} ${outcome.kind}, and ${wasSeen ? '' : 'not '}there`);
  }
  judgeOrder(world);
}

/**
 * What was sent before, without an answer, may be there. Who may no longer write is told so of what is stored (ONC6); what
 * was in memory alone has ended with its process, and with it the memory of it.
 */
function mayHaveBeen(channel: string, outcome: NonNullable<Sent['outcome']>): boolean {
  if (outcome.kind === 'expired') return outcome.uncertain;
  return outcome.kind === 'refused' && outcome.code === 4403 && channel !== 'ledger';
}

/** Shows the checker all of the stored channel, page by page: also what memory has let go of. */
async function readLedger({ process, truth, viewers, faults, pass }: World): Promise<void> {
  let before: Position | undefined;
  if (process === undefined) return;
  for (let isMore = true; isMore;) {
    const reading = process.gateway.read('ledger', { limit: 1000, ...(before === undefined ? {} : { before }) });
    await pass(1000);
    const { epoch, messages, more } = await reading;
    for (const { offset, time, data } of messages) {
      const { n, by } = data as Said;
      truth.learn('ledger', epoch as string, { offset, at: time, n, key: undefined }, 'the history');
      // Who may write the ledger may read the secret as well.
      const mayNot = viewers.find(({ who }) => who === by)?.rights.lackedAll('secret', time, time);
      if (mayNot === true) faults.add('rights', by, `found publish ${n} at ledger ${offset}`);
    }
    isMore = more;
    before = { epoch: epoch as string, offset: messages[0]?.offset ?? 0 };
  }
}

/** The messages of one sender stand in the order he gave them. */
function judgeOrder({ truth, faults, sent }: World): void {
  for (const channel of ['votes', 'ledger']) {
    const last = new Map<string, number>();
    for (const { n = 0, offset } of truth.life(channel)?.messages ?? []) {
      const by = sent.find((one) => one.n === n)?.by ?? '';
      if (n < (last.get(by) ?? 0))
        faults.add('order', by, `found publish ${n} at ${channel} ${offset}, behind ${last.get(by)}`);
      last.set(by, n);
    }
  }
}

async function judgeLeaving(world: World): Promise<void> {
  const { faults, viewers, process } = world;
  faults.begin('all leave');
  for (const viewer of viewers) {
    for (const channel of viewer.listening.keys()) viewer.leave(channel);
    viewer.connection.close();
  }
  await world.pass(leavingMs);
  if (process === undefined) return faults.add('calm', 'the gateway', 'found no process');
  const { gateway } = process;
  const { sessions, behind } = gateway.figures();
  if (sessions + behind > 0) faults.add('clean', 'the gateway', `found ${sessions} sessions, ${behind} behind`);
  for (const channel of world.channelNames) {
    if (gateway.hasReaders(channel)) faults.add('clean', 'the gateway', `found readers of ${channel}`);
  }
  const stopping = gateway.stop({ returnWindowMs: 0 });
  await world.pass(5000);
  await stopping;
  const { pending } = world.clock;
  if (pending > 0) faults.add('clean', 'the gateway', `found ${pending} timers that nobody owns`);
}
