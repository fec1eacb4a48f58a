import type {
  Associators,
  CimClass,
  CimClient,
  CimQuery,
  Identity,
  Invocation,
  InvokeResult,
  ReferencedInstance,
  References,
} from '../../cim/client.ts';
import { VIRTUALIZATION, type CimInstance, type CimReference } from '../../cim/model.ts';
import { associatorsOf, referencesOf } from '../../cim/wql.ts';
import type { Log } from '../../base/log.ts';
import { CallRecording, type Recording } from '../record/call-recording.ts';
import { readInstance, readValues } from './decode.ts';
import { marked, sentArguments, sentReference } from './encode.ts';
import { prepareShell, type Computer } from './prepare-shell.ts';
import { readRows, type RowForm, type RowSource } from './rows.ts';
import { ShellPool } from './shell-pool.ts';

export interface PowershellTarget {
  /** null: this computer, without any session. */
  readonly computer: Computer | null;
  readonly timeoutSeconds: number;
  readonly log: Log;
  /** undefined: nothing is recorded. */
  readonly recording?: Recording | undefined;
}

/** Time beyond a call's own limit after which its shell is ended, in milliseconds. */
const GRACE_MS = 5000;
const CIMV2 = 'root/cimv2';

/**
 * The client over PowerShell's CIM cmdlets: on this computer without WinRM, or in a CIM session with
 * another one. Rows arrive when the host has sent all of them.
 */
export class PowershellClient implements CimClient {
  readonly url: string;
  readonly #seconds: number;
  readonly #shells: ShellPool;

  constructor({ computer, timeoutSeconds, log, recording }: PowershellTarget) {
    this.url = computer?.name ?? 'local';
    this.#seconds = timeoutSeconds;
    this.#shells = new ShellPool(
      log,
      prepareShell(computer, timeoutSeconds),
      (shell) => recording && new CallRecording(recording, this.url, shell),
    );
  }

  /** The cmdlets do not tell how they logged in. */
  security(): undefined {
    return undefined;
  }

  /** From the operating system, since WS-Management's Identify has no cmdlet. */
  async identify(signal: AbortSignal): Promise<Identity> {
    const from = { namespace: CIMV2, className: 'Win32_OperatingSystem' };
    for await (const { properties } of this.enumerate(from, signal)) {
      const text = (name: string): string => {
        const value = properties.get(name) ?? '';
        return typeof value === 'object' ? '' : String(value);
      };
      const pack = `${text('ServicePackMajorVersion') || 0}.${text('ServicePackMinorVersion') || 0}`;
      return {
        productVendor: text('Manufacturer'),
        productVersion: `OS: ${text('Version')} SP: ${pack}`,
      };
    }
    return { productVendor: '', productVersion: '' };
  }

  get(reference: CimReference, signal: AbortSignal): Promise<CimInstance> {
    const data = { target: sentReference(reference), seconds: this.#seconds };
    return this.#call('Read-RpInstance', data, `Get of ${reference.className}`, signal, (value) =>
      readInstance(value),
    );
  }

  async *enumerate(from: string | CimClass, signal: AbortSignal): AsyncGenerator<CimInstance> {
    for await (const { instance } of this.#rows(classSource(from), 'object', signal)) {
      if (instance !== undefined) yield instance;
    }
  }

  enumerateWithReferences(
    from: string | CimClass,
    signal: AbortSignal,
  ): AsyncGenerator<ReferencedInstance> {
    return this.#both(classSource(from), signal);
  }

  async *enumerateReferences(
    from: string | CimClass,
    signal: AbortSignal,
  ): AsyncGenerator<CimReference> {
    for await (const { reference } of this.#rows(classSource(from), 'reference', signal)) {
      if (reference !== undefined) yield reference;
    }
  }

  async *query(wql: string | CimQuery, signal: AbortSignal): AsyncGenerator<CimInstance> {
    for await (const { instance } of this.#rows(querySource(wql), 'object', signal)) {
      if (instance !== undefined) yield instance;
    }
  }

  queryWithReferences(
    wql: string | CimQuery,
    signal: AbortSignal,
  ): AsyncGenerator<ReferencedInstance> {
    return this.#both(querySource(wql), signal);
  }

  associators(query: Associators, signal: AbortSignal): AsyncGenerator<ReferencedInstance> {
    const { object } = query;
    return this.#both(ofObject(object, associatorsOf(object, query)), signal);
  }

  async *references(query: References, signal: AbortSignal): AsyncGenerator<CimInstance> {
    const { object } = query;
    const source = ofObject(object, referencesOf(object, query));
    for await (const { instance } of this.#rows(source, 'object', signal)) {
      if (instance !== undefined) yield instance;
    }
  }

  invoke(call: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    const data = {
      target: sentReference(call.target),
      method: marked(call.method),
      arguments: sentArguments(call.args),
      seconds: this.#seconds,
    };
    const doing = `${call.method} of ${call.target.className}`;
    return this.#call('Invoke-RpMethod', data, doing, signal, (value) => {
      const { returned, out } = value as { readonly returned?: unknown; readonly out?: unknown };
      return { returnValue: Number(returned), out: readValues(out) };
    });
  }

  close(): Promise<void> {
    return this.#shells.close();
  }

  async *#both(source: RowSource, signal: AbortSignal): AsyncGenerator<ReferencedInstance> {
    for await (const { instance, reference } of this.#rows(source, 'both', signal)) {
      if (instance !== undefined && reference !== undefined) yield { instance, reference };
    }
  }

  #rows(
    source: RowSource,
    form: RowForm,
    signal: AbortSignal,
  ): AsyncGenerator<Partial<ReferencedInstance>> {
    const limits = { seconds: this.#seconds, milliseconds: this.#limit };
    return readRows(this.#shells, source, form, limits, signal);
  }

  #call<T>(
    name: 'Invoke-RpMethod' | 'Read-RpInstance',
    data: unknown,
    doing: string,
    signal: AbortSignal,
    read: (value: unknown) => T,
  ): Promise<T> {
    return this.#shells.use(signal, async (shell) =>
      read(await shell.call(name, data, this.#limit, signal, doing)),
    );
  }

  get #limit(): number {
    return this.#seconds * 1000 + GRACE_MS;
  }
}

function classSource(from: string | CimClass): RowSource {
  const { namespace, className } =
    typeof from === 'string' ? { namespace: VIRTUALIZATION, className: from } : from;
  return { namespace, className, about: `Enumerate of ${className}` };
}

function querySource(query: string | CimQuery): RowSource {
  const { namespace, wql } =
    typeof query === 'string' ? { namespace: VIRTUALIZATION, wql: query } : query;
  return { namespace, wql, about: 'a query' };
}

const ofObject = (
  { namespace = VIRTUALIZATION, className }: CimReference,
  wql: string,
): RowSource => ({
  namespace,
  wql,
  about: `Associators of ${className}`,
});
