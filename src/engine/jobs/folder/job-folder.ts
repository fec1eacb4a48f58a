import fs from 'node:fs/promises';
import path from 'node:path';
import type { JobState } from '../../api/jobs.ts';
import { never } from '../../base/abort.ts';
import { isEngineError } from '../../base/errors.ts';
import { tryParseGuid } from '../../base/guid.ts';
import { replaceFile } from '../../source/files/atomic-file.ts';
import { machine, retryBusy } from '../../source/platform/file-environment.ts';
import { fileError, systemCode } from '../../source/platform/file-errors.ts';
import { FileSource } from '../../source/files/file-source.ts';
import { ensureFolder } from '../../source/folders/folder.ts';
import { jobError } from '../spec/job-errors.ts';
import { formatJobState, parseJobState } from './job-state-file.ts';

/** Of a state file: one that is larger is none of ours. */
const LIMIT = 4 * 2 ** 20;

const isId = (name: unknown): name is string =>
  typeof name === 'string' && tryParseGuid(name) === name;

/**
 * `jobs/<id>/` in the user's folder: `state.json`, which the job's process alone writes; `cancel`, which whoever wants it to stop
 * creates, since Windows has no signal for that; `log.ndjson`.
 */
export class JobFolder {
  readonly id: string;
  readonly path: string;

  constructor(home: string, id: string) {
    if (!isId(id)) {
      const shown = String(id).slice(0, 60);
      throw jobError('job.notFound', `“${shown}” is not the id of a job`, {
        data: { found: shown },
      });
    }
    this.id = id;
    this.path = path.join(home, 'jobs', id);
  }

  get log(): string {
    return path.join(this.path, 'log.ndjson');
  }

  /** For this account alone: names of VMs and stores are nobody else's business. Throws `source.*`. */
  async create(): Promise<void> {
    await ensureFolder(this.path, machine, 0o700);
  }

  /** Writes the state; only how the job ended must survive a loss of power. */
  async writeState(state: JobState): Promise<void> {
    const durability = state.state === 'running' ? 'passing' : 'durable';
    const file = path.join(this.path, 'state.json');
    await replaceFile(file, formatJobState(state), never, machine, durability);
  }

  /**
   * undefined where there is none: absent, no regular file, too large, or not what a job writes. Throws `source.*` where it cannot
   * be read now, which says nothing about the job.
   */
  async readState(): Promise<JobState | undefined> {
    const bytes = await readWhole(path.join(this.path, 'state.json'));
    if (bytes === undefined) return undefined;
    try {
      const state = parseJobState(bytes);
      return state.id === this.id ? state : undefined;
    } catch {
      return undefined;
    }
  }

  async askToCancel(): Promise<void> {
    const file = path.join(this.path, 'cancel');
    try {
      await fs.writeFile(file, '');
    } catch (error) {
      throw fileError(error, 'write', file);
    }
  }

  async cancelAsked(): Promise<boolean> {
    return fs.access(path.join(this.path, 'cancel')).then(
      () => true,
      () => false,
    );
  }

  async remove(): Promise<void> {
    try {
      await fs.rm(this.path, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      throw fileError(error, 'remove', this.path);
    }
  }
}

/** Ids of the jobs that the user's folder holds. Throws `source.*` where it cannot be read: that is not the same as no job. */
export async function jobIds(home: string): Promise<readonly string[]> {
  const folder = path.join(home, 'jobs');
  try {
    return (await fs.readdir(folder)).filter(isId);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(error, 'list', folder);
  }
}

/** undefined where there is no such file, or none of ours. */
async function readWhole(file: string): Promise<Uint8Array | undefined> {
  let source;
  try {
    source = await retryBusy(() => FileSource.open(file, never), machine, never);
  } catch (error) {
    if (isEngineError(error, 'source.notFound', 'source.notFile')) return undefined;
    throw error;
  }
  try {
    if (source.size > LIMIT) return undefined;
    const bytes = new Uint8Array(source.size);
    await source.read(0, bytes, never);
    return bytes;
  } finally {
    await source.close();
  }
}
