// Routes about agents: enrolling a machine, which anybody may who has a token, and what administrators decide.

import { z } from 'zod';
import { agentNameRule, isAgentName, isMachine, machineRule } from '../agents/agent-name.ts';
import { createEnrolThrottle } from '../agents/enrol-throttle.ts';
import type { EnrolOutcome } from '../agents/enrolment.ts';
import { enrolmentLine } from '../agents/enrolment-token.ts';
import type { Enrolment, EnrolAnswer } from '../api.ts';
import { mostEnrolments } from '../storage/agent-operations.ts';
import type { HubContext } from './context.ts';
import { badRequest, Failure, notFound } from './failure.ts';
import { type Route, route, type RouteRequest } from './route.ts';

const agentName = z.string().refine(isAgentName, `expected ${agentNameRule}`);
const machine = z.string().refine(isMachine, `expected ${machineRule}`);

function conflict(name: string, message: string, hint: string): Failure {
  return new Failure({ status: 409, code: 4400, name, message, hint });
}

/** Why a machine was not enrolled, in words for whoever stands before it. */
function negative(outcome: Exclude<EnrolOutcome, { kind: 'enrolled' }>): Failure {
  const token = (name: string, message: string): Failure =>
    new Failure({
      status: 401,
      code: 4401,
      name,
      message,
      hint: 'An administrator makes a new one on the Agents page, or with "telltale agent enrol".',
    });
  switch (outcome.kind) {
    case 'unknown':
      return token('enrolment-unknown', 'This hub has made no such enrolment token, or it was ended.');
    case 'expired':
      return token('enrolment-expired', 'This enrolment token has expired: it was good for one hour.');
    case 'used':
      return token('enrolment-used', 'This enrolment token was used already: each is good for one machine.');
    case 'name-missing':
      return badRequest(`name: found none, expected ${agentNameRule}.`, 'Give the agent a name with --name.');
    case 'name-differs':
      return badRequest(
        `name: this enrolment token is for the agent ${outcome.name} and no other.`,
        'Leave the name out, or ask for a token for another name.',
      );
    case 'name-taken':
      return conflict(
        'name-taken',
        `There is an agent ${outcome.name} already, and this token was not made for it by name.`,
        'Choose another name with --name; to move that agent to this machine, ask for a token with its name.',
      );
  }
}

export function agentRoutes(context: HubContext): readonly Route[] {
  const { agents, settings, version, log } = context;
  const throttle = createEnrolThrottle();

  /** Where the machine will find this hub: its own address in production, else the one the administrator uses. */
  const hubUrl = ({ raw }: RouteRequest<unknown>): string => {
    const { origin, host } = raw.headers;
    if (settings.mode === 'production') return settings.allowedOrigins[0] ?? '';
    if (origin !== undefined && context.origins.isOwn(origin, host)) return origin;
    return `http://${host ?? `localhost:${settings.port}`}`;
  };
  const nameOf = ({ identity }: RouteRequest<unknown>): string => identity?.subject ?? '';
  const missing = (agent: string): Failure => notFound(`There is no agent ${agent}.`);

  return [
    route({
      method: 'POST',
      path: '/api/enrol',
      rule: 'anyone',
      body: z.strictObject({
        token: z.string().max(128),
        name: agentName.optional(),
        machine,
        title: z.string().max(4096).optional(),
      }),
      async handle({ body, address }): Promise<EnrolAnswer> {
        const retryAfterMs = await throttle.waitMs(address);
        if (retryAfterMs !== undefined) {
          throw new Failure({
            status: 429,
            code: 4429,
            name: 'too-many',
            message: 'Too many enrolments failed from here.',
            hint: 'Wait, then try again with a token that is new.',
            retryAfterMs,
          });
        }
        const outcome = await agents.enrolment.enrol({ name: undefined, title: undefined, ...body });
        if (outcome.kind !== 'enrolled') {
          if (['unknown', 'expired', 'used'].includes(outcome.kind)) await throttle.failed(address);
          log.warn({ address }, `An enrolment was refused: ${outcome.kind}`);
          throw negative(outcome);
        }
        const { agent, credential, createdBy } = outcome;
        log.info({ agent, address, createdBy }, `Agent ${agent} was enrolled, with a token of ${createdBy}`);
        return { agent, credential };
      },
    }),
    route({
      method: 'POST',
      path: '/api/enrolments',
      rule: 'admin',
      body: z.strictObject({ name: agentName.optional() }),
      async handle(request): Promise<Enrolment> {
        const { name = null } = request.body;
        const user = nameOf(request);
        const made = await agents.enrolment.create(name, user);
        if (made === undefined) {
          throw new Failure({
            status: 429,
            code: 4429,
            name: 'too-many',
            message: `Found ${mostEnrolments} enrolment tokens that wait for their machine, expected fewer.`,
            hint: 'Use them, end those with a name, or wait: each is good for one hour.',
          });
        }
        log.info({ user, agent: name }, `${user} made an enrolment token${name === null ? '' : ` for ${name}`}`);
        const line = enrolmentLine({ hubUrl: hubUrl(request), version, ...made });
        return { ...made, line, sha256: context.packed?.sha256 ?? null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/enrolments/end',
      rule: 'admin',
      body: z.strictObject({ name: agentName }),
      async handle({ body }) {
        return { ended: await agents.enrolment.end(body.name) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/agents/revoke',
      rule: 'admin',
      body: z.strictObject({ agent: agentName }),
      async handle(request) {
        const { agent } = request.body;
        const isRevoked = await agents.registry.revoke(agent);
        // Twice is as good as once.
        if (!isRevoked && agents.registry.agent(agent) === undefined) throw missing(agent);
        if (isRevoked) log.info({ agent, user: nameOf(request) }, `The credential of agent ${agent} was revoked`);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/api/agents/remove',
      rule: 'admin',
      body: z.strictObject({ agent: agentName }),
      async handle(request) {
        const { agent } = request.body;
        if (agents.registry.agent(agent) === undefined) throw missing(agent);
        if (!(await agents.remove(agent))) {
          throw conflict(
            'agent-not-revoked',
            `The agent ${agent} still has its credential.`,
            'Revoke it first; then it can be removed, with all it reported.',
          );
        }
        log.info({ agent, user: nameOf(request) }, `Agent ${agent} and all it reported were removed`);
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/api/agents/machine',
      rule: 'admin',
      body: z.strictObject({ agent: agentName, decision: z.enum(['allow', 'keep']), since: z.number() }),
      async handle(request) {
        const { agent, decision, since } = request.body;
        if (agents.registry.agent(agent) === undefined) throw missing(agent);
        if (!(await agents.registry.decide(agent, decision, since))) {
          throw conflict(
            'nothing-to-decide',
            `That machine does not wait with the credential of ${agent}.`,
            'It may have been decided already, or another machine has come since; the row of the agent says.',
          );
        }
        const how = decision === 'allow' ? 'is for the other machine now' : 'stays with its machine';
        log.info({ agent, user: nameOf(request) }, `The credential of agent ${agent} ${how}`);
        return {};
      },
    }),
  ];
}
