import { ACTION } from '../../net/wsman/names.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import { ClassTable } from '../wmi/class-table.ts';
import { Enumerations } from './enumerate.ts';
import { answerEnvelope } from './envelopes.ts';
import { readArguments } from './read-arguments.ts';
import { Renderer } from './render.ts';
import type { CimMethodDeclaration, CimRepository } from '../wmi/repository.ts';
import type { WireRequest } from './request.ts';
import type { WireOperation } from './wire-faults.ts';

/** Executes a checked request on a repository and renders the answer's envelope. */
export class Dispatcher {
  readonly #classes: ClassTable;
  readonly #renderer: Renderer;
  readonly #enumerations: Enumerations;

  constructor(repository: CimRepository) {
    this.#classes = new ClassTable(repository);
    this.#renderer = new Renderer(this.#classes);
    this.#enumerations = new Enumerations(this.#classes, this.#renderer);
  }

  /** Classifies a request, for faults on demand. */
  operation(request: WireRequest): WireOperation {
    const className = request.resource?.className ?? '';
    const kinds: Readonly<Record<string, WireOperation['kind']>> = {
      [ACTION.get]: 'get',
      [ACTION.enumerate]: 'enumerate',
      [ACTION.pull]: 'pull',
      [ACTION.release]: 'release',
    };
    const kind = kinds[request.action] ?? 'invoke';
    const method = kind === 'invoke' ? methodName(request.action) : '';
    return { kind, className, method };
  }

  /**
   * Returns the complete answer. Throws {@link CimFault}; EncodingLimit if the answer exceeds the
   * client's maximum.
   */
  async answer(request: WireRequest, caller: string): Promise<string> {
    this.#checkNamespace(request);
    const { action } = request;
    const body = await this.#body(request, caller);
    const envelope = answerEnvelope(`${action}Response`, request.messageId, body);
    if (Buffer.byteLength(envelope) > request.maxEnvelopeSize) {
      throw new CimFault(
        'envelopeTooLarge',
        `The answer has ${Buffer.byteLength(envelope)} bytes; at most ${request.maxEnvelopeSize} are accepted`,
      );
    }
    return envelope;
  }

  #body(request: WireRequest, caller: string): Promise<string> {
    switch (request.action) {
      case ACTION.get:
        return this.#get(request);
      case ACTION.enumerate:
        return this.#enumerations.enumerate(request);
      case ACTION.pull:
        return this.#enumerations.pull(request);
      case ACTION.release:
        return this.#enumerations.release(request);
      default:
        return this.#invoke(request, caller);
    }
  }

  async #get(request: WireRequest): Promise<string> {
    const className = classOf(request);
    this.#classes.require(className);
    const instance = await this.#classes.get({ className, keys: request.selectors ?? {} });
    if (instance === undefined) {
      throw new CimFault('notFound', `No ${className} has exactly these keys`);
    }
    return this.#renderer.instance(instance);
  }

  async #invoke(request: WireRequest, caller: string): Promise<string> {
    const className = classOf(request);
    const name = methodName(request.action);
    if (request.action !== `${request.resourceUri}/${name}`) {
      throw new CimFault('actionNotSupported', `The action ${request.action} is not supported`);
    }
    const declaration = this.#classes.require(className);
    const method = this.#method(declaration.name, name);
    if (request.selectors === undefined) {
      throw new CimFault('noSelectors', `${className}.${name} needs a SelectorSet`);
    }
    const target = { className: declaration.name, keys: request.selectors };
    await this.#checkTarget(target);
    const read = readArguments(this.#classes, className, method, request.body);
    const { returnValue, out } =
      'returnValue' in read
        ? { returnValue: read.returnValue, out: {} }
        : await this.#classes.repository.invoke({ target, method: name, args: read.args, caller });
    return this.#renderer.output(declaration.name, name, method.parameters, out ?? {}, returnValue);
  }

  #method(className: string, name: string): CimMethodDeclaration {
    const found = this.#classes.find(className)?.methods?.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw new CimFault(
      'actionNotSupported',
      `${className} has no method ${name}, or the lab does not emulate it`,
    );
  }

  /**
   * Instances need all their keys. Services accept CreationClassName alone, as recorded from real
   * hosts.
   */
  async #checkTarget(target: {
    className: string;
    keys: Readonly<Record<string, string>>;
  }): Promise<void> {
    if ((await this.#classes.get(target)) !== undefined) return;
    const singleton = (await this.#classes.instances(target.className)).length === 1;
    const byClass = Object.entries(target.keys).some(
      ([name, text]) =>
        name.toLowerCase() === 'creationclassname' &&
        text.toLowerCase() === target.className.toLowerCase(),
    );
    if (singleton && byClass) return;
    throw new CimFault('notFound', `No ${target.className} has these keys`);
  }

  #checkNamespace(request: WireRequest): void {
    const { resource } = request;
    if (resource === undefined) {
      throw new CimFault(
        'invalidResource',
        `${request.resourceUri} is not a resource of this host`,
      );
    }
    const wanted = this.#classes.repository.namespace;
    if (resource.namespace.toLowerCase() !== wanted.toLowerCase()) {
      throw new CimFault(
        resource.className === '*' ? 'cannotProcessFilter' : 'noNamespace',
        `There is no namespace ${resource.namespace} here`,
      );
    }
    const named = Object.entries(request.selectors ?? {}).find(
      ([name]) => name.toLowerCase() === '__cimnamespace',
    )?.[1];
    if (named !== undefined && named.replaceAll('\\', '/').toLowerCase() !== wanted.toLowerCase()) {
      throw new CimFault(
        'differentNamespace',
        `__cimnamespace is ${named}, the path says ${wanted}`,
      );
    }
  }
}

const methodName = (action: string): string => action.slice(action.lastIndexOf('/') + 1);

function classOf(request: WireRequest): string {
  const name = request.resource?.className ?? '';
  if (name === '*') throw new CimFault('invalidResource', 'The resource URI names no class');
  return name;
}
