// A real nginx with one configuration, as people write it. Answers when it listens.

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { toolPath } from '../../scripts/tools.mjs';
import { freePort, temporaryDirectory } from '../support/hub-process.ts';
import { until } from '../support/until.ts';
import type { Listening } from './servers.ts';

export interface NginxOptions {
  /** What stands in the server block: locations. */
  readonly server: string;
  /** Behind the port in `listen`: `http2`. */
  readonly listen?: string;
  /** PEM files for TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export async function startNginx({ server, listen = '', tls }: NginxOptions): Promise<Listening> {
  const folder = temporaryDirectory();
  const port = await freePort();
  mkdirSync(join(folder, 'temporary'));
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/temporary/${name};`,
  );
  let certificate = '';
  if (tls !== undefined) {
    writeFileSync(join(folder, 'cert.pem'), tls.cert);
    writeFileSync(join(folder, 'key.pem'), tls.key);
    certificate = `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;`;
  }
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `pid ${folder}/nginx.pid; worker_processes 1; error_log ${folder}/error.log; events {}\n` +
      `http { access_log off; ${places.join(' ')}\n` +
      `server { listen 127.0.0.1:${port} ${listen}; ${certificate}\n${server}\n} }\n`,
  );
  const child = spawn(
    toolPath('nginx') ?? 'nginx',
    ['-p', folder, '-c', file, '-e', join(folder, 'start.log'), '-g', 'daemon off;'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(
    'nginx to listen',
    async () => (child.exitCode === null ? await canConnect(port) : output),
    (state) => state === true,
  );
  return {
    port,
    async end() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
