import { ACTION } from '../../net/wsman/names.ts';
import { ShellService } from '../shell/shell-service.ts';
import { CimFault } from '../wmi/cim-fault.ts';
import type { CimMethodDeclaration, CimRepository } from '../wmi/repository.ts';
import { answerEnvelope } from './envelopes.ts';
import { fragmentOf } from './fragments.ts';
import { NamespaceService } from './namespace-service.ts';
import { readArguments } from './read/read-arguments.ts';
import type { WireRequest } from './read/request.ts';
import { DELETE, REFUSED_ACTIONS } from './refused-actions.ts';
import type { WireOperation } from './wire-faults.ts';

const KINDS: Readonly<Record<string, WireOperation['kind']>> = {
  [ACTION.get]: 'get',
  [ACTION.enumerate]: 'enumerate',
  [ACTION.pull]: 'pull',
  [ACTION.release]: 'release',
};

/** Executes a checked request on the namespaces of a host and renders the answer's envelope. */
export class Dispatcher {
  readonly #repository: CimRepository;
  /** By name in lower case. */
  readonly #namespaces: ReadonlyMap<string, NamespaceService>;
  readonly #shells: ShellService | undefined;

  /**
   * `repository` is one namespace of the host and knows the others; `shells` are the remote shells of
   * a host that allows them.
   */
  constructor(repository: CimRepository, shells: ShellService | undefined) {
    this.#repository = repository;
    this.#shells = shells;
    this.#namespaces = new Map(
      [repository, ...(repository.neighbours ?? [])].map((each) => [
        each.namespace.toLowerCase(),
        new NamespaceService(each),
      ]),
    );
  }

  /** Classifies a request, for faults on demand. */
  operation(request: WireRequest): WireOperation {
    const className = request.resource?.className ?? '';
    const kind = KINDS[request.action] ?? 'invoke';
    const method = kind === 'invoke' ? methodName(request.action) : '';
    return { kind, className, method };
  }

  /**
   * Returns the complete answer. Throws {@link CimFault}; EncodingLimit if the answer exceeds the
   * client's maximum.
   */
  async answer(request: WireRequest, caller: string): Promise<string> {
    try {
      await this.#repository.faults?.before();
      const body =
        this.#shells !== undefined && ShellService.serves(request)
          ? await this.#shells.answer(request, caller)
          : await this.#body(this.#namespace(request), request, caller);
      return this.#fitting(request, body);
    } catch (error) {
      if (error instanceof CimFault) error.at(request);
      throw error;
    }
  }

  #fitting(request: WireRequest, body: string): string {
    const { action, messageId, fragment } = request;
    const language = this.#repository.language;
    const envelope = answerEnvelope(`${action}Response`, messageId, body, { language, fragment });
    const bytes = Buffer.byteLength(envelope);
    const { faults } = this.#repository;
    const excess = faults?.excess();
    // White space between elements: the answer is larger and means the same.
    if (excess !== undefined) {
      const room = Math.max(0, request.maxEnvelopeSize + excess - bytes);
      return envelope.replace('</s:Header>', `${' '.repeat(room)}</s:Header>`);
    }
    if (bytes <= request.maxEnvelopeSize && faults?.limited() !== true) return envelope;
    throw new CimFault(
      'envelopeTooLarge',
      `The answer has ${bytes} bytes; at most ${request.maxEnvelopeSize} are accepted`,
    );
  }

  #body(service: NamespaceService, request: WireRequest, caller: string): string | Promise<string> {
    const { action, fragment } = request;
    const refused = REFUSED_ACTIONS[action];
    if (refused !== undefined) throw new CimFault('actionNotSupported', refused);
    if (action === ACTION.get) return this.#get(service, request);
    if (fragment !== undefined) {
      throw new CimFault('unsupportedFeature', 'FragmentTransfer is supported for Get only');
    }
    if (action === ACTION.enumerate) return service.enumerations.enumerate(request);
    if (action === ACTION.pull) return service.enumerations.pull(request);
    if (action === ACTION.release) return service.enumerations.release(request);
    if (action === DELETE) return this.#delete(service, request);
    return this.#invoke(service, request, caller);
  }

  #get({ classes, renderer }: NamespaceService, request: WireRequest): string {
    const className = classOf(request);
    classes.require(className);
    const instance = classes.get({ className, keys: request.selectors ?? {} });
    if (instance === undefined) {
      throw new CimFault('notFound', `No ${className} has exactly these keys`);
    }
    return request.fragment === undefined
      ? renderer.instance(instance)
      : fragmentOf(classes, renderer, instance, request.fragment);
  }

  /** Deletes the instance that the selectors name; the body of the answer is empty. */
  async #delete({ classes }: NamespaceService, request: WireRequest): Promise<string> {
    const className = classOf(request);
    classes.require(className);
    if (classes.repository.remove === undefined) {
      throw new CimFault('actionNotSupported', `${className} does not support Delete`);
    }
    if (request.selectors === undefined) {
      throw new CimFault('noSelectors', `Delete of ${className} needs a SelectorSet`);
    }
    const instance = classes.get({ className, keys: request.selectors });
    if (instance === undefined) {
      throw new CimFault('notFound', `No ${className} has exactly these keys`);
    }
    await classes.repository.remove(instance);
    return '';
  }

  async #invoke(service: NamespaceService, request: WireRequest, caller: string): Promise<string> {
    const { classes, renderer } = service;
    const className = classOf(request);
    const name = methodName(request.action);
    if (request.action !== `${request.resourceUri}/${name}`) {
      throw new CimFault('actionNotSupported', `The action ${request.action} is not supported`);
    }
    const declaration = classes.require(className);
    const method = this.#method(service, declaration.name, name);
    if (request.selectors === undefined && method.static !== true) {
      throw new CimFault('noSelectors', `${className}.${name} needs a SelectorSet`);
    }
    const target = { className: declaration.name, keys: request.selectors ?? {} };
    classes.repository.faults?.beforeMethod();
    const named = Object.keys(target.keys).some((key) => key.toLowerCase() !== '__cimnamespace');
    if (named || method.static !== true) this.#checkTarget(service, target);
    const read = readArguments(classes, className, method, request.body);
    const { returnValue, out } =
      'returnValue' in read
        ? { returnValue: read.returnValue, out: {} }
        : await classes.repository.invoke({ target, method: name, args: read.args, caller });
    return renderer.output(declaration.name, name, method.parameters, out ?? {}, returnValue);
  }

  #method({ classes }: NamespaceService, className: string, name: string): CimMethodDeclaration {
    const found = classes.find(className)?.methods?.find((each) => each.name === name);
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
  #checkTarget(
    { classes }: NamespaceService,
    target: { className: string; keys: Readonly<Record<string, string>> },
  ): void {
    if (classes.get(target) !== undefined) return;
    const byClass = Object.entries(target.keys).some(
      ([name, text]) =>
        name.toLowerCase() === 'creationclassname' &&
        text.toLowerCase() === target.className.toLowerCase(),
    );
    if (byClass && isSingleton(classes.instances(target.className))) return;
    throw new CimFault('notFound', `No ${target.className} has these keys`);
  }

  /** Returns the namespace that the resource URI names. */
  #namespace(request: WireRequest): NamespaceService {
    const { resource } = request;
    if (resource === undefined) {
      throw new CimFault(
        'invalidResource',
        `${request.resourceUri} is not a resource of this host`,
      );
    }
    const wanted = resource.namespace.toLowerCase();
    const service = this.#namespaces.get(wanted);
    if (service === undefined) {
      throw new CimFault(
        resource.className === '*' ? 'cannotProcessFilter' : 'noNamespace',
        `There is no namespace ${resource.namespace} here`,
      );
    }
    const named = Object.entries(request.selectors ?? {}).find(
      ([name]) => name.toLowerCase() === '__cimnamespace',
    )?.[1];
    if (named !== undefined && named.replaceAll('\\', '/').toLowerCase() !== wanted) {
      throw new CimFault(
        'differentNamespace',
        `__cimnamespace is ${named}, the path says ${resource.namespace}`,
      );
    }
    return service;
  }
}

function isSingleton(instances: Iterable<unknown>): boolean {
  let count = 0;
  for (const _ of instances) if (++count > 1) return false;
  return count === 1;
}

const methodName = (action: string): string => action.slice(action.lastIndexOf('/') + 1);

function classOf(request: WireRequest): string {
  const name = request.resource?.className ?? '';
  if (name === '*') throw new CimFault('invalidResource', 'The resource URI names no class');
  return name;
}
