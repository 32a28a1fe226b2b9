// What one session began with: its welcome, and how far the server's clock was ahead of ours then.

import type { WelcomeFrame } from '@telltale/protocol';

export interface Session extends WelcomeFrame {
  readonly aheadMs: number;
}
