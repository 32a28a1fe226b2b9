// Everything the hub may ask of its database, put together from one file per noun; all SQL is in those.

import type { Kysely } from 'kysely';
import { type AccountOperations, createAccountOperations } from './account-operations.ts';
import { type AgentOperations, createAgentOperations } from './agent-operations.ts';
import { type ChatOperations, createChatOperations } from './chat-operations.ts';
import { type AttemptOperations, createAttemptOperations } from './attempt-operations.ts';
import { type ChoiceOperations, createChoiceOperations } from './choice-operations.ts';
import { createMessageOperations, type MessageOperations } from './message-operations.ts';
import { createRunOperations, type RunOperations } from './run-operations.ts';
import type { Tables } from './schema.ts';

/** Every question, each atomic. */
export type Operations = AccountOperations &
  AgentOperations &
  MessageOperations &
  RunOperations &
  ChoiceOperations &
  ChatOperations &
  AttemptOperations;

/** The hub's storage, wherever it runs. Each call is atomic. */
export type Storage = Operations & {
  /** Releases the file; later calls reject. */
  close(): Promise<void>;
};

/** Name of an operation that may be asked for from another thread. */
export type OperationName = keyof Operations;

/** Runs every operation on an open database. */
export function createOperations(db: Kysely<Tables>): Operations {
  return {
    ...createAccountOperations(db),
    ...createAgentOperations(db),
    ...createMessageOperations(db),
    ...createRunOperations(db),
    ...createChoiceOperations(db),
    ...createAttemptOperations(db),
    ...createChatOperations(db),
  };
}
