/**
 * The data that the lab's WS-Management server serves: classes with their declarations, and
 * instances as plain values. The server renders, filters (WQL, selectors, associations) and checks;
 * the model (lab/model) only implements this interface.
 */
import type { CimInstance, CimReference, CimType, CimValue } from '../../cim/model.ts';

export interface CimPropertyDeclaration {
  readonly name: string;
  /** `reference` is a REF; `object` an embedded object typed as such (not a CIM-XML string). */
  readonly type: CimType | 'reference' | 'object' | 'interval';
  readonly array?: boolean;
  readonly key?: boolean;
}

export interface CimParameterDeclaration extends Omit<CimPropertyDeclaration, 'key'> {
  readonly direction: 'in' | 'out' | 'inout';
  /**
   * For string parameters that hold CIM-XML: the server parses and checks it before it calls the
   * method.
   */
  readonly embedded?: boolean;
}

export interface CimMethodDeclaration {
  readonly name: string;
  readonly parameters: readonly CimParameterDeclaration[];
  /** Belongs to the class: a call needs no instance. */
  readonly static?: boolean;
}

export interface CimClassDeclaration {
  readonly name: string;
  readonly superclass?: string;
  /** All properties, including inherited ones. */
  readonly properties: readonly CimPropertyDeclaration[];
  readonly methods?: readonly CimMethodDeclaration[];
  /** An association: its REF properties are the roles. */
  readonly association?: boolean;
}

export interface MethodCall {
  readonly target: CimReference;
  readonly method: string;
  /**
   * Checked against the declaration; absent arguments are absent. Embedded strings are passed as
   * CimEmbedded.
   */
  readonly args: Readonly<Record<string, CimValue>>;
  /** `LAB\user` of the authenticated caller. */
  readonly caller: string;
}

export interface MethodResult {
  readonly returnValue: number;
  readonly out?: Readonly<Record<string, CimValue>>;
}

/**
 * Texts that occur in every wanted instance, by property in lower case: the whole value, or its
 * beginning. A repository may use them to leave out instances that do not have them.
 */
export type Near = ReadonlyMap<string, string>;

/** Faults on demand that concern requests of any class. */
export interface RepositoryFaults {
  /** Called before a request is carried out; may change the host. */
  before(): Promise<void>;
  /** Called before the target of a method is looked for. Throws if methods cannot be called. */
  beforeMethod(): void;
  /** Whether all enumeration contexts are lost now. */
  contextsLost(): boolean;
  /** Bytes by which the answer exceeds the client's envelope; undefined: it fits. */
  excess(): number | undefined;
  /** Whether the answer fails as if it were too large. */
  limited(): boolean;
}

export interface CimRepository {
  /** With `/` between its parts. */
  readonly namespace: string;
  readonly machineName: string;
  readonly classes: ReadonlyMap<string, CimClassDeclaration>;
  /** Language of the host's texts as an `xml:lang` tag; en-US by default. */
  readonly language?: string;
  /** Faults on demand; none by default. */
  readonly faults?: RepositoryFaults;
  /** Other namespaces of the same host. */
  readonly neighbours?: readonly CimRepository[];
  /**
   * false: `REFERENCES OF` is rejected. Whether Hyper-V supports it is UNCONFIRMED: no known client
   * sends it.
   */
  readonly referencesOf?: boolean;
  /** Returns direct instances of exactly this class (not of subclasses), made on demand. */
  instances(className: string, near?: Near): Iterable<CimInstance>;
  /** May reject with a {@link CimFault}, which is sent as a SOAP fault. */
  invoke(call: MethodCall): Promise<MethodResult>;
  /** Deletes an instance; undefined if no class of the namespace supports that. May reject with a {@link CimFault}. */
  remove?(instance: CimInstance): Promise<void>;
}
