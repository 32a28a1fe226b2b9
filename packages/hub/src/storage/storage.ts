// The hub's storage as the rest of the hub sees it: promises, whichever thread does the work. `openStorage` is for a
// hub, whose event loop must not wait for the disk; `openStorageHere` for short commands and for tests from source.

import { Worker } from 'node:worker_threads';
import { StartFault } from '../start-fault.ts';
import { openDatabase } from './database.ts';
import { createOperations, type OperationName, type Storage } from './operations.ts';

export type { Facts, Rotation, UserFacts } from './account-operations.ts';
export type { AgentFacts, AgentReport, Enrolled } from './agent-operations.ts';
export type { Storage } from './operations.ts';

/** From the hub to the worker thread: one call. */
export interface StorageCall {
  readonly id: number;
  readonly operation: OperationName | 'close';
  readonly parameters: readonly unknown[];
}

/** From the worker thread: first `opened` or `fault`, then one answer per call. */
export type StorageReply =
  | { readonly kind: 'opened'; readonly operations: readonly OperationName[] }
  | { readonly kind: 'fault'; readonly sentences: readonly string[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly code: string };

/** Opens the database in this thread. Throws a StartFault if it cannot be used. */
export async function openStorageHere(directory: string): Promise<Storage> {
  const db = await openDatabase(directory);
  return { ...createOperations(db), close: () => db.destroy() };
}

/** Opens the database in a worker thread of its own. Throws a StartFault if it cannot be used. */
export async function openStorage(directory: string): Promise<Storage> {
  const worker = new Worker(new URL('worker.js', import.meta.url), {
    workerData: directory,
    // Flags of the process (--input-type, --inspect) are not for this thread.
    execArgv: [],
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  let lastId = 0;
  let ended: Error | undefined;

  const call = (operation: StorageCall['operation'], parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, operation, parameters } satisfies StorageCall);
    });
  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };

  const operations = await new Promise<readonly OperationName[]>((resolve, reject) => {
    worker.on('message', (reply: StorageReply) => {
      if (reply.kind === 'opened') return resolve(reply.operations);
      if (reply.kind === 'fault') return reject(new StartFault(reply.sentences));
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (reply.kind === 'answer') caller?.resolve(reply.value);
      else caller?.reject(Object.assign(new Error(reply.message), { code: reply.code }));
    });
    worker.on('error', (error) => {
      end(error instanceof Error ? error : new Error(String(error)));
      reject(error);
    });
    worker.on('exit', () => end(new Error('the storage thread has ended')));
  });

  // Each operation becomes a call under its own name; the worker itself says which there are.
  const remote = Object.fromEntries(
    operations.map((operation) => [operation, (...parameters: unknown[]) => call(operation, parameters)]),
  );
  return {
    ...(remote as unknown as Omit<Storage, 'close'>),
    async close() {
      if (ended !== undefined) return;
      await call('close', []);
      await worker.terminate();
    },
  };
}
