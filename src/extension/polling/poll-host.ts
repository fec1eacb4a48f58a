import type { HostsModel } from '../hosts/hosts-model.ts';
import type { VmNode } from '../nodes/nodes.ts';
import type { Outcome } from './pace.ts';

/** Maximum number of VMs whose details one poll reads; the next poll continues with the next VMs. */
const VMS_PER_LOOK = 4;

/** Looks at a host: its list of VMs in one request, then the details of some VMs whose rows are open, one after the other. */
export class HostLook {
  readonly #model: HostsModel;
  readonly #id: string;
  readonly #open: () => readonly VmNode[];
  #next = 0;

  /** @param open VMs of the host whose rows are open. */
  constructor(model: HostsModel, id: string, open: () => readonly VmNode[]) {
    this.#model = model;
    this.#id = id;
    this.#open = open;
  }

  async look(): Promise<Outcome> {
    let changed = false;
    const told = this.#model.onChanged((node) => {
      if (node === undefined || node.id === this.#id || node.id.startsWith(`${this.#id}/`)) {
        changed = true;
      }
    });
    try {
      await this.#model.connect(this.#id, false);
      for (const vm of this.#turn()) {
        if (this.#model.host(this.#id)?.state !== 'connected') break;
        await this.#model.recheck(vm);
      }
      return changed ? 'changed' : 'same';
    } catch {
      // The host's row shows it.
      return 'failed';
    } finally {
      told.dispose();
    }
  }

  #turn(): readonly VmNode[] {
    const open = this.#open();
    const from = this.#next < open.length ? this.#next : 0;
    this.#next = from + VMS_PER_LOOK;
    return open.slice(from, this.#next);
  }
}
