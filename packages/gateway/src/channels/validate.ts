// Checks data against a channel's schema (Standard Schema, version 1) and names the first fault in words.

import type { SchemaResult, StandardSchema } from '../types.ts';

export type Validated =
  { readonly kind: 'valid'; readonly data: unknown } | { readonly kind: 'invalid'; readonly reason: string };

/** Validates; answers at once where the validator does. A validator that throws is the application's fault and is thrown on. */
export function validate(schema: StandardSchema | undefined, data: unknown): Validated | Promise<Validated> {
  if (schema === undefined) return { kind: 'valid', data };
  const result = schema['~standard'].validate(data);
  return result instanceof Promise ? result.then(outcome) : outcome(result);
}

function outcome(result: SchemaResult<unknown>): Validated {
  const issue = result.issues?.[0];
  if (issue === undefined) return { kind: 'valid', data: (result as { value: unknown }).value };
  const path = (issue.path ?? [])
    .map((step) => String(typeof step === 'object' && step !== null && 'key' in step ? step.key : step))
    .join('.');
  return { kind: 'invalid', reason: path === '' ? `data: ${issue.message}` : `data.${path}: ${issue.message}` };
}
