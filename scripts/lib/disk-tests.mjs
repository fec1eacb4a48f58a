// Loaded before every test. `npm test` makes a folder in memory the place of temporary files. Tests of what an operating system does
// with files (holes, flushes, direct reads, rights), and one backup, keep the system's own place, which is on a disk.
export const ON_DISK = [
  'test/engine/backup/store/',
  'test/engine/native/',
  'test/engine/source/',
  'test/scenario/backup/run/backup.test.ts',
];

const file = (process.argv[1] ?? '').replaceAll('\\', '/');
const own = process.env.REFPOINT_TEST_DISK;
if (own !== undefined && ON_DISK.some((part) => file.includes(part))) process.env.TMPDIR = own;
