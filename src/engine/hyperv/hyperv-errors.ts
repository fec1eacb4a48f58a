import { defineErrors } from '../base/errors.ts';

const theirs = { permanent: true, userFixable: true } as const;

/** Errors of Hyper-V operations. The codes begin with `host.`, since users see them. */
export const hostError = defineErrors({
  'host.vm.notFound': theirs,
  'host.vm.ambiguous': theirs,
  /** The VM left the host while it was backed up. */
  'host.vm.moved': theirs,
  /** The host has no collection of VMs with this name or ID. */
  'host.group.notFound': theirs,
  'host.group.ambiguous': theirs,
  /** The members cannot be frozen together: the guest cluster, a shared disk, or its owner. */
  'host.group.shared': theirs,
  'host.disk.notFound': theirs,
  'host.checkpoint.notFound': { permanent: true },
  /** Not in our ledgers: accepted only if requested as foreign. */
  'host.checkpoint.foreign': theirs,
  /** A user checkpoint where a backup checkpoint is required. */
  'host.checkpoint.type': theirs,
  'host.referencePoint.notFound': { permanent: true },
  /** Not in our ledgers: removed only if requested as foreign. */
  'host.referencePoint.foreign': theirs,
  /** A class or service that backups need does not exist. */
  'host.unsupported': theirs,
  /** The services have no visible instance: the account has no permission, or VMMS is stopped. */
  'host.rights': theirs,
  /** The service vmms does not run. */
  'host.vmms': theirs,
  /** A property does not have the type that the class documents. */
  'host.value': { permanent: true },
  /** A method returned a value other than 0 and 4096. */
  'host.method': {},
  'host.job.failed': {},
  /** The job object is gone: its outcome is not known. */
  'host.job.lost': {},
  /** The VM is busy: merging, another job. */
  'host.busy': {},
  /** The guest cannot reach an application-consistent state. */
  'host.consistency': { userFixable: true },
  /** Change tracking does not accept this ID: only a full backup is possible. */
  'host.tracking': { permanent: true },
  /** Several new objects match the request; all of them were left untouched. */
  'host.unclear': {},
  /** A destroyed object is still listed. */
  'host.notRemoved': {},
  'host.merge.stuck': { userFixable: true },
});
