// Copies the address of one attempt, for whoever asks why it does not connect.

import { useEffect, useState, type ReactElement } from 'react';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { attemptPath } from './attempt-path.ts';

export function CopyLink({ attempt }: { readonly attempt: string }): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      look="quiet"
      size="small"
      onPress={() => {
        void navigator.clipboard?.writeText(location.origin + attemptPath(attempt)).then(() => setCopied(true));
      }}
    >
      <Icon name={copied ? 'check' : 'link'} size={14} />
      {copied ? 'Copied' : 'Copy link'}
    </Button>
  );
}
