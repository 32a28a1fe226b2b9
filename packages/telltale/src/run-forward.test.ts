import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { forward } from './run-forward.ts';
import { openPipes } from './run-pipes.ts';

/** A shell whose output is passed on into a pipe; resolves when it has ended. */
async function shellInto(out: number, script: string): Promise<ReturnType<typeof forward>> {
  const [pipe] = openPipes(1) ?? [];
  if (pipe === undefined) throw new Error('no named pipes here');
  const forwarding = forward(pipe.source, out, () => {});
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', pipe.fd, 'pipe'] });
  closeSync(pipe.fd);
  // What it leaves behind says who it is.
  child.stderr?.once('data', (pid: Buffer) => onTestFinished(() => void process.kill(Number(pid), 'SIGKILL')));
  await new Promise((resolve) => child.once('exit', resolve));
  return forwarding;
}

/** A pipe that nobody reads from until somebody begins to. */
function openPipe(): { readonly fd: number; read(): Promise<number> } {
  const directory = mkdtempSync(join(tmpdir(), 'telltale-forward-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR);
  const fd = openSync(path, constants.O_WRONLY);
  return {
    fd,
    async read() {
      const source = createReadStream('', { fd: openSync(path, constants.O_RDONLY) });
      closeSync(reader);
      let bytes = 0;
      for await (const chunk of source) bytes += (chunk as Buffer).length;
      return bytes;
    },
  };
}

it('what is left in its pipe when a command ends is passed on, however late its reader takes it', async () => {
  const out = openPipe();
  // Four times what a pipe holds: in the reader's, in our hands, read ahead, and left in the command's own, which something
  // else holds open.
  const forwarding = await shellInto(out.fd, 'dd bs=65536 count=4 if=/dev/zero status=none; sleep 20 & echo $! >&2');
  const finished = forwarding.finish().then(() => closeSync(out.fd));
  let read: Promise<number> | undefined;
  setTimeout(() => {
    read = out.read();
  }, 500);
  await finished;
  expect(await read).toBe(4 * 65_536);
});

it('what goes on writing in the background is not waited for', async () => {
  const out = openPipe();
  const read = out.read();
  const forwarding = await shellInto(out.fd, 'yes & echo $! >&2');
  await expect(forwarding.finish()).resolves.toBeUndefined();
  closeSync(out.fd);
  await read;
});
