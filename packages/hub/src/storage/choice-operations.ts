// What an administrator has chosen on a page, kept by name: one function per question. Runs where the database is open.
// Knows nothing of what a choice means.

import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** Every question, each atomic. Values are JSON. */
export interface ChoiceOperations {
  choice(name: string): Promise<string | undefined>;
  choose(name: string, value: string): Promise<void>;
}

/** Runs these operations on an open database. */
export function createChoiceOperations(db: Kysely<Tables>): ChoiceOperations {
  return {
    async choice(name) {
      const row = await db.selectFrom('choices').select('value').where('name', '=', name).executeTakeFirst();
      return row?.value;
    },

    async choose(name, value) {
      await db
        .insertInto('choices')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
    },
  };
}
