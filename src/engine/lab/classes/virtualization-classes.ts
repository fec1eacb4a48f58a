import type { HostVersion } from '../state/state.ts';
import type { CimClassDeclaration } from '../wmi/repository.ts';
import { ASSOCIATION_CLASSES } from './association-classes.ts';
import { BACKUP_CLASSES } from './backup-classes.ts';
import { BASE_CLASSES } from './base-classes.ts';
import { COLLECTION_CLASSES } from './collection-classes.ts';
import { declareTable } from './declare.ts';
import { DEVICE_CLASSES } from './device-classes.ts';
import { COLLECTION_METHODS } from './collection-methods.ts';
import { METHODS } from './service-methods.ts';
import { SETTING_CLASSES } from './setting-classes.ts';

/** Returns the classes of root/virtualization/v2 on a host, as Server 2019 declares them. */
export function virtualizationClasses(
  version: HostVersion,
): ReadonlyMap<string, CimClassDeclaration> {
  // Server 2016 lacks GuestBackupType (documented from 1703).
  const backup =
    version === '2016' ? BACKUP_CLASSES.replace(/\sGuestBackupType:u8/, '') : BACKUP_CLASSES;
  const tables = [
    BASE_CLASSES,
    SETTING_CLASSES,
    DEVICE_CLASSES,
    backup,
    COLLECTION_CLASSES,
    ASSOCIATION_CLASSES,
  ];
  const methods = { ...METHODS, ...COLLECTION_METHODS };
  const classes = declareTable(tables.join('\n'), new Map(), methods);
  if (version !== '2012r2') return classes;
  return new Map([...classes].filter(([name]) => !SINCE_2016.test(name)));
}

/** Classes that Server 2012 R2 lacks: reference points, collections, security settings, and what VHD Sets need. */
const SINCE_2016 =
  /ReferencePoint|Collect|SecuritySetting|_VHDS|GuestCluster|^Msvm_(?:VssService|GuestService|ServiceOfVssComponent)$/;
