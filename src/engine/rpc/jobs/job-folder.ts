import fs from 'node:fs/promises';
import path from 'node:path';
import type { JobState } from '../../api/jobs.ts';
import { never } from '../../base/abort.ts';
import { replaceFile } from '../../source/atomic-file.ts';
import { jobError } from './job-errors.ts';

/**
 * `jobs/<id>/` in the user's folder: `state.json`, which the job's process alone writes; `cancel`, which whoever wants it to stop
 * creates, since Windows has no signal for that; `log.ndjson`.
 */
export class JobFolder {
  readonly path: string;

  constructor(home: string, id: string) {
    if (!/^[0-9a-f-]{36}$/.test(id)) {
      throw jobError('job.notFound', `“${id}” is not the id of a job`, { data: { found: id } });
    }
    this.path = path.join(home, 'jobs', id);
  }

  get log(): string {
    return path.join(this.path, 'log.ndjson');
  }

  async create(): Promise<void> {
    await fs.mkdir(this.path, { recursive: true });
  }

  async writeState(state: JobState): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
    await replaceFile(path.join(this.path, 'state.json'), bytes, never);
  }

  /** undefined where there is none that can be read. */
  async readState(): Promise<JobState | undefined> {
    try {
      const text = await fs.readFile(path.join(this.path, 'state.json'), 'utf8');
      const state = JSON.parse(text) as JobState;
      return state.version === 1 && typeof state.id === 'string' ? state : undefined;
    } catch {
      return undefined;
    }
  }

  async askToCancel(): Promise<void> {
    await fs.writeFile(path.join(this.path, 'cancel'), '');
  }

  async cancelAsked(): Promise<boolean> {
    return fs.access(path.join(this.path, 'cancel')).then(
      () => true,
      () => false,
    );
  }

  async remove(): Promise<void> {
    await fs.rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ids of the jobs that the user's folder holds. */
export async function jobIds(home: string): Promise<readonly string[]> {
  const names = await fs.readdir(path.join(home, 'jobs')).catch(() => []);
  return names.filter((name) => /^[0-9a-f-]{36}$/.test(name));
}
