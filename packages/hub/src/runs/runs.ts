// Everything about runs in one place: the method that opens them, their events, their rows, their ends. Composed here, so
// that the hub connects one part.

import type { RunEvent } from '@telltale/agent/run-events';
import type { Appended, Gateway, GatewayEvent, GatewayLog, MethodDefinition, StandardSchema } from '@telltale/gateway';
import { z } from 'zod';
import type { RunPage, RunSnapshot } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import type { Storage } from '../storage/storage.ts';
import type { OpenRun } from './open-run.ts';
import { readRunPage, type RunPageAsk } from './run-pages.ts';
import { createRunRegistry, type RunRegistryOptions } from './run-registry.ts';

export interface RunsOptions extends Pick<RunRegistryOptions, 'control' | 'onRunning'> {
  readonly storage: Storage;
  /** Asked for only once the gateway is made. */
  readonly gateway: () => Gateway<HubChannels>;
  readonly log: GatewayLog;
  readonly now?: () => number;
}

export interface Runs {
  readonly methods: Readonly<Record<'run.open', MethodDefinition>>;
  /** Whose run it is; undefined: there is none. */
  agentOf(run: string): string | undefined;
  /** How many runs of an agent are under way. */
  runningOf(agent: string): number;
  onRunEvents(appended: Appended<RunEvent>): void;
  onEvent(event: GatewayEvent): void;
  /** Asks a run to end, in somebody's name. */
  cancel(run: string, by: string): Promise<'asked' | 'ended' | 'unknown'>;
  snapshot(run: string): Promise<RunSnapshot | undefined>;
  /** Ended runs, the last to end first. */
  page(ask: RunPageAsk): Promise<RunPage>;
  /** All that have not ended, and some that just have. */
  openRuns(): Iterable<OpenRun>;
  /** How many runs are kept of each agent. */
  kept(): ReadonlyMap<string, number>;
  remove(runs: readonly string[]): Promise<void>;
  /** Removes output whose run was removed when the last process ended. */
  removeLeftovers(): Promise<void>;
  /** Forgets all runs of an agent. */
  forgetAgent(agent: string): Promise<void>;
  /** Folds what was not folded, then shows runs and what is wanted of them; the gateway is made, nobody is let in yet. */
  start(): Promise<void>;
  /** Shows nothing more; sessions that end from now on are still noted. */
  stop(): void;
  /** Saves what is not saved yet. */
  flush(): Promise<void>;
}

/** How often changes of a run are shown at most, in milliseconds; how it stands is shown at once. */
const showMs = 250;

const runOpen = z.object({
  run: z.string().regex(/^[a-z0-9]{16,32}$/, 'expected an id of 16 to 32 characters of a-z and 0-9'),
  name: z.string().min(1).max(256),
});

export async function createRuns(options: RunsOptions): Promise<Runs> {
  const { storage, gateway, control, onRunning, log, now = Date.now } = options;
  const registry = await createRunRegistry({
    storage,
    gateway,
    control,
    onRunning,
    onRemoved: () => gateway().rightsChanged({ pattern: 'runs/:run' }),
    log,
    now,
  });
  const { folds } = registry;
  let timer: NodeJS.Timeout | undefined;
  let forgetInterest = (): void => {};

  return {
    methods: {
      'run.open': {
        allows: ({ kind }) => kind === 'agent',
        schema: runOpen as StandardSchema,
        handle: (ask, { id: session, identity }) =>
          registry.claim(ask as z.infer<typeof runOpen>, { agent: identity.subject, session }),
      },
    },
    agentOf: registry.agentOf,
    runningOf: registry.runningOf,
    onRunEvents: (appended) => folds.onEvents(appended),
    onEvent(event) {
      if (event.type === 'ended') registry.sessionEnded(event.session.id);
    },
    cancel: registry.cancel,
    snapshot: registry.snapshot,
    page: (ask) => readRunPage(ask, { storage, folds, kept: registry.kept }),
    openRuns: () => folds.open(),
    kept: registry.kept,
    remove: registry.remove,
    removeLeftovers: registry.removeLeftovers,
    forgetAgent: (agent) => registry.remove(registry.runsOf(agent)),
    async start() {
      await registry.start();
      forgetInterest = gateway().onInterest((channel, interested) => {
        if (interested && channel === 'runs') folds.restore();
      });
      timer = setInterval(() => folds.tick(), showMs);
    },
    stop() {
      registry.stop();
      clearInterval(timer);
      forgetInterest();
    },
    flush: () => folds.flush(),
  };
}
