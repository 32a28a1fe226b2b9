// What an administrator does about an agent's credential: end an enrolment, revoke, remove, enrol another machine.

import type { AgentRow } from '@telltale/hub/api';
import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { navigate } from '../../router/router.tsx';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useOpened } from '../../ui/use-opened.ts';
import { duration } from '../../words/time.ts';
import { AddAgent } from './add-agent.tsx';
import styles from './agent.module.css';
import type { Moment } from './standing.ts';

interface Step {
  readonly path: '/api/enrolments/end' | '/api/agents/revoke' | '/api/agents/remove';
  readonly body: object;
}

export function Credential({ row, moment }: { readonly row: AgentRow; readonly moment: Moment }): ReactElement {
  const { session } = useSession();
  const { isUp } = useLine();
  const enrolling = useOpened();
  const { agent, state, expiresAt } = row;
  const step = useMutation({
    mutationFn: ({ path, body }: Step) => session.call(path, { body }),
    onSuccess: (_, { path }) => {
      // There is nothing left to look at.
      if (path === '/api/agents/remove') navigate('/agents');
    },
  });
  const { isPending } = step;
  return (
    <>
      <Panel title={state === 'never-seen' ? 'Enrolment' : 'Credential'} ruled>
        <div className={styles.credential}>
          {step.isError ? (
            <Notice kind="crit" title="Nothing was changed">
              {failureWords(step.error)}
            </Notice>
          ) : null}
          <p>{wordsOf(row, moment.now)}</p>
          <div className={styles.buttons}>
            {state === 'never-seen' || enrolling.isOpen ? null : (
              <Button size="small" isDisabled={!isUp || isPending} onPress={enrolling.open} ref={enrolling.opener}>
                Enrol another machine
              </Button>
            )}
            {expiresAt === null ? null : (
              <DangerButton
                armedText="Press again to end"
                isDisabled={!isUp}
                isPending={isPending}
                onPress={() => step.mutate({ path: '/api/enrolments/end', body: { name: agent } })}
              >
                End the enrolment
              </DangerButton>
            )}
            {state === 'never-seen' ? null : state === 'revoked' ? (
              <DangerButton
                armedText="Press again to remove"
                label={`Remove ${agent}`}
                isDisabled={!isUp}
                isPending={isPending}
                onPress={() => step.mutate({ path: '/api/agents/remove', body: { agent } })}
              >
                Remove with all it reported
              </DangerButton>
            ) : (
              <DangerButton
                armedText="Press again to revoke"
                label={`Revoke the credential of ${agent}`}
                isDisabled={!isUp}
                isPending={isPending}
                onPress={() => step.mutate({ path: '/api/agents/revoke', body: { agent } })}
              >
                Revoke
              </DangerButton>
            )}
          </div>
        </div>
      </Panel>
      {enrolling.isOpen ? <AddAgent rows={[row]} now={moment.now} name={agent} onClose={enrolling.close} /> : null}
    </>
  );
}

function wordsOf({ state, expiresAt }: AgentRow, now: number): string {
  const waits =
    expiresAt === null || expiresAt <= now
      ? ''
      : ` A token for a machine waits to be used, ${duration(expiresAt - now)} more.`;
  switch (state) {
    case 'never-seen':
      return 'Once it is ended, its token is worth nothing and its name is free.';
    case 'revoked':
      return `It is revoked: its machine is turned away. Removed, all it reported is forgotten.${waits}`;
    case 'live':
    case 'lost':
    case 'closed':
    case 'runs-only':
      return `It is good on the machine it was enrolled on, and nowhere else. Revoked, its sockets end at once and it is refused.${waits}`;
  }
}
