import { ATTACH } from './commands/attach.ts';
import { BACKUP_COMMANDS } from './commands/backup/backup.ts';
import { CLEAN_COMMANDS } from './commands/backup/clean.ts';
import { CHANGES } from './commands/changes.ts';
import { CHECKPOINT_COMMANDS } from './commands/checkpoint.ts';
import { DEMO_COMMANDS } from './commands/demo.ts';
import { DISK_COMMANDS } from './commands/disk.ts';
import { SERVE } from './commands/disk/serve.ts';
import { TRACKING } from './commands/disk/tracking.ts';
import { DISK_WRITE_COMMANDS } from './commands/disk/write-commands.ts';
import { FILES_COMMANDS } from './commands/files/files.ts';
import { EXPORT_COMMANDS } from './commands/export.ts';
import { HOST_COMMANDS } from './commands/host.ts';
import { JOB_COMMANDS } from './commands/job.ts';
import { JOBS_COMMANDS } from './commands/jobs.ts';
import { LAB_COMMANDS } from './commands/lab/lab.ts';
import { LEDGER_COMMANDS } from './commands/ledger.ts';
import { GROUP_COMMANDS } from './commands/group.ts';
import { POINT_COMMANDS } from './commands/point.ts';
import { RSVD_COMMANDS } from './commands/rsvd/rsvd.ts';
import { SMB_COMMANDS } from './commands/smb/smb-test.ts';
import { STORE_COMMANDS } from './commands/store.ts';
import { TRACE_COMMANDS } from './commands/trace.ts';
import { VSS_COMMANDS } from './commands/vss/vss.ts';
import type { Command } from './contract/command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...DISK_COMMANDS,
  ...DISK_WRITE_COMMANDS,
  SERVE,
  TRACKING,
  ...HOST_COMMANDS,
  CHANGES,
  ...SMB_COMMANDS,
  ...VSS_COMMANDS,
  ...GROUP_COMMANDS,
  ...RSVD_COMMANDS,
  ...POINT_COMMANDS,
  ...CHECKPOINT_COMMANDS,
  ...BACKUP_COMMANDS,
  ...EXPORT_COMMANDS,
  ...CLEAN_COMMANDS,
  ...LEDGER_COMMANDS,
  ...STORE_COMMANDS,
  ...FILES_COMMANDS,
  ATTACH,
  ...TRACE_COMMANDS,
  ...JOBS_COMMANDS,
  ...JOB_COMMANDS,
  ...LAB_COMMANDS,
  ...DEMO_COMMANDS,
];
