import { performBackup } from './backup.ts';
import { performExport } from './export.ts';
import { performImport } from './import.ts';
import { performOver } from './over.ts';
import { performWriter } from './writer.ts';

/** Work of the kinds of jobs that need a host. */
export const HOST_WORKS = {
  backup: performBackup,
  export: performExport,
  import: performImport,
  over: performOver,
  writer: performWriter,
} as const;
