import {
  AUTHENTICATION_CHOICES,
  CIM_PROTOCOLS,
  SMB_ENCRYPTIONS,
  TRANSPORT_CHOICES,
  type ClientCertificate,
  type HostTarget,
  type SmbSettings,
} from '../../api/host.ts';
import type { JobInput, JobSpec, QueueLine } from '../../api/jobs.ts';
import type { StoreTarget } from '../../api/store.ts';
import { JsonFields } from '../../base/json-fields.ts';
import { kindOf, parseJobSpec } from '../kinds/job-kinds.ts';
import { jobError } from './job-errors.ts';

const LIMIT = 2 ** 20;
const MAX_SECRETS = 32;
/** Jobs that may run at the same time at most, whatever is asked for. */
export const GREATEST_PARALLEL_JOBS = 64;

/**
 * Parses a job from stdin. Throws `job.input`, which never quotes the targets, since they contain
 * passwords.
 */
export function parseJobInput(text: string): JobInput {
  return inputOf(parseObject(text));
}

/** Parses a line of a queue. Throws `job.input`, which never quotes the targets. */
export function parseQueueLine(text: string): QueueLine {
  const { job, ...rest } = parseObject(text);
  const f = new JsonFields(rest, '', (at, problem) => wrong(`its field ${at}`, problem));
  const parallel = f.integer('parallel', 1, GREATEST_PARALLEL_JOBS);
  f.end();
  if (typeof job !== 'object' || job === null) throw wrong('its job', 'is not an object');
  return { parallel, job: inputOf(job as Readonly<Record<string, unknown>>) };
}

function inputOf(given: Readonly<Record<string, unknown>>): JobInput {
  const { target, store, ...rest } = given;
  const f = new JsonFields(rest, '', (at, problem) => wrong(`its field ${at}`, problem));
  const version = f.oneOf('version', [1 as const]);
  const id = f.guid('id');
  const title = f.text('title', 1024);
  const spec = f.object('spec', parseJobSpec);
  const trace = f.optional('trace', () => f.flag('trace')) ?? false;
  f.end();
  return {
    version,
    id,
    title,
    spec,
    target: kindOf(spec.kind).needsHost ? parseTarget(target) : null,
    store: store === undefined || store === null ? null : parseStore(store, spec),
    ...(trace ? { trace } : {}),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  if (text.length > LIMIT) throw wrong('it', `has more than ${LIMIT} characters`);
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

/** Names the field without quoting its value. */
const secretFields = (value: unknown, name: string): JsonFields =>
  new JsonFields(value, '', (at) =>
    wrong(at === '' ? `its ${name}` : `${name}.${at.slice(0, 40)}`, 'is invalid'),
  );

function parseTarget(value: unknown): HostTarget {
  const f = secretFields(value, 'target');
  return {
    url: f.text('url', 4096),
    transport: f.optional('transport', () => f.oneOf('transport', TRANSPORT_CHOICES)) ?? 'auto',
    cimProtocol: f.optional('cimProtocol', () => f.oneOf('cimProtocol', CIM_PROTOCOLS)) ?? 'wsman',
    authentication: f.oneOf('authentication', AUTHENTICATION_CHOICES),
    user: f.text('user', 1024),
    password: f.text('password', 4096),
    ntlmFallback: f.flag('ntlmFallback'),
    clientCertificate: f.nullable('clientCertificate', () =>
      f.object('clientCertificate', parseCertificate),
    ),
    fingerprint: f.nullable('fingerprint', () => f.text('fingerprint', 128)),
    ca: f.nullable('ca', () => f.text('ca', 2 ** 18)),
    timeoutSeconds: f.integer('timeoutSeconds', 1, 86_400),
    ...smbOf(f),
  };
}

/** Absent in jobs of earlier versions. */
function smbOf(f: JsonFields): Pick<HostTarget, 'smb'> {
  const smb = f.optional('smb', () => f.object('smb', parseSmb));
  return smb === null ? {} : { smb };
}

const parseSmb = (f: JsonFields): SmbSettings => ({
  port: f.integer('port', 1, 65_535),
  encryption: f.oneOf('encryption', SMB_ENCRYPTIONS),
  servers: f.texts('servers', 256, 255),
});

const parseCertificate = (f: JsonFields): ClientCertificate => ({
  certificateFile: f.text('certificateFile', 4096),
  keyFile: f.text('keyFile', 4096),
});

function parseStore(value: unknown, spec: JobSpec): StoreTarget {
  const f = secretFields(value, 'store');
  const location = f.text('location', 4096);
  const secrets = f.object('secrets', (each) => {
    const names = Object.keys(each.parsed);
    if (names.length > MAX_SECRETS) throw wrong('store.secrets', 'has too many names');
    return Object.fromEntries(names.map((name) => [name, each.text(name, 4096)]));
  });
  f.end();
  if (spec.kind === 'export' || spec.store !== location) {
    throw wrong('its store', 'is not the one of its spec');
  }
  return { location, secrets };
}

const wrong = (what: string, problem: string): Error =>
  jobError('job.input', `Invalid job on stdin: ${what} ${problem}`, { data: {} });
