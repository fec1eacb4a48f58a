import { never } from '../../../src/engine/base/abort.ts';
import { diskInfo, type DiskInfo } from '../../../src/engine/disk/tools/disk-info.ts';
import { mapDisk, type LostEntry, type MapEntry } from '../../../src/engine/disk/tools/disk-map.ts';
import type { OpenDiskOptions } from '../../../src/engine/disk/chain/open-disk.ts';
import { surveyDisk } from '../../../src/engine/disk/survey/survey-disk.ts';
import { collect } from '../checks/collect.ts';

/** The document of `disk info`. */
export async function infoOf(path: string, options: OpenDiskOptions = {}): Promise<DiskInfo> {
  const surveyed = await surveyDisk(path, options, never);
  try {
    return await diskInfo(surveyed, never);
  } finally {
    await surveyed.close();
  }
}

/** The entries of `disk map`. */
export async function mapOf(
  path: string,
  options: OpenDiskOptions = {},
): Promise<(MapEntry | LostEntry)[]> {
  const surveyed = await surveyDisk(path, options, never);
  try {
    return await collect(mapDisk(surveyed, never));
  } finally {
    await surveyed.close();
  }
}
