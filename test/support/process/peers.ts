import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A test, or a benchmark that can be left out. */
export type Skippable = Pick<TestContext, 'skip'>;

/** Set by .ci/run once it has installed them: then a missing peer is a failure, not a skip. */
const REQUIRED = process.env['REFPOINT_REQUIRE_PEERS'] === '1';

/**
 * The path of an independent program that a test compares with. Where it is missing the test is
 * skipped by name (undefined is returned), or fails when peers are required.
 */
export function peer(t: Skippable, program: string): string | undefined {
  const found = findProgram(program);
  if (found === undefined) absent(t, `needs ${program}`);
  return found;
}

/** A Python (the system's own) that can import `module`. */
export function pythonWith(t: Skippable, module: string): string | undefined {
  const python = '/usr/bin/python3';
  const answer = existsSync(python)
    ? spawnSync(python, ['-c', `import ${module}`], { stdio: 'ignore' })
    : undefined;
  if (answer?.status === 0) return python;
  absent(t, `needs Python with ${module}`);
  return undefined;
}

/** The folder of disk images made by others (REFPOINT_CORPUS); an empty folder is a failure. */
export function corpus(t: TestContext): string | undefined {
  const folder = process.env['REFPOINT_CORPUS'];
  if (folder === undefined || folder === '') {
    absent(t, 'needs the disk images that REFPOINT_CORPUS names');
    return undefined;
  }
  if (!existsSync(join(folder, 'expect.json')) || readdirSync(folder).length < 2) {
    throw new Error(`REFPOINT_CORPUS names ${folder}, which holds no images with expect.json`);
  }
  return folder;
}

/** Skips a test by name because of what is missing, or fails it when peers are required. */
export function absent(t: Skippable, why: string): void {
  if (REQUIRED) throw new Error(`${why}, and REFPOINT_REQUIRE_PEERS is 1`);
  t.skip(why);
}

export function findProgram(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/sbin', '/sbin');
  for (const folder of folders) {
    const path = join(folder, program);
    if (folder !== '' && existsSync(path)) return path;
  }
  return undefined;
}
