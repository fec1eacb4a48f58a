import { createHash } from 'node:crypto';

/** The parameters of a hash tree, as FORMAT.md names them. */
export interface TreeParameters {
  readonly unit: number;
  readonly leafFanOut: number;
}

const fixed = (text: string): Buffer => Buffer.concat([Buffer.from(text), Buffer.alloc(2)]);

/** The root by the words of FORMAT.md, level by level and without any of the engine's code. */
export function naiveRoot(
  virtualSize: number,
  leaves: readonly Uint8Array[],
  { unit, leafFanOut }: TreeParameters,
): string {
  let nodes: readonly Uint8Array[] = leaves;
  let level = 0;
  do {
    const above: Uint8Array[] = [];
    const fanOut = level === 0 ? leafFanOut : 256;
    for (let i = 0; i < nodes.length; i += fanOut) {
      const page = Buffer.concat(nodes.slice(i, i + fanOut));
      const bytes = Buffer.concat([fixed('refpoint page'), Buffer.from([level]), page]);
      above.push(createHash('sha256').update(bytes).digest());
    }
    nodes = above;
    level++;
  } while (nodes.length > 1);
  const tail = Buffer.alloc(17);
  tail.writeBigUInt64LE(BigInt(virtualSize), 1);
  tail.writeUInt32LE(unit, 9);
  tail.writeUInt32LE(leafFanOut, 13);
  const bytes = Buffer.concat([fixed('refpoint root'), tail, nodes[0] as Uint8Array]);
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of each unit of a disk. */
export function naiveLeaves(contents: Uint8Array, unit: number): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < contents.length; at += unit) {
    leaves.push(
      createHash('sha256')
        .update(contents.subarray(at, at + unit))
        .digest(),
    );
  }
  return leaves;
}
