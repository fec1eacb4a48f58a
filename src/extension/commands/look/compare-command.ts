import * as vscode from 'vscode';
import { activeImage } from '../../ask/active-image.ts';
import { askForImages, onlyFiles } from '../../ask/ask-image.ts';
import { choose } from '../../ask/choose.ts';
import { sayInfo, sayWarning } from '../../ask/messages.ts';
import { pickDiskNumber } from '../../ask/pick-disk.ts';
import { nodeOf, type AnyNode, type PointDiskNode, type PointNode } from '../../nodes/nodes.ts';
import { showComparison } from '../../panels/compare/compare-panel.ts';
import type { CommandHandler, Services } from '../../services/services.ts';
import { completePoints, pointItem } from '../../stores/pick-store.ts';
import type { StorePoint } from '../../../engine/api/store.ts';

const { t } = vscode.l10n;

/**
 * Two disk images side by side: two files of the Explorer, a point's disk and that of another point, the image of the active
 * editor and another one, or two that are asked for.
 */
export const compareImages: CommandHandler = async (services, node, selected, ...given) => {
  const images =
    nodeOf(node, 'point', 'pointDisk') === undefined
      ? await twoFiles(given)
      : await twoOfStore(services, node, selected);
  const [left, right] = images;
  if (left !== undefined && right !== undefined) showComparison(services, left, right);
};

/** Returns files of the Explorer's selection, or asks for those that are missing. */
async function twoFiles(given: readonly unknown[]): Promise<readonly vscode.Uri[]> {
  const [, selection] = given;
  const listed: readonly unknown[] = Array.isArray(selection) ? selection : given;
  const named = listed.filter((each) => each instanceof vscode.Uri);
  const known = onlyFiles(named);
  if (known.length < named.length) return [];
  if (known.length > 2) {
    void sayWarning(t('Select two disk images.'));
    return [];
  }
  const active = known.length === 0 ? activeImage() : undefined;
  const first = known[0] ?? active;
  if (known.length === 2) return known;
  if (first !== undefined) {
    const title = t('Compare {0} With', nameOf(first));
    const [second] = await askForImages(title, { beside: first });
    return second === undefined ? [] : [first, second];
  }
  const chosen = await askForImages(t('First Disk Image, or Both'), { several: true });
  const [one] = chosen;
  if (one === undefined || chosen.length === 2) return chosen;
  if (chosen.length > 2) {
    void sayWarning(t('Select two disk images.'));
    return [];
  }
  const [other] = await askForImages(t('Compare {0} With', nameOf(one)), { beside: one });
  return other === undefined ? [] : [one, other];
}

const nameOf = ({ path }: vscode.Uri): string => path.slice(path.lastIndexOf('/') + 1);

/** Returns the images of a disk in two points: those that are selected, or one that is chosen beside the given. */
async function twoOfStore(
  services: Services,
  node: AnyNode | undefined,
  selected: readonly AnyNode[],
): Promise<readonly vscode.Uri[]> {
  const rows = selected.flatMap((each) => nodeOf(each, 'point', 'pointDisk') ?? []);
  const [first, second] = rows.length === 2 ? rows : [nodeOf(node, 'point', 'pointDisk')];
  if (first === undefined) return [];
  const left = await imageOf(first);
  if (left === undefined) return [];
  if (second?.kind === 'pointDisk') return [left.file, vscode.Uri.file(second.disk.path)];
  const other = second?.point ?? (await otherPoint(services, first));
  const right = other?.disks.find(({ slot }) => slot === left.slot);
  if (other !== undefined && right === undefined) {
    void sayInfo(t('The other point does not hold this disk.'));
  }
  return right === undefined ? [] : [left.file, vscode.Uri.file(right.path)];
}

interface PointImage {
  readonly file: vscode.Uri;
  readonly slot: string | number;
}

/** Returns the image of a row; asks for the disk of a point with several. */
async function imageOf(row: PointNode | PointDiskNode): Promise<PointImage | undefined> {
  const { disks } = row.point;
  const number =
    row.kind === 'pointDisk'
      ? row.disk.number
      : await pickDiskNumber(
          disks.map(({ number: of, name, virtualSize }) => ({
            number: of,
            label: name,
            size: virtualSize,
          })),
        );
  const disk = disks.find((each) => each.number === number);
  return disk && { file: vscode.Uri.file(disk.path), slot: disk.slot };
}

async function otherPoint(
  services: Services,
  { store, vm, point }: PointNode | PointDiskNode,
): Promise<StorePoint | undefined> {
  const points = await completePoints(services, { store, vm });
  const others = points.filter(({ id }) => id !== point.id);
  if (others.length === 0) {
    void sayInfo(t('The VM has no other complete point.'));
    return undefined;
  }
  return choose(t('With which point'), others.map(pointItem));
}
