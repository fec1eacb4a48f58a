import type { HostTarget } from '../../api/host.ts';
import type { JobInput } from '../../api/jobs.ts';
import { JsonFields } from '../../base/json-fields.ts';
import { jobError } from './job-errors.ts';
import { parseJobSpec } from './job-spec.ts';

const LIMIT = 2 ** 20;

/**
 * Parses a job from stdin. Throws `job.input`, which never quotes the target, since it contains a
 * password.
 */
export function parseJobInput(text: string): JobInput {
  if (text.length > LIMIT) throw wrong('it', `has more than ${LIMIT} characters`);
  const { target: given, ...rest } = parseObject(text);
  const f = new JsonFields(rest, '', (at, problem) => wrong(`its field ${at}`, problem));
  const version = f.oneOf('version', [1 as const]);
  const id = f.guid('id');
  const title = f.text('title', 1024);
  const spec = f.object('spec', parseJobSpec);
  f.end();
  const needsHost = spec.kind === 'backup' || spec.kind === 'export';
  if (!needsHost) return { version, id, title, spec, target: null };
  return { version, id, title, spec, target: parseTarget(given) };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of JSON.parse would quote the text.
    throw wrong('it', 'is not one JSON document');
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw wrong('it', 'is not an object');
}

function parseTarget(value: unknown): HostTarget {
  // Names the field without quoting its value.
  const f = new JsonFields(value, '', (at) =>
    wrong(at === '' ? 'its target' : `target.${at.slice(0, 40)}`, 'is invalid'),
  );
  const target: HostTarget = {
    url: f.text('url', 4096),
    authentication: f.oneOf('authentication', ['auto', 'basic', 'ntlm', 'kerberos', 'certificate']),
    user: f.text('user', 1024),
    password: f.text('password', 4096),
    fingerprint: f.nullable('fingerprint', () => f.text('fingerprint', 128)),
    ca: f.nullable('ca', () => f.text('ca', 2 ** 18)),
    timeoutSeconds: f.integer('timeoutSeconds', 1, 86_400),
  };
  return target;
}

const wrong = (what: string, problem: string): Error =>
  jobError('job.input', `Invalid job on stdin: ${what} ${problem}`, { data: {} });
