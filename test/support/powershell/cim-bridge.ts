import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { never } from '../../../src/engine/base/abort.ts';
import { isCimError } from '../../../src/engine/cim/cim-errors.ts';
import type { Argument, CimClient } from '../../../src/engine/cim/client.ts';
import {
  isCimReference,
  type CimInstance,
  type CimReference,
  type CimValue,
} from '../../../src/engine/cim/model.ts';
import type {
  CimClassDeclaration,
  CimPropertyDeclaration,
  CimRepository,
} from '../../../src/engine/lab/wmi/repository.ts';
import { afterwards } from '../checks/afterwards.ts';

/** An account that a computer of the bridge admits. */
export interface BridgeAccount {
  readonly computer: string;
  readonly user: string;
  readonly password: string;
}

export interface CimBridge {
  readonly url: string;
  /** Sessions that were asked for, without their passwords. */
  readonly sessions: { readonly computer: string; readonly protocol: string }[];
  /** Keeps every answer back from now on, until the function that it returns is called. */
  hold(): () => void;
}

// The stand-in sends what this file asks for: its fields have the types that are used.
// oxlint-disable-next-line typescript/no-explicit-any
type Fields = Readonly<Record<string, any>>;

/** Names of .NET for the types of CIM. */
const TYPE_NAMES: Readonly<Record<CimPropertyDeclaration['type'], string>> = {
  boolean: 'Boolean',
  uint8: 'UInt8',
  uint16: 'UInt16',
  uint32: 'UInt32',
  uint64: 'UInt64',
  sint8: 'SInt8',
  sint16: 'SInt16',
  sint32: 'SInt32',
  sint64: 'SInt64',
  real32: 'Real32',
  real64: 'Real64',
  string: 'String',
  char16: 'Char16',
  datetime: 'DateTime',
  interval: 'DateTime',
  reference: 'Reference',
  object: 'Instance',
};

/** WMI's numbers for what WinRM answers with numbers of its own. */
const NUMBERS = {
  notFound: 0x80041002,
  badKeys: 0x8004103a,
  noClass: 0x80041010,
  noNamespace: 0x8004100e,
  badQuery: 0x80041017,
  denied: 0x80041003,
} as const;

/**
 * Answers the stand-in of the CIM cmdlets from a host that this process serves, with the types that
 * its classes declare.
 */
