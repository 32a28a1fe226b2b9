// The same without what stands before the server: where the two differ, the difference is what stands between.

import { attempt } from '../attempt.ts';
import { type Check, done, type Exam, fail, type Finding, pass, skip, warn } from '../check.ts';
import { dialTrouble } from '../meaning/dial.ts';
import type { Target } from '../target.ts';
import type { Place } from '../wire/dial.ts';

export const direct: Check = {
  name: 'direct',
  title: 'direct',
  async run(exam) {
    const { options, facts } = exam;
    const target = options.direct;
    if (target === undefined) return skip();
    const asked = target.path === '/' ? withPath(target, exam.target.path) : target;
    const seen = await look(exam, asked);
    const isPublicFine = facts.refusedBy.length === 0 && facts.handshake?.kind === 'open';
    return done(compare(seen, { target: asked, isPublicFine, publicIds: facts.refusedBy }));
  },
};

/** The same server, asked for what was asked on the other way. */
function withPath(target: Target, path: string): Target {
  return { ...target, path, shown: `${target.isTls ? 'wss' : 'ws'}://${target.authority}${path}` };
}

type Seen = Awaited<ReturnType<typeof attempt>>;

async function look(exam: Exam, target: Target): Promise<Seen> {
  const { names, budget } = exam;
  const { host, port, isTls } = target;
  const [v4, v6] = await Promise.all([names.lookup(host, 4, budget.step()), names.lookup(host, 6, budget.step())]);
  const addresses = [v4, v6].flatMap((lookup) => (lookup.kind === 'found' ? lookup.addresses : []));
  let seen: Seen | undefined;
  for (const address of addresses) {
    const place: Place = { address, host, port, isTls };
    // The path, the origin and the credential of the main handshake; the name of the host is the direct one's.
    const asked = exam.ask({ authority: target.authority });
    const ask = { ...asked, target: asked.target.replace(exam.target.path, () => target.path) };
    seen = await attempt(exam, { place, target, ask, waitMs: 1000 });
    if (seen.kind === 'begun') {
      seen.line.close();
      return seen;
    }
    if (!seen.trouble.id.startsWith('tcp-')) return seen;
  }
  return seen ?? { kind: 'refused', trouble: dialTrouble({ kind: 'failed', stage: 'tcp', code: 'ENOTFOUND' }, target) };
}

function compare(
  seen: Seen,
  { target, isPublicFine, publicIds }: { target: Target; isPublicFine: boolean; publicIds: readonly string[] },
): Finding {
  const { shown } = target;
  if (seen.kind === 'begun') {
    if (isPublicFine) return pass(`${shown} connects as well`);
    return { ...pass(`${shown} connects`), places: { hop: 'proxy', because: `directly at ${shown} it connects` } };
  }
  const { trouble } = seen;
  const found = `directly at ${shown} it does not connect: ${trouble.found}`;
  if (isPublicFine) {
    const cure = 'see whether this is the same server';
    return warn({ id: 'direct-differs', hop: 'gateway', found, cure });
  }
  if (trouble.id.startsWith('tcp-')) {
    return fail({
      id: 'gateway-down',
      hop: 'upstream',
      found,
      cure: trouble.cure,
      explains: ['handshake-502', 'handshake-503', 'handshake-504', 'handshake-silent', 'silent', 'handshake-cut'],
    });
  }
  const isSame = publicIds.includes(trouble.id);
  const because = isSame ? `directly at ${shown} it is the same` : `directly at ${shown} it fails in another way`;
  const hop = trouble.hop === 'server' || trouble.hop === 'proxy' ? 'gateway' : trouble.hop;
  // What is the same on both ways is not between them; what differs is the server's own trouble, and comes first.
  return {
    ...fail({ ...trouble, id: trouble.id, hop, found, explains: isSame ? [] : publicIds }),
    places: { hop, because },
  };
}
