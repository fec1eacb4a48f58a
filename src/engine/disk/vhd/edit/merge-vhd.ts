import type { Progress } from '../../../base/progress.ts';
import { splitAt } from '../../../base/range.ts';
import type { ByteStorage } from '../../../source/byte-source.ts';
import { diskError } from '../../virtual/disk-errors.ts';
import { VhdImage } from '../read/vhd-image.ts';
import { readEditable } from './editable-vhd.ts';
import { VhdEditor } from './vhd-editor.ts';

const COPY = 2 ** 20;

/**
 * Merges a differencing VHD into its parent in place. The parent keeps its identity: children of the
 * child must then be linked to it. At a crash or a cancellation the pair still reads as before,
 * since the child hides what was copied, and running the merge again completes it. Both storages
 * stay open. Throws `disk.parent.mismatch`.
 */
export async function mergeVhd(
  child: ByteStorage,
  parent: ByteStorage,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ readonly copied: number }> {
  const { parts } = await readEditable(child, signal);
  const image = VhdImage.of(parts);
  const editor = await VhdEditor.open(parent, signal);
  const link = image?.parent;
  if (image === undefined || link === undefined || image.size !== editor.size) {
    throw diskError(
      'disk.parent.mismatch',
      link === undefined || image === undefined
        ? `${child.name} is not a differencing VHD`
        : `${child.name} has ${image.size} bytes, its parent ${parent.name} has ${editor.size}`,
      { data: { child: child.name, parent: parent.name } },
    );
  }
  const mismatch = link.mismatch({ name: parent.name, format: 'vhd', identity: editor.identity });
  if (mismatch !== undefined) throw mismatch;
  progress.phase('merge', image.size);
  let copied = 0;
  let done = 0;
  for await (const batch of image.extentsIn([{ start: 0, end: image.size }], signal)) {
    for (const { start, end, kind, offset } of batch) {
      if (kind === 'data') {
        for (const piece of splitAt({ start, end }, COPY)) {
          const bytes = new Uint8Array(piece.end - piece.start);
          await child.read(offset + piece.start - start, bytes, signal);
          await editor.write(piece.start, bytes, signal);
        }
        copied += end - start;
      }
      progress.advance(end - done);
      done = end;
    }
  }
  await editor.close();
  return { copied };
}
