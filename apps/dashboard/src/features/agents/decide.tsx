// The decision an administrator owes an agent whose credential came from another machine.

import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { useLine } from '../../live/live.tsx';
import { failureWords } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { Button, DangerButton } from '../../ui/button.tsx';
import styles from './agents.module.css';

export function Decide({
  agent,
  since,
  isActive = true,
}: {
  readonly agent: string;
  /** Which conflict it is about: when it began. */
  readonly since: number;
  readonly isActive?: boolean;
}): ReactElement {
  const { session } = useSession();
  const { isUp } = useLine();
  const decide = useMutation({
    mutationFn: (decision: 'allow' | 'keep') =>
      session.call('/api/agents/machine', { body: { agent, decision, since } }),
  });
  const { isPending } = decide;
  return (
    <span className={styles.decide}>
      {decide.isError ? (
        <span className={styles.failed} role="alert">
          {failureWords(decide.error)}
        </span>
      ) : null}
      <DangerButton
        armedText="Press again to allow"
        label={`Allow that machine as ${agent}`}
        isDisabled={!isUp}
        isPending={isPending}
        isOutOfTabOrder={!isActive}
        onPress={() => decide.mutate('allow')}
      >
        Allow that machine
      </DangerButton>
      <Button
        size="small"
        label={`Keep the old one as ${agent}`}
        isDisabled={!isUp}
        isPending={isPending}
        isOutOfTabOrder={!isActive}
        onPress={() => decide.mutate('keep')}
      >
        Keep the old one
      </Button>
    </span>
  );
}
