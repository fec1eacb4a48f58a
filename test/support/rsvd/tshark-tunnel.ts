import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tsharkFields } from './tunnel-fields.ts';

/** What tshark finds in one packet with a tunnelled operation. */
export interface SeenTunnel {
  readonly from: 'client' | 'server';
  readonly fields: Readonly<Record<string, string>>;
}

/** Has tshark dissect the tunnelled operations of a file of `writePcap`, in their order. */
export async function dissectTunnel(
  program: string,
  path: string,
): Promise<{ readonly tunnels: readonly SeenTunnel[]; readonly malformed: number }> {
  const format = ['-T', 'json', '--no-duplicate-keys', '-J', 'smb2 rsvd _ws.malformed'];
  const { stdout } = await promisify(execFile)(program, ['-r', path, ...format], {
    maxBuffer: 2 ** 28,
  });
  const packets = JSON.parse(stdout) as readonly {
    readonly _source: { readonly layers: Readonly<Record<string, unknown>> };
  }[];
  const tunnels: SeenTunnel[] = [];
  let malformed = 0;
  for (const { _source } of packets) {
    const { layers } = _source;
    if ('_ws.malformed' in layers) malformed++;
    if (layers['rsvd'] === undefined) continue;
    const isAnswer = /"smb2\.flags\.response": ?"1"/.test(JSON.stringify(layers['smb2']));
    tunnels.push({ from: isAnswer ? 'server' : 'client', fields: tsharkFields(layers['rsvd']) });
  }
  return { tunnels, malformed };
}
