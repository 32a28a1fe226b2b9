// What the command uses of an agent as a process of its own: enrolling a machine, finding what was enrolled, running it.

export { mostLogFiles } from './bounds.ts';
export { enrol, type EnrolOutcome, hubUrl } from './enrol.ts';
export type { LineState } from './link/link.ts';
export { agentsDirectory, findPlace, isAgentName, type Place } from './place.ts';
export { type Agent, startAgent, type StartedAgent } from './process/agent-process.ts';
