import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DroppedMessages, Line, LogMessage } from '../run-events.ts';
import type { AppendOptions } from '../spool/spool.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { LogTail } from './log-tail.ts';

/** A log file and its follower; what it hands on is what a spool would keep, and a restart begins with that. */
class Bench {
  readonly path: string;
  readonly pieces: Line[] = [];
  readonly gaps: DroppedMessages[] = [];
  readonly warnings: string[] = [];
  #resumes: Readonly<Record<string, unknown>> = {};
  #tail: LogTail | undefined;
  clock: number = Date.now();

  constructor(directory: string) {
    this.path = join(directory, 'app.log');
  }

  look(): void {
    this.#tail ??= new LogTail({
      name: { file: 'app.log', path: this.path },
      channel: 'logs/web-1/app.log',
      spool: {
        append: (_channel, items, options: AppendOptions = {}) => {
          for (const item of items as LogMessage[]) {
            if (item.type === 'gap') this.gaps.push(item);
            else this.pieces.push(item);
          }
          this.#resumes = { ...this.#resumes, ...(JSON.parse(JSON.stringify(options.resumes)) as object) };
        },
        resumeOf: (name) => this.#resumes[name],
      },
      log: { warn: (_fields, text) => this.warnings.push(text) },
      now: () => this.clock,
    });
    while (this.#tail.look());
  }

  restart(): void {
    this.#tail?.close();
    this.#tail = undefined;
  }

  /** Past the time that a renamed file may still be written to. */
  wait(): void {
    this.clock += 31_000;
    this.look();
  }

  get lines(): string[] {
    const lines: string[] = [];
    let open: string[] = [];
    for (const { text, part, more } of this.pieces) {
      if ((part ?? 0) !== open.length) throw new Error(`found part ${part} behind ${open.length} parts`);
      open.push(text);
      if (more === true) continue;
      lines.push(open.join(''));
      open = [];
    }
    return lines;
  }
}

/** What may be missing, nobody knows how much of it. */
const unread = { type: 'gap', count: 0, orMore: true, reason: 'rotated' };

function bench(): Bench {
  return new Bench(temporaryDirectory());
}

