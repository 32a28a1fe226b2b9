// What programs use to report runs, without what reads a machine: a command that runs another starts at once.

export { type Agent, type AgentOptions, createAgent, type RunOptions } from './run/run-agent.ts';
export {
  openRunRecorder,
  type OpenedRecorder,
  type PlaceOptions,
  type RunBeginning,
  RunCancelled,
  type RunEnd,
  type RunRecorder,
} from './run/run-recorder.ts';
export { type Run, type Step, type TextWriter } from './run/run-scope.ts';
export { takeOverRuns, type Takeover } from './run/run-takeover.ts';
