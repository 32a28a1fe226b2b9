// Credentials planted everywhere and searched for afterwards: in logs, events, refusals, close reasons, answers, and in
// the memory of attempts, whole, in parts and re-encoded.

import { describe, expect, it } from 'vitest';
import { startEdge } from '../testing/edge.ts';
import { forgeToken, signToken } from '../testing/tokens.ts';

const page = 'https://ops.example.com';

function traces(secret: string): string[] {
  const parts = secret.split('.').filter((part) => part.length >= 12);
  return [secret, ...parts].flatMap((text) => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('hex'),
  ]);
}

const isProtocol = /^[\w.-]+$/;
const isAttempt = /^[\w-]{22,64}$/;

describe('[REF7] a credential', () => {
  it('is in no log, event, refusal, answer or close reason, however it fails or succeeds', async () => {
    const good = await signToken({ claims: { name: 'Ada' } });
    const tokens = [
      good,
      await signToken({ claims: { exp: 1_000 } }),
      await signToken({ key: 'another-secret-that-is-32-bytes-' }),
      await signToken({ claims: { iss: 'elsewhere' } }),
      await signToken({ claims: { scope: 'emperor' } }),
      forgeToken({ alg: 'none', canary: 'canaryHeader9f1' }, { canary: 'canaryClaims9f1' }),
      forgeToken({ alg: 'XX512' }, { canary: 'canaryClaims9f2' }),
      'canary-garbage-7f3a9c-without-dots',
      'Bearer canary-garbage-7f3a9c-bearer',
      '"canary-garbage-7f3a9c-quoted"',
      '{"token":"canary-garbage-7f3a9c-json"}',
      `canary.${'x'.repeat(5_000)}.long`,
    ];
    const seen: unknown[] = [];
    const secrets = [...tokens];
    for (const mode of ['development', 'production'] as const) {
      await using edge = await startEdge({ mode, allowedOrigins: [page], limits: { explainedRefusals: 1_000 } });
      const holder = await edge.policy.credentials.checkBearer(good);
      if (holder.kind === 'refused') throw new Error(holder.reason);
      for (const from of [{}, { origin: page }, { origin: 'https://evil.example' }]) {
        const open = async (path: string, options: { headers?: Record<string, string>; protocols?: string[] } = {}) => {
          const { first, code, reason, body, protocol } = await edge.open(path, { ...from, ...options });
          seen.push({ first, code, reason, body, protocol });
        };
        const { ticket } = edge.policy.tickets.issue(
          { identity: holder.identity },
          (from as { origin?: string }).origin,
        );
        secrets.push(ticket);
        await open(`/ws/?ticket=${ticket}`);
        await open(`/ws/?ticket=${ticket}&again`);
        for (const token of tokens) {
          const encoded = encodeURIComponent(token);
          await open(`/ws/?token=${encoded}`);
          await open(`/ws/?token=${encoded}&ticket=${encoded}`);
          await open(`/ws/?%zz=${encoded}`);
          await open('/ws/', { headers: { Authorization: `Bearer ${token}` } });
          if (isProtocol.test(token)) await open('/ws/', { protocols: ['telltale.v1', `bearer.${token}`] });
          // What looks like an attempt's id is one, and comes back.
          if (!isAttempt.test(token)) await open(`/ws/?attempt=${encoded}`);
          // A part of a path that is too long to be a name may be a token put in the wrong place.
          if (token.startsWith('ey')) await open(`/ws/chat/${token}`);
        }
      }
      seen.push(edge.lines, edge.events);
      for (const event of edge.events) {
        if (event.type === 'refused') seen.push(edge.policy.attempts.outcome(event.attempt.attempt));
      }
    }
    const haystack = JSON.stringify(seen);
    expect(haystack.length).toBeGreaterThan(100_000);
    expect(haystack).toContain('token-signature');
    for (const secret of secrets) {
      for (const trace of traces(secret)) expect(haystack.includes(trace), `found ${trace.slice(0, 60)}`).toBe(false);
    }
    expect(haystack).not.toContain('canary');
  });

  it('is masked in the trace of a hook that puts it into its error', async () => {
    const token = 'opaque-canary-token-5d1e';
    const verify = (text: string): never => {
      throw new Error(`cannot read ${text}`, { cause: new Error(`also ${encodeURIComponent(text)}`) });
    };
    await using edge = await startEdge({ credentials: { verify } });
    await edge.open(`/ws/?token=${token}`);
    const all = edge.lines.join('\n');
    expect(all).toContain('cannot read …');
    expect(all).not.toContain(token);
  });
});
