// The storage thread of a hub: opens the database it is told, answers calls in their order. Started by storage.ts only.

import { parentPort, workerData } from 'node:worker_threads';
import { errorCode, StartFault } from '../start-fault.ts';
import { openDatabase } from './database.ts';
import { createOperations, type OperationName } from './operations.ts';
import type { StorageCall, StorageReply } from './storage.ts';

const port = parentPort;
if (port === null) throw new Error('worker.js runs as a worker thread, started by openStorage');

const reply = (message: StorageReply): void => port.postMessage(message);

try {
  const db = await openDatabase(String(workerData));
  const operations = createOperations(db);
  const answer = async ({ id, operation, parameters }: StorageCall): Promise<void> => {
    try {
      const run =
        operation === 'close'
          ? () => db.destroy()
          : (operations[operation] as (...parameters: readonly unknown[]) => Promise<unknown>);
      reply({ kind: 'answer', id, value: await run(...parameters) });
    } catch (error) {
      // A cloned error would lose its code.
      const message = error instanceof Error ? error.message : String(error);
      reply({ kind: 'failed', id, message, code: errorCode(error) });
    }
  };
  port.on('message', (call: StorageCall) => void answer(call));
  reply({ kind: 'opened', operations: Object.keys(operations) as OperationName[] });
} catch (error) {
  if (!(error instanceof StartFault)) throw error;
  reply({ kind: 'fault', sentences: error.sentences });
  port.close();
}
