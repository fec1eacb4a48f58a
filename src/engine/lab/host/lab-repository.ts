import type { CimInstance } from '../../cim/model.ts';
import { declareTable } from '../classes/declare.ts';
import { virtualizationClasses } from '../classes/virtualization-classes.ts';
import { CIMV2_CLASSES } from '../cimv2/cimv2-classes.ts';
import { cimv2Rows } from '../cimv2/cimv2-rows.ts';
import { CLUSTER_CLASSES } from '../cluster/cluster-classes.ts';
import { clusterRows } from '../cluster/cluster-rows.ts';
import { callMethod } from '../methods/call-method.ts';
import type { Lab } from '../model/lab.ts';
import { disturb, isEmpty, requireVmms } from '../model/disturbances.ts';
import { virtualizationRows } from '../rows/virtualization-rows.ts';
import { SHADOW_CLASSES } from '../vss/shadow-classes.ts';
import { callShadowMethod, deleteShadowCopy, SHADOW_METHODS } from '../vss/shadow-methods.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type {
  CimClassDeclaration,
  CimRepository,
  MethodCall,
  MethodResult,
  Near,
  RepositoryFaults,
} from '../wmi/repository.ts';

type Rows = (lab: Lab, className: string, near: Near | undefined) => Iterable<CimInstance>;

/** A namespace that holds rows of the lab's state and has no methods. */
class ReadOnlyRepository implements CimRepository {
  readonly namespace: string;
  readonly classes: ReadonlyMap<string, CimClassDeclaration>;
  protected readonly lab: Lab;
  readonly #rows: Rows;

  constructor(
    lab: Lab,
    namespace: string,
    classes: ReadonlyMap<string, CimClassDeclaration>,
    rows: Rows,
  ) {
    this.namespace = namespace;
    this.classes = classes;
    this.lab = lab;
    this.#rows = rows;
  }

  get machineName(): string {
    return this.lab.state.machineName;
  }

  instances(className: string, near?: Near): Iterable<CimInstance> {
    return this.#rows(this.lab, className, near);
  }

  async invoke({ target }: MethodCall): Promise<MethodResult> {
    throw new CimFault('actionNotSupported', `The lab does not emulate ${target.className}`);
  }
}

/** The namespace root/cimv2, in which shadow copies of volumes are made and deleted. */
class Cimv2Repository extends ReadOnlyRepository {
  constructor(lab: Lab) {
    const text = CIMV2_CLASSES + SHADOW_CLASSES.trimStart();
    super(lab, 'root/cimv2', declareTable(text, new Map(), SHADOW_METHODS), cimv2Rows);
  }

  override invoke(call: MethodCall): Promise<MethodResult> {
    return callShadowMethod(this.lab, call);
  }

  remove(instance: CimInstance): Promise<void> {
    return deleteShadowCopy(this.lab, instance);
  }
}

/**
 * The namespace root/virtualization/v2 of a lab: rows are derived from its state at each request.
 * Beside it root/cimv2, and root/MSCluster if the host is a node of a cluster.
 */
export class LabRepository implements CimRepository {
  readonly namespace = 'root/virtualization/v2';
  readonly referencesOf = false;
  readonly classes: ReadonlyMap<string, CimClassDeclaration>;
  readonly neighbours: readonly CimRepository[];
  readonly faults: RepositoryFaults;
  readonly #lab: Lab;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.faults = repositoryFaults(lab);
    this.classes = virtualizationClasses(lab.state.hostVersion);
    const table = (text: string): ReadonlyMap<string, CimClassDeclaration> =>
      declareTable(text, new Map());
    const cimv2 = new Cimv2Repository(lab);
    const cluster = new ReadOnlyRepository(
      lab,
      'root/MSCluster',
      table(CLUSTER_CLASSES),
      clusterRows,
    );
    this.neighbours = lab.state.cluster === undefined ? [cimv2] : [cimv2, cluster];
  }

  get machineName(): string {
    return this.#lab.state.machineName;
  }

  get language(): string {
    return this.#lab.state.language ?? 'en-US';
  }

  instances(className: string, near?: Near): Iterable<CimInstance> {
    if (isEmpty(this.#lab)) return [];
    return virtualizationRows(this.#lab, className, near);
  }

  invoke(call: MethodCall): Promise<MethodResult> {
    return callMethod(this.#lab, call);
  }
}

/** Adapts the lab's fault switches to the repository. */
function repositoryFaults(lab: Lab): RepositoryFaults {
  const { faults } = lab;
  return {
    before: () => disturb(lab),
    beforeMethod: () => requireVmms(lab),
    contextsLost: () => {
      const lost = lab.contextsLost || faults.strike('enumeration.expired') !== undefined;
      lab.contextsLost = false;
      return lost;
    },
    excess: () => faults.number('answer.large', 1),
    limited: () => faults.strike('answer.limit') !== undefined,
  };
}
