import { defineErrors } from '../base/errors.ts';

const theirs = { permanent: true, userFixable: true } as const;

/** Errors of what Hyper-V means. The codes begin with `host.`, as users see them. */
export const hostError = defineErrors({
  'host.vm.notFound': theirs,
  'host.vm.ambiguous': theirs,
  'host.disk.notFound': theirs,
  'host.checkpoint.notFound': { permanent: true },
  /** Not in our ledgers: taken only when asked for as foreign. */
  'host.checkpoint.foreign': theirs,
  /** A user checkpoint where a backup checkpoint is needed. */
  'host.checkpoint.type': theirs,
  'host.referencePoint.notFound': { permanent: true },
  /** Not in our ledgers: removed only when asked for as foreign. */
  'host.referencePoint.foreign': theirs,
  /** A class or service that backups need is not there. */
  'host.unsupported': theirs,
  /** The services answer with no instance: the account may not see them, or VMMS is stopped. */
  'host.rights': theirs,
  /** A property has another type than the class documents. */
  'host.value': { permanent: true },
  /** A method returned something else than 0 and 4096. */
  'host.method': {},
  'host.job.failed': {},
  /** The job object is gone: whether it succeeded is not known. */
  'host.job.lost': {},
  /** The VM is busy: merging, another job. */
  'host.busy': {},
  /** The guest cannot be brought into an application-consistent state. */
  'host.consistency': { userFixable: true },
  /** Change tracking does not answer for this id: only a full backup helps. */
  'host.tracking': { permanent: true },
  /** Several new objects fit what was asked for; none was touched. */
  'host.unclear': {},
  /** A destroyed object is still listed. */
  'host.notRemoved': {},
  'host.merge.stuck': { userFixable: true },
});
