// The log files of an agent: one at a time, live; which one stands in the address.

import type { AgentRow } from '@telltale/hub/api';
import { useMemo, type ReactElement } from 'react';
import { changeQuery, Link, useQuery } from '../../router/router.tsx';
import { useSession } from '../../session/use-session.ts';
import { Choice } from '../../ui/field.tsx';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { Snippet } from '../../ui/snippet.tsx';
import { shownName } from '../../words/name.ts';
import { lineOf } from '../chat/cards/card-paths.ts';
import { OutputPanel } from '../output/output-panel.tsx';
import styles from './agent.module.css';

export function AgentLogs({ row }: { readonly row: AgentRow }): ReactElement {
  const { agent, files, state, since } = row;
  const { state: session } = useSession();
  const query = useQuery();
  const asked = query.get('log');
  const shown = files.find(({ file }) => file === asked) ?? files[0];
  const at = useMemo(() => lineOf(query), [query]);
  if (session.kind === 'anonymous') {
    return (
      <Panel title="Logs" ruled>
        <PanelText>
          What logs say is for people of the house. <Link to="/sign-in">Sign in</Link> to read it.
        </PanelText>
      </Panel>
    );
  }
  if (shown === undefined) {
    return (
      <Panel title="Logs" ruled>
        <div className={styles.noLogs}>
          <p>No log files yet. Started so, its agent sends what is written there, live:</p>
          <Snippet text="telltale agent --log /var/log/app.log" />
        </div>
      </Panel>
    );
  }
  const title = shownName(shown.title);
  const channel = `logs/${agent}/${shown.file}`;
  return (
    <div className={styles.logs}>
      {files.length === 1 ? null : (
        <Choice
          label="Log file"
          name="log"
          options={files.map((one) => ({ value: one.file, text: shownName(one.title) }))}
          value={shown.file}
          onChange={(file) => changeQuery({ log: file === files[0]?.file ? undefined : file, at: undefined })}
        />
      )}
      <div className={styles.output}>
        <OutputPanel
          key={channel}
          channel={channel}
          title={title}
          at={at}
          label={`Log ${title} of ${agent}`}
          empty="Nothing has been written since its agent follows it."
          awaySince={state === 'live' ? null : since}
        />
      </div>
    </div>
  );
}
