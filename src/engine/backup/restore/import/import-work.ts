import type { Log } from '../../../base/log.ts';
import type { Progress } from '../../../base/progress.ts';
import type { BackupHost } from '../../host/host.ts';
import type { CompletePoint, PointEntry } from '../../points/catalog.ts';
import type { Store } from '../../store/contract/store.ts';
import type { ImportFiles } from './import-checks.ts';
import type { OnImportEdge } from './import-edges.ts';
import type { ImportSource } from './source/import-source.ts';

export interface ImportDeps {
  readonly host: BackupHost;
  readonly store: Store;
  readonly progress: Progress;
  readonly log: Log;
  readonly onEdge: OnImportEdge;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A restore as a VM that was checked, and the files that it will write. */
export interface ImportWork extends ImportFiles {
  readonly points: readonly PointEntry[];
  readonly point: CompletePoint;
  readonly source: ImportSource;
  /** Name of the new VM. */
  readonly name: string;
}

/** Whether the point has the configuration that Hyper-V imports; otherwise its kept settings define the VM. */
export const isPlanned = ({ source }: Pick<ImportWork, 'source'>): boolean =>
  source.configuration.length > 0;