describe('a log file', () => {
  it('that was there before is told from not too far before its end, one that appears later from its beginning', () => {
    const old = bench();
    writeFileSync(old.path, `${'x'.repeat(999)}\n`.repeat(200));
    old.look();
    expect(old.lines).toHaveLength(65);
    appendFileSync(old.path, 'new\n');
    old.look();
    expect(old.lines.at(-1)).toBe('new');
    const later = bench();
    later.look();
    writeFileSync(later.path, `${'x'.repeat(999)}\n`.repeat(200));
    later.look();
    expect(later.lines).toHaveLength(200);
  });

  it('shows an unfinished line at the next look, and goes on with it', () => {
    const found = bench();
    writeFileSync(found.path, 'half');
    found.look();
    expect(found.pieces).toEqual([]);
    found.look();
    expect(found.pieces).toMatchObject([{ text: 'half', part: 0, more: true }]);
    appendFileSync(found.path, ' whole\nnext\n');
    found.look();
    expect(found.lines).toEqual(['half whole', 'next']);
  });

  it('that is renamed is read to its end, also what its program still writes to it, and then the new one', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    appendFileSync(found.path, 'b\n');
    renameSync(found.path, `${found.path}.1`);
    appendFileSync(`${found.path}.1`, 'c\n');
    writeFileSync(found.path, 'd\n');
    found.look();
    appendFileSync(`${found.path}.1`, 'late\n');
    appendFileSync(found.path, 'e\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b', 'c', 'd', 'late', 'e']);
    found.wait();
    appendFileSync(found.path, 'f\n');
    found.look();
    expect(found.lines.at(-1)).toBe('f');
    expect(found.lines).toHaveLength(7);
  });

  it('that was rotated twice between two looks is missed neither time', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    const later = (path: string, seconds: number): void =>
      utimesSync(path, Date.now() / 1000, Date.now() / 1000 + seconds);
    renameSync(found.path, `${found.path}.2`);
    writeFileSync(`${found.path}.1`, 'b\n');
    later(`${found.path}.1`, 1);
    writeFileSync(found.path, 'c\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b', 'c']);
  });

  it('that is copied and emptied loses nothing that is in the copy', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    appendFileSync(found.path, 'b\nc\n');
    copyFileSync(found.path, `${found.path}.1`);
    truncateSync(found.path);
    appendFileSync(found.path, 'd\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b', 'c', 'd']);
    expect(found.gaps).toEqual([]);
  });

  it('that is copied with its time and emptied was read already', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    const old = Date.now() / 1000 - 7200;
    utimesSync(found.path, old, old);
    found.look();
    copyFileSync(found.path, `${found.path}.1`);
    utimesSync(`${found.path}.1`, old, old);
    truncateSync(found.path);
    appendFileSync(found.path, 'b\nc\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b', 'c']);
    expect(found.gaps).toEqual([]);
  });

  it('that is emptied without a copy is told of, also where it is longer than before at the next look', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    found.clock += 60_000;
    found.look();
    const read = found.clock;
    appendFileSync(found.path, 'nobody reads this\n');
    truncateSync(found.path);
    appendFileSync(found.path, 'e\nf\ng\nh\n');
    found.clock += 1000;
    found.look();
    expect(found.lines).toEqual(['a', 'e', 'f', 'g', 'h']);
    expect(found.gaps).toEqual([{ ...unread, at: found.clock, from: read, to: found.clock }]);
    expect(found.warnings).toEqual([expect.stringContaining('emptied unread')]);
    // A program that writes its file anew every second warns once.
    truncateSync(found.path);
    found.look();
    expect([found.gaps.length, found.warnings.length]).toEqual([2, 1]);
    found.restart();
    found.look();
    expect(found.gaps).toHaveLength(2);
  });

  it('that was rotated while nobody looked is found again after a restart', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    found.restart();
    appendFileSync(found.path, 'b\n');
    renameSync(found.path, `${found.path}-20260101`);
    writeFileSync(found.path, 'c\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b', 'c']);
    expect([found.warnings, found.gaps]).toEqual([[], []]);
    found.restart();
    const before = found.clock;
    found.clock += 60_000;
    rmSync(`${found.path}-20260101`);
    rmSync(found.path);
    writeFileSync(`${found.path}.other`, 'takes the inode\n');
    writeFileSync(found.path, 'd\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b', 'c', 'd']);
    expect(found.warnings).toEqual([expect.stringContaining('rotated away or emptied unread')]);
    expect(found.gaps).toEqual([{ ...unread, at: found.clock, from: before, to: found.clock }]);
  });

  it('that was rotated away unread is told of once, also where there is no new one at the next starts', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    rmSync(found.path);
    for (let start = 0; start < 3; start++) {
      found.restart();
      found.look();
    }
    writeFileSync(found.path, 'b\n');
    found.look();
    found.restart();
    found.look();
    expect(found.lines).toEqual(['a', 'b']);
    expect([found.gaps.length, found.warnings.length]).toEqual([1, 1]);
  });

  it('that is removed is let go of, and followed again when it is back', () => {
    const found = bench();
    writeFileSync(found.path, 'a\n');
    found.look();
    rmSync(found.path);
    found.look();
    found.wait();
    writeFileSync(found.path, 'b\n');
    found.look();
    expect(found.lines).toEqual(['a', 'b']);
  });

  it('that is none is said once', () => {
    const found = bench();
    mkdirSync(found.path);
    found.look();
    found.look();
    expect(found.warnings).toEqual([`The log file ${found.path} cannot be read`]);
    rmSync(found.path, { recursive: true });
    writeFileSync(found.path, 'a\n');
    found.look();
    expect(found.lines).toEqual(['a']);
  });

  it('gives every line once and in order, whatever becomes of it and of its reader', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('write'), text: fc.constantFrom('x', 'yy\n', 'z\nz', '\n', '€') }),
      fc.record({ type: fc.constantFrom('look', 'look', 'restart', 'rename', 'copy') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const home = temporaryDirectory();
        const found = new Bench(home);
        found.look();
        let [n, rotations, written] = [0, 0, ''];
        const write = (text: string): void => {
          appendFileSync(found.path, text);
          written += text;
        };
        for (const one of steps) {
          if (one.type === 'write') write((one as { text: string }).text.replace('\n', `${n++}\n`));
          if (one.type === 'look') found.look();
          if (one.type === 'restart') found.restart();
          if (!existsSync(found.path)) continue;
          if (one.type === 'rename' || one.type === 'copy') {
            // A program rotates between lines, and not twice between two looks: a tick of the disk's clock has no order.
            if (!written.endsWith('\n')) write('\n');
            write(`seen ${n++}\n`);
            found.look();
          }
          if (one.type === 'rename') renameSync(found.path, `${found.path}.${++rotations}`);
          if (one.type === 'copy') {
            write(`copied ${n++}\n`);
            copyFileSync(found.path, `${found.path}.${++rotations}`);
            truncateSync(found.path);
          }
        }
        if (!written.endsWith('\n')) write('\n');
        found.look();
        found.wait();
        expect(found.lines).toEqual(written.split('\n').slice(0, -1));
        expect(found.gaps).toEqual([]);
        rmSync(home, { recursive: true });
      }),
      { numRuns: process.env['TELLTALE_TEST_LONG'] === '1' ? 1000 : 40 },
    );
  }, 60_000);
});
