import type { DiskInspection, PartitionInfo, VolumeInfo } from '../../api/guest/inspection.ts';
import { formatBytes } from '../../base/format-bytes.ts';
import { cut, inLine, table } from './text.ts';

const TABLES = { gpt: 'GPT', mbr: 'MBR' } as const;
/** Maximum widths of columns, so that a table fits into 80 columns. */
const TYPE = 16;
const LABEL = 14;

/** Returns the partitions and file systems of a disk as a table of at most 80 columns. */
export function inspectionText(inspection: DiskInspection): string {
  const { partitions, warnings } = inspection;
  const lines = [tableLine(inspection)];
  if (partitions.length > 0) {
    const rows = partitions.map((each) => [
      each.number === 0 ? '-' : String(each.number),
      formatBytes(each.length),
      cut(inLine(typeOf(each)), TYPE),
      each.volume?.name ?? 'not recognised',
      cut(inLine(each.volume?.label ?? ''), LABEL),
      stateOf(each.volume),
    ]);
    lines.push(
      table(['no.', 'size', 'partition', 'holds', 'label', 'state'], rows, ['no.', 'size']),
    );
  }
  return [
    ...lines,
    ...warnings.map(({ code, message }) => `warning: ${inLine(message)} (${code})`),
  ].join('\n');
}

function tableLine({ table: kind, hybrid, sectorSize, partitions }: DiskInspection): string {
  if (kind === null) {
    return partitions.length === 0 ? 'no partitions' : 'no partition table: the disk is one volume';
  }
  return `${TABLES[kind]}${hybrid ? ', hybrid' : ''}, sectors of ${sectorSize} bytes`;
}

const typeOf = ({ type, name }: PartitionInfo): string => name ?? type;

function stateOf(volume: VolumeInfo | null): string {
  if (volume?.encrypted === true) return 'encrypted';
  if (volume === null || volume.dirty === null) return '';
  return volume.dirty ? 'DIRTY' : 'clean';
}
