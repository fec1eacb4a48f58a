import { partsOfPointId } from '../../common/words/point-time.ts';
import type { MapInfo, PlaceInfo } from '../../../engine/api/change-map.ts';
import type { PartitionInfo, VolumeInfo } from '../../../engine/api/guest/inspection.ts';
import type { ChangeMapStrings } from '../../api/change-map-strings.ts';
import { fill, type Format } from '../../common/words/format.ts';

/** Formats facts of a map as text. */
export class Words {
  readonly strings: ChangeMapStrings;
  readonly format: Format;

  constructor(strings: ChangeMapStrings, format: Format) {
    this.strings = strings;
    this.format = format;
  }

  state(state: PlaceInfo['state'], info: MapInfo): string {
    const { strings } = this;
    switch (state) {
      case 'changed':
        return this.changed(info);
      case 'data':
        return strings.data;
      case 'zero':
        return strings.zero;
      case 'unchanged':
        return strings.unallocated;
      case 'unknown':
        return strings.unchangedUnknown;
    }
  }

  changed({ changeWord }: MapInfo): string {
    const { written, different, changed } = this.strings;
    return changeWord === 'written' ? written : changeWord === 'different' ? different : changed;
  }

  /** Returns the title: the disk, for a chain the local time of the shown point, and the VMs that share the disk. */
  title(info: MapInfo, frame: number): string {
    const shown = this.#titleOf(info, frame);
    const { sharedBy = [] } = info;
    return sharedBy.length === 0 ? shown : fill(this.strings.sharedBy, shown, sharedBy.join(', '));
  }

  #titleOf({ title, subject, frames }: MapInfo, frame: number): string {
    const point = frames[frame === -1 ? frames.length - 1 : frame];
    if (point === undefined) return title;
    const { strings, format } = this;
    return fill(
      strings.shownPoint,
      subject,
      format.time(partsOfPointId(point.point)?.time ?? point.created),
      strings[point.kind],
    );
  }

  partition({ number, type, name, volume }: PartitionInfo): string {
    const { partition, partitionNamed, wholeDisk } = this.strings;
    const what = volume === null ? type : this.#volume(volume);
    if (number === 0) return fill(wholeDisk, what);
    if (name === null) return fill(partition, String(number), what);
    return fill(partitionNamed, String(number), name, what);
  }

  /** Returns the file system, with its label. */
  #volume({ name, label }: VolumeInfo): string {
    return label === null ? name : fill(this.strings.volumeLabelled, name, label);
  }

  /** Returns null if the map has no known partitions. */
  partitionOf(number: number | null, info: MapInfo): string | null {
    if (info.partitions === null || info.partitions.length === 0) return null;
    const found = info.partitions.find((each) => each.number === number);
    return found === undefined ? this.strings.noPartition : this.partition(found);
  }

  /** Returns the facts about a place, one string each. */
  place(place: PlaceInfo, info: MapInfo): string[] {
    const { strings, format } = this;
    const facts = [
      this.state(place.state, info),
      fill(strings.place, format.bytes(place.length), format.bytes(place.start)),
      `${format.count(place.start)} – ${format.count(place.start + place.length)}`,
    ];
    const partition = this.partitionOf(place.partition, info);
    if (partition !== null) facts.push(partition);
    if (place.point !== null) facts.push(fill(strings.point, place.point));
    return facts;
  }
}
