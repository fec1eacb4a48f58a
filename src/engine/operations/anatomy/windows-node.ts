import type { AnatomyNode } from '../../api/anatomy.ts';
import type { WindowsAnswer, WindowsDifference } from '../../api/windows/windows-disk.ts';
import { isEngineError } from '../../base/errors.ts';
import type { DiskAnatomy } from '../../disk/anatomy/blocks/disk-anatomy.ts';
import type { OpenVirtualDisk } from '../../virtdisk/contract/virtual-disk.ts';
import { openVirtualDisk } from '../../virtdisk/open-virtual-disk.ts';
import { askWindows } from '../windows/windows-answers.ts';

/** Kinds of information whose value contains a field that our own reader knows, by the field. */
const KIND_OF: Readonly<Record<string, string>> = {
  virtualSize: 'size',
  blockSize: 'size',
  format: 'storageType',
  subformat: 'providerSubtype',
};

/**
 * Returns Windows' answers about an image as a part of its anatomy, differences marked as bad;
 * undefined on other systems, and for formats that Windows does not know. Parents stay closed.
 */
export async function windowsNode(
  path: string,
  anatomy: Pick<DiskAnatomy, 'format' | 'subformat' | 'virtualSize' | 'blockSize'>,
  signal: AbortSignal,
  open: OpenVirtualDisk | undefined = process.platform === 'win32' ? openVirtualDisk : undefined,
): Promise<AnatomyNode | undefined> {
  const { format, subformat, virtualSize, blockSize } = anatomy;
  if (open === undefined || (format !== 'vhdx' && format !== 'vhd')) return undefined;
  const unknown = {
    logicalSectorSize: null,
    physicalSectorSize: null,
    diskId: null,
  };
  const own = { ...unknown, format, subformat, virtualSize, blockSize };
  try {
    const image = { path, withoutParents: true };
    const answers = await askWindows(image, own, signal, open);
    const { differences, information } = answers;
    const children = Object.entries(information).map(([kind, answer]) =>
      answerNode(kind, answer, differences),
    );
    return { ...node(LABEL, ''), children, help: HELP };
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return { ...node(LABEL, error.message), help: HELP };
  }
}

const LABEL = "Windows' answers";
const HELP =
  "GetVirtualDiskInformation of Windows' virtual disk API. A value that differs from Refpoint's own is marked.";

function answerNode(
  kind: string,
  answer: WindowsAnswer<unknown>,
  differences: readonly WindowsDifference[],
): AnatomyNode {
  if (!answer.ok) {
    const { name, hex, meaning } = answer.error;
    return { ...node(kind, name ?? hex), help: meaning };
  }
  const { value } = answer;
  const different = differences.filter(({ field }) => KIND_OF[field] === kind);
  const help = different
    .map(({ field, refpoint, windows }) => `${field}: ${windows}; Refpoint reads ${refpoint}`)
    .join('. ');
  const state = different.length > 0 ? 'bad' : 'ok';
  if (typeof value !== 'object' || value === null) {
    return { ...node(kind, String(value)), state, help };
  }
  const children = Object.entries(value).map(([name, each]) =>
    node(name, Array.isArray(each) ? each.join(', ') : String(each)),
  );
  return { ...node(kind, ''), state, help, children };
}

const node = (label: string, value: string): AnatomyNode => ({
  label,
  value,
  offset: null,
  length: null,
  state: 'none',
  help: '',
  children: [],
});
