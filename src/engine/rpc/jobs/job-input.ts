import type { JobInput, JobSpec } from '../../api/jobs.ts';
import { jobError } from './job-errors.ts';

const KINDS: readonly JobSpec['kind'][] = ['backup', 'export', 'restore', 'verify'];

/** Reads what a job is given on stdin. Throws `job.input`, which never repeats the text: a password is in it. */
export function parseJobInput(text: string): JobInput {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('it is not one JSON document');
  }
  if (typeof value !== 'object' || value === null) throw wrong('it is no object');
  const { version, id, title, spec, target } = value as Partial<JobInput>;
  if (version !== 1) throw wrong(`its version is ${JSON.stringify(version)}, 1 was expected`);
  if (typeof id !== 'string' || !/^[0-9a-f-]{36}$/.test(id)) throw wrong('its id is no GUID');
  if (typeof title !== 'string') throw wrong('it has no title');
  if (typeof spec !== 'object' || !KINDS.includes(spec.kind)) {
    throw wrong(`its kind is none of ${KINDS.join(', ')}`);
  }
  const needsHost = spec.kind === 'backup' || spec.kind === 'export';
  if (needsHost && (target === null || target === undefined)) throw wrong('it names no host');
  return { version, id, title, spec, target: needsHost ? (target ?? null) : null };
}

const wrong = (why: string): Error =>
  jobError('job.input', `What came on stdin is no job: ${why}`, { data: {} });
