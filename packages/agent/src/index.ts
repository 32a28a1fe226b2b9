// What a machine reports to Telltale: collectors, the reporter that paces them, and the shapes of what is reported.

export { mostDisks, mostLogFiles, mostMountCharacters } from './bounds.ts';
export { type Clock } from './clock.ts';
export { type AgentLog } from './collector.ts';
export { createMachine, type Machine, type Reading } from './machine.ts';
export { createReporter, unwatchedMs, watchedMs, type Reporter, type ReporterOptions } from './reporter.ts';
export { type RowChange } from './row-changes.ts';
export * from './runs.ts';
export * from './sample.ts';
