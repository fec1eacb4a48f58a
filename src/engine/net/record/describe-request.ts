/**
 * Describes a request for messages and logs: its verb and classes, without arguments and therefore
 * without secrets. `Enumerate of Msvm_ComputerSystem`, `Query of Msvm_ConcreteJob`, `Associators of
 * Msvm_ComputerSystem: Msvm_StorageJob`.
 * @param name class, `*` for a query, or the resource URI.
 */
export function describeRequest(action: string, name: string, body: string): string {
  const verb = action.slice(action.lastIndexOf('/') + 1);
  if (name !== '*') return `${verb} of ${name}`;
  if (verb !== 'Enumerate') return `${verb} of a query`;
  return associated(body) ?? selected(body) ?? 'Enumerate of a query';
}

/** The associations of an object, in WQL or as an association filter. */
function associated(body: string): string | undefined {
  const wql = /\b(ASSOCIATORS|REFERENCES)\s+OF\s+\{\s*(\w{1,128})/i.exec(body);
  if (wql !== null) {
    const [, kind = '', from = ''] = wql;
    const result = /\bResultClass\s*=\s*(\w{1,128})/i.exec(body)?.[1];
    return described(kind, from, result);
  }
  const filter = /<b:(Associat)(?:ed|ion)Instances\b/.exec(body);
  if (filter === null) return undefined;
  const from = /<w:ResourceURI>[^<]*\/(\w{1,128})</.exec(body)?.[1] ?? 'an object';
  const result = /<b:ResultClassName>(\w{1,128})</.exec(body)?.[1];
  return described(body.includes('<b:AssociatedInstances') ? 'ASSOCIATORS' : 'R', from, result);
}

const described = (kind: string, from: string, result: string | undefined): string =>
  `${/^A/i.test(kind) ? 'Associators' : 'References'} of ${from}${result === undefined ? '' : `: ${result}`}`;

function selected(body: string): string | undefined {
  const from = /\bSELECT\b[^<]{1,4096}?\bFROM\s+(\w{1,128})/i.exec(body)?.[1];
  return from === undefined ? undefined : `Query of ${from}`;
}
