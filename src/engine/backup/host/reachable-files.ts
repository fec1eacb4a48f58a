import type { HostFiles, RemoteFiles } from './host-files.ts';
import type { LocalDisks } from './local-disks.ts';

/** The ways to a host's files. */
export interface ReachableFiles {
  /** Through Windows' virtual disk driver, if this computer is the host. */
  readonly local: LocalDisks;
  /** Through folders of this machine. */
  readonly mapped: HostFiles;
  readonly remote: RemoteFiles;
}
