/**
 * The test files that take longest, ten seconds of two processors and more. Those that draw in a browser are apart: they count
 * frames.
 */
export const SLOW = [
  'test/views/page/axe.test.ts',
  'test/scenario/backup/kill.test.ts',
  'test/scenario/jobs/job-cancel.test.ts',
  'test/scenario/disk/corpus.test.ts',
  'test/extension/commands/lab.test.ts',
  'test/views/page/map-page.test.ts',
  'test/scenario/disk/qemu-images.test.ts',
  'test/scenario/backup/tracker-lies.test.ts',
  'test/scenario/backup/lifecycle.test.ts',
  'test/views/page/anatomy-page.test.ts',
  'test/extension/story.test.ts',
  'test/scenario/backup/restore-verify.test.ts',
  'test/scenario/backup/export-fallback.test.ts',
  'test/engine/disk/anatomy/damage.test.ts',
  'test/scenario/engine/thousand-vms.test.ts',
  'test/engine/disk/vhdx/edit/merge-crash.test.ts',
  'test/engine/hyperv/inventory/references.test.ts',
  'test/repo/vsix-contents.test.ts',
  'test/views/page/report-page.test.ts',
  'test/engine/disk/vhdx/edit/editor-crash.test.ts',
];

/** These are begun first: a long file that is begun last runs alone while the other processors wait. */
export function slowestFirst(files) {
  const rank = (path) => {
    const at = SLOW.indexOf(path.replaceAll('\\', '/'));
    return at < 0 ? SLOW.length : at;
  };
  return files.toSorted((a, b) => rank(a) - rank(b));
}
