import type { DiskAnatomyStrings } from '../../api/disk-anatomy-strings.ts';
import { sentence } from '../../common/words/plain-text.ts';
import type { ScreenStep } from './screen.ts';
import { notDisk, type ViewModel } from './store.ts';

interface Steps {
  readonly retry: () => void;
  readonly showBytes: () => void;
  readonly reopenAsText: () => void;
}

/**
 * Returns the screen shown in place of a file that is loading, cannot be read, or is not a disk
 * image; no lines if the file is shown.
 */
export function screenOf(
  model: ViewModel,
  strings: DiskAnatomyStrings,
  { retry, showBytes, reopenAsText }: Steps,
): { readonly lines: readonly string[]; readonly steps: readonly ScreenStep[] } {
  const { status, failure, info, bytesAnyway } = model;
  if (status === 'failed') {
    const message = sentence(failure?.message ?? '');
    if (failure?.code === 'view.notFile') {
      return { lines: [message, strings.notFileNext], steps: [] };
    }
    return { lines: [strings.failed, message], steps: [{ label: strings.retry, run: retry }] };
  }
  // While the file is reread, the previous contents stay visible.
  if (info === undefined) return { lines: [strings.loading], steps: [] };
  const finding = bytesAnyway ? undefined : notDisk(info);
  if (finding === undefined) return { lines: [], steps: [] };
  const text = { label: strings.reopenAsText, run: reopenAsText };
  const bytes = { label: strings.showBytes, run: showBytes };
  const vhd = finding.code === 'anatomy.notVhd';
  return {
    lines: [strings.notDisk, sentence(finding.message), ...(vhd ? [] : [strings.notDiskNext])],
    // A .vhd is more often VHDL than a damaged disk.
    steps: vhd ? [text, bytes] : [bytes, text],
  };
}
