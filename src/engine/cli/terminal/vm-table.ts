import type { VmRow } from '../../api/host.ts';
import type { StreamedVm } from '../../operations/host/stream-vms.ts';
import { cut, inLine, NARROWEST, table } from './text.ts';

/** Formats a whole list of VMs with their counts. `width` is that of the terminal, if there is one. */
export function vmTable(vms: readonly VmRow[], width: number | undefined): string {
  const counts = ['disks', 'chkpts', 'points'];
  // Only clustered VMs have an owner node.
  const clustered = vms.some(({ node }) => node !== null);
  return table(
    ['name', 'state', ...counts, ...(clustered ? ['node'] : []), 'id'],
    vms.map((vm) => [
      vm.name,
      vm.operation ?? vm.state,
      String(vm.disks),
      String(vm.checkpoints),
      String(vm.referencePoints),
      ...(clustered ? [vm.node ?? ''] : []),
      vm.id,
    ]),
    counts,
    { column: 'name', width },
  );
}

/** Width of the columns of a list whose first batch has only short words, in characters. */
const LEAST = { name: 20, state: 'running'.length, node: 'node'.length };
const ID = 36;

/** Lines of a list whose VMs arrive in batches: the first batch sets the widths of the columns. */
export class VmLines {
  readonly #width: number | undefined;
  #widths: readonly number[] | undefined;

  /** @param width that of the terminal; undefined: nothing is shortened, since a program reads it. */
  constructor(width: number | undefined) {
    this.#width = width;
  }

  /** Formats the next batch, below the head if it is the first one. */
  next(batch: readonly StreamedVm[], clustered: boolean): string {
    const rows = batch.map((vm) =>
      [vm.name, vm.operation ?? vm.state, ...(clustered ? [vm.node ?? ''] : []), vm.id].map(inLine),
    );
    const head = ['name', 'state', ...(clustered ? ['node'] : []), 'id'];
    const first = this.#widths === undefined;
    const widths = (this.#widths ??= this.#widthsFor(rows, clustered));
    const line = (cells: readonly string[]): string =>
      cells.map((cell, i) => this.#fit(cell, widths[i])).join('  ');
    return [...(first ? [head] : []), ...rows].map(line).join('\n');
  }

  /** The last column has no width. Names get what the others leave, others at most a third of it. */
  #widthsFor(rows: readonly string[][], clustered: boolean): number[] {
    const least = [LEAST.name, LEAST.state, ...(clustered ? [LEAST.node] : [])];
    const wanted = least.map((width, i) =>
      rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), width),
    );
    if (this.#width === undefined) return wanted;
    const room = this.#width - ID - 2 * least.length;
    const [name = 0, ...others] = wanted;
    const narrow = others.map((width) =>
      Math.min(width, Math.max(LEAST.state, Math.floor(room / 3))),
    );
    const left = room - narrow.reduce((sum, width) => sum + width, 0);
    return [Math.max(NARROWEST, Math.min(name, left)), ...narrow];
  }

  #fit(cell: string, width: number | undefined): string {
    if (width === undefined) return cell;
    return (this.#width === undefined ? cell : cut(cell, width)).padEnd(width);
  }
}
