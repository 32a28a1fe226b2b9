// Stands in for `welcome` where a server does not speak Telltale's protocol: it tells nobody's name and no limits.

import { defaultLimits, protocolVersion, type WelcomeFrame } from '@telltale/protocol';

export function foreignWelcome(attempt: string, time: number): WelcomeFrame {
  return {
    type: 'welcome',
    protocol: protocolVersion,
    mode: 'production',
    session: attempt,
    attempt,
    identity: { id: '', issuer: '', subject: '', kind: 'anonymous', scope: 'viewer' },
    time,
    heartbeatMs: Infinity,
    limits: defaultLimits,
    channels: [],
  };
}