export async function cimBridge(
  t: TestContext,
  client: CimClient,
  repository: Pick<CimRepository, 'namespace' | 'classes' | 'neighbours'>,
  account?: BridgeAccount,
): Promise<CimBridge> {
  const sessions: CimBridge['sessions'] = [];
  const open = new Set<string>();
  const namespaces = [repository, ...(repository.neighbours ?? [])];
  const declared = (namespace: string, name: string): CimClassDeclaration => {
    const wanted = namespace.replaceAll('\\', '/').toLowerCase();
    const found = namespaces.find((each) => each.namespace.toLowerCase() === wanted);
    if (found === undefined) throw new NumberError(NUMBERS.noNamespace, 'no such namespace');
    for (const each of found.classes.values()) {
      if (each.name.toLowerCase() === name.toLowerCase()) return each;
    }
    throw new NumberError(NUMBERS.noClass, `no such class ${name}`);
  };
  const bridge = new Bridge(client, declared);
  const answer = async (request: Fields): Promise<unknown> => {
    if (request['op'] === 'connect') {
      const { computer, protocol, user, password } = request;
      const known =
        account !== undefined &&
        computer === account.computer &&
        user === account.user &&
        password === account.password;
      if (!known) throw new NumberError(0x80070005, 'Zugriff verweigert');
      sessions.push({ computer, protocol });
      const id = randomUUID();
      open.add(id);
      return { id };
    }
    if (account !== undefined && !open.has(request['session'])) {
      throw new NumberError(0x80041003, 'no session');
    }
    return bridge.answer(request);
  };
  let held = Promise.resolve();
  const server = createServer((request, response) => {
    void body(request)
      .then((text) => answer(JSON.parse(text) as Fields))
      .catch((error: unknown) => ({ error: numbered(error) }))
      .then((reply) => held.then(() => reply))
      .then((reply) => response.end(JSON.stringify(reply)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterwards(t, () => {
    server.closeAllConnections();
    server.close();
  });
  const hold = (): (() => void) => {
    let release = (): void => undefined;
    held = new Promise((resolve) => (release = resolve));
    return release;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sessions, hold };
}

class NumberError extends Error {
  readonly number: number;
  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

function numbered(error: unknown): { readonly number: string; readonly text: string } {
  const hex = (number: number): string => `0x${number.toString(16).padStart(8, '0')}`;
  if (error instanceof NumberError) return { number: hex(error.number), text: error.message };
  if (!isCimError(error)) return { number: hex(0x80041001), text: String(error) };
  const known = (NUMBERS as Readonly<Record<string, number>>)[error.kind];
  const { number } = error.data as { readonly number?: number };
  return { number: hex(known ?? number ?? 0x80041001), text: error.message };
}

async function body(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

class Bridge {
  readonly #client: CimClient;
  readonly #declared: (namespace: string, name: string) => CimClassDeclaration;

  constructor(
    client: CimClient,
    declared: (namespace: string, name: string) => CimClassDeclaration,
  ) {
    this.#client = client;
    this.#declared = declared;
  }

  async answer(request: Fields): Promise<unknown> {
    switch (request['op']) {
      case 'class':
        return { class: this.#class(request['namespace'], request['class']) };
      case 'get': {
        const target = reference(request['target']);
        const instance = await this.#client.get(target, never);
        return { row: this.#instance(instance, target.namespace ?? '') };
      }
      case 'rows':
        return { rows: await this.#rows(request) };
      case 'invoke':
        return this.#invoke(request);
      default:
        throw new Error(`no operation ${String(request['op'])}`);
    }
  }

  async #rows({ namespace, class: className, query, keyOnly }: Fields): Promise<unknown[]> {
    const rows: unknown[] = [];
    if (keyOnly === true) {
      const from = { namespace, className };
      for await (const each of this.#client.enumerateReferences(from, never)) {
        rows.push(this.#keys(each, namespace));
      }
      return rows;
    }
    const found =
      query === undefined
        ? this.#client.enumerate({ namespace, className }, never)
        : this.#client.query({ namespace, wql: query }, never);
    for await (const instance of found) rows.push(this.#instance(instance, namespace));
    return rows;
  }

  async #invoke({ target, method, arguments: args }: Fields): Promise<unknown> {
    const object = reference(target);
    const sent: Record<string, Argument> = {};
    for (const each of args as readonly Fields[]) {
      sent[each['name']] =
        each['text'] ??
        (each['time'] === undefined ? undefined : { datetime: each['time'] }) ??
        each['texts'] ??
        (each['references'] as readonly Fields[] | undefined)?.map(reference) ??
        reference(each['reference']);
    }
    const { returnValue, out } = await this.#client.invoke(
      {
        target: object,
        method,
        args: inOrder(this.#method(object, method), sent),
        repeatable: false,
      },
      never,
    );
    const parameters = this.#method(object, method)?.parameters ?? [];
    return {
      returned: returnValue,
      out: Array.from(out, ([name, value]) => {
        const parameter = parameters.find((each) => each.name === name);
        const property = parameter ?? { name, type: 'string' as const };
        return this.#property(property, value, object.namespace ?? '');
      }),
    };
  }

  #method({ namespace = '', className }: CimReference, name: string) {
    return this.#declared(namespace, className).methods?.find((each) => each.name === name);
  }

  #class(namespace: string, name: string): unknown {
    const found = this.#declared(namespace, name);
    return {
      name: found.name,
      properties: found.properties.map((each) => ({
        name: each.name,
        type: typeName(each),
        key: each.key === true,
      })),
      methods: (found.methods ?? []).map(({ name: method, parameters }) => ({
        name: method,
        parameters: parameters.map((each) => ({ name: each.name, type: typeName(each) })),
      })),
    };
  }

  #instance({ className, properties }: CimInstance, namespace: string): unknown {
    const found = this.#declared(namespace, className);
    const wanted = found.properties.filter(({ name }) => properties.has(name));
    return {
      class: className,
      namespace,
      server: 'HV01',
      properties: wanted.map((each) =>
        this.#property(each, properties.get(each.name) ?? null, namespace),
      ),
    };
  }

  #property(declared: CimPropertyDeclaration, value: CimValue, namespace: string): unknown {
    const list = declared.array === true && value !== null && !Array.isArray(value);
    const whole = list ? [value] : value;
    const one = (each: CimValue): unknown => {
      if (Array.isArray(each)) return each.map((inner: CimValue) => one(inner));
      if (isCimReference(each)) return this.#keys(each, namespace);
      if (typeof each !== 'object') return String(each);
      return each !== null && 'className' in each ? this.#instance(each, namespace) : null;
    };
    return {
      name: declared.name,
      type: typeName(declared),
      key: declared.key === true,
      value: one(whole),
    };
  }

  /** A reference, as an instance that has nothing but its keys. */
  #keys({ className, namespace, keys, referenceKeys = {} }: CimReference, within: string): unknown {
    const where = namespace ?? within;
    return {
      class: className,
      namespace: where,
      server: 'HV01',
      properties: [
        ...Object.entries(keys).map(([name, value]) => ({
          name,
          type: 'String',
          key: true,
          value,
        })),
        ...Object.entries(referenceKeys).map(([name, value]) => ({
          name,
          type: 'Reference',
          key: true,
          value: this.#keys(value, where),
        })),
      ],
    };
  }
}

const typeName = ({ type, array }: CimPropertyDeclaration): string =>
  TYPE_NAMES[type] + (array === true ? 'Array' : '');

/** WS-Man takes arguments in the order of their declaration; PowerShell's have none. */
function inOrder(
  method: { readonly parameters: readonly { readonly name: string }[] } | undefined,
  args: Readonly<Record<string, Argument>>,
): Record<string, Argument> {
  const known = (method?.parameters ?? []).filter(({ name }) => name in args);
  return { ...Object.fromEntries(known.map(({ name }) => [name, args[name]])), ...args };
}

function reference({ class: className, namespace, keys }: Fields): CimReference {
  const texts: [string, string][] = [];
  const nested: [string, CimReference][] = [];
  for (const each of keys as readonly Fields[]) {
    if (each['reference'] === undefined) texts.push([each['name'], each['text']]);
    else nested.push([each['name'], reference(each['reference'])]);
  }
  const plain = { className, namespace, keys: Object.fromEntries(texts) };
  return nested.length === 0 ? plain : { ...plain, referenceKeys: Object.fromEntries(nested) };
}
