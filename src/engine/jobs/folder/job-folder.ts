import fs from 'node:fs/promises';
import path from 'node:path';
import type { JobInfo, JobState } from '../../api/jobs.ts';
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
import { RECORDING, recordingName } from './recording-name.ts';

/** Maximum size of a state file; a larger one was not written by this program. */
const LIMIT = 4 * 2 ** 20;

const isId = (name: unknown): name is string =>
  typeof name === 'string' && tryParseGuid(name) === name;

/**
 * The folder `jobs/<id>/` in the user's folder: `state.json`, which only the job's process writes;
 * `cancel`, which another process creates to stop the job, since Windows has no signal for that;
 * `log.ndjson`; one `*.rptrace`, if the exchanges with the host were to be recorded.
 */
export class JobFolder {
  readonly id: string;
  readonly path: string;

  constructor(home: string, id: string) {
    if (!isId(id)) {
      const shown = String(id).slice(0, 60);
      throw jobError('job.notFound', `“${shown}” is not a job ID`, {
        data: { found: shown },
      });
    }
    this.id = id;
    this.path = path.join(home, 'jobs', id);
  }

  get log(): string {
    return path.join(this.path, 'log.ndjson');
  }

  /** Returns the path for a new recording of the job's exchanges with its host. */
  newTrace(title: string, begun: Date): string {
    return path.join(this.path, recordingName(title, begun));
  }

  /** Returns the path of the recording; null if the job was not recorded, or the folder cannot be read. */
  async findTrace(): Promise<string | null> {
    const names = await fs.readdir(this.path).catch(() => []);
    const name = names.find((each) => each.endsWith(RECORDING));
    return name === undefined ? null : path.join(this.path, name);
  }

  /**
   * Creates the folder, readable only by this account, since it contains names of VMs and stores.
   * Throws `source.*`. Needs no durability: a loss of power ends the job, and recovery reads the
   * store alone.
   */
  async create(): Promise<void> {
    await ensureFolder(this.path, machine, 0o700, 'passing');
  }

  /**
   * Writes the state. That of an ended job is never half a file after a loss of power; the state
   * before it, which shows as interrupted, may come back. Its point is in the store either way.
   */
  async writeState(state: JobState): Promise<void> {
    const durability = isLive(state) ? 'passing' : 'whole';
    const file = path.join(this.path, 'state.json');
    await replaceFile(file, formatJobState(state), never, machine, durability);
  }

  /**
   * Reads the state; undefined if it is absent, not a regular file, too large, or not a valid
   * state. Throws `source.*` if it cannot be read now, which does not mean that the job is invalid.
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
    return exists(path.join(this.path, 'cancel'));
  }

  async remove(): Promise<void> {
    try {
      await fs.rm(this.path, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      throw fileError(error, 'remove', this.path);
    }
  }
}

const exists = (file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false,
  );

/** Whether a job has not ended: it waits or runs. */
export const isLive = ({ state }: { readonly state: JobInfo['state'] }): boolean =>
  state === 'queued' || state === 'running';

/**
 * Lists the IDs of the jobs in the user's folder. Throws `source.*` if it cannot be read: that is
 * different from an empty folder.
 */
export async function jobIds(home: string): Promise<readonly string[]> {
  const folder = path.join(home, 'jobs');
  try {
    return (await fs.readdir(folder)).filter(isId);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(error, 'list', folder);
  }
}

/** Reads a whole file; undefined if it is absent or was not written by this program. */
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
