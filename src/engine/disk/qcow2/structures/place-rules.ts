import type { Defect } from '../../inspect/defect.ts';
import { headerField, type HeaderFieldName } from './header-fields.ts';
import { geometry, type Qcow2Header } from './header.ts';
import {
  L1_ENTRY,
  l1EntriesNeeded,
  MAX_BACKING_NAME,
  MAX_L1_BYTES,
  MAX_REFCOUNT_TABLE_BYTES,
  MAX_SNAPSHOTS,
  section,
} from './layout.ts';
import type { Qcow2ErrorCode } from './qcow2-errors.ts';

type PlaceDefect = Defect<Qcow2ErrorCode>;

/** Largest virtual size that the engine counts exactly. */
const MAX_SIZE = 2 ** 53 - 2 ** 21;

/**
 * Yields the broken rules about sizes and places that a header with a valid cluster size names
 * (Header). Wrong refcounts and snapshots do not hinder reading.
 */
export function* placeRules(header: Qcow2Header, fileSize: number): Generator<PlaceDefect> {
  if (header.size > MAX_SIZE) {
    yield at('size', {
      code: 'qcow2.header.size',
      error: 'qcow2.header',
      found: header.size,
      expected: `at most ${MAX_SIZE}`,
    });
    return;
  }
  if (header.size % 512 !== 0) {
    yield at('size', {
      code: 'qcow2.header.sizeSectors',
      severity: 'warning',
      found: header.size,
      expected: 'a multiple of 512; the last sector is completed',
    });
  }
  yield* l1Rules(header, fileSize);
  yield* backingRules(header);
  yield* refcountTableRules(header, fileSize);
  const { snapshotCount, snapshotsOffset } = header;
  if (snapshotCount > MAX_SNAPSHOTS) {
    yield at('nb_snapshots', {
      code: 'qcow2.snapshots.count',
      found: snapshotCount,
      expected: `at most ${MAX_SNAPSHOTS}`,
    });
  }
  if (snapshotCount > 0 && !inside(header, snapshotsOffset, 1, fileSize)) {
    yield at('snapshots_offset', {
      code: 'qcow2.snapshots.place',
      found: snapshotsOffset,
      expected: clusterInFile(header, fileSize),
    });
  }
}

function* l1Rules(header: Qcow2Header, fileSize: number): Generator<PlaceDefect> {
  const { l1Size, l1Offset } = header;
  const needed = l1EntriesNeeded(geometry(header));
  const most = MAX_L1_BYTES / L1_ENTRY;
  if (l1Size < needed || l1Size > most || needed > most) {
    yield at('l1_size', {
      code: 'qcow2.l1.size',
      error: 'qcow2.l1',
      found: l1Size,
      expected: `${needed} to ${most} for a disk of ${header.size} bytes`,
    });
    return;
  }
  if (l1Size === 0 || inside(header, l1Offset, l1Size * L1_ENTRY, fileSize)) return;
  yield at('l1_table_offset', {
    code: 'qcow2.l1.place',
    error: 'qcow2.l1',
    found: l1Offset,
    expected: `${clusterInFile(header, fileSize)}, with ${l1Size * L1_ENTRY} bytes behind it`,
  });
}

function* backingRules(header: Qcow2Header): Generator<PlaceDefect> {
  const { backingOffset, backingLength, headerLength } = header;
  if (backingOffset === 0) return;
  if (backingLength > MAX_BACKING_NAME) {
    yield at('backing_file_size', {
      code: 'qcow2.backing.length',
      error: 'qcow2.backing',
      found: backingLength,
      expected: `at most ${MAX_BACKING_NAME}`,
    });
  }
  const clusterSize = 2 ** header.clusterBits;
  if (backingOffset >= headerLength && backingOffset + backingLength <= clusterSize) return;
  yield at('backing_file_offset', {
    code: 'qcow2.backing.place',
    error: 'qcow2.backing',
    found: backingOffset,
    expected: `the name between the header's end (${headerLength}) and that of the first cluster (${clusterSize})`,
  });
}

function* refcountTableRules(header: Qcow2Header, fileSize: number): Generator<PlaceDefect> {
  const { refcountTableOffset: offset, refcountTableClusters: clusters } = header;
  const bytes = clusters * 2 ** header.clusterBits;
  if (clusters === 0 || bytes > MAX_REFCOUNT_TABLE_BYTES) {
    yield at('refcount_table_clusters', {
      code: 'qcow2.refcountTable.size',
      found: clusters,
      expected: `1 cluster to ${MAX_REFCOUNT_TABLE_BYTES} bytes`,
    });
  } else if (!inside(header, offset, bytes, fileSize)) {
    yield at('refcount_table_offset', {
      code: 'qcow2.refcountTable.place',
      found: offset,
      expected: `${clusterInFile(header, fileSize)}, with ${bytes} bytes behind it`,
    });
  }
}

/** Whether a table begins at a cluster behind the first one, and ends in the file. */
function inside(header: Qcow2Header, offset: number, length: number, fileSize: number): boolean {
  const clusterSize = 2 ** header.clusterBits;
  return offset >= clusterSize && offset % clusterSize === 0 && offset + length <= fileSize;
}

const clusterInFile = (header: Qcow2Header, fileSize: number): string =>
  `a multiple of ${2 ** header.clusterBits} inside the file of ${fileSize} bytes`;

const at = (
  field: HeaderFieldName,
  defect: Omit<PlaceDefect, 'structure' | 'field' | 'offset' | 'section'>,
): PlaceDefect => ({
  structure: 'qcow2 header',
  field,
  offset: headerField(field).offset,
  section: section('Header'),
  ...defect,
});
