import { FrameReader } from '../../../../src/engine/net/smb/client/wire/frame-reader.ts';
import { MAX_FRAME_BYTES } from './frame-limit.ts';
import type { SeenFrame } from './pcap.ts';
import type { Side } from './relay.ts';

/** Collects the frames of the connections of a relay, in the order in which they were complete. */
export class Recording {
  readonly connections: SeenFrame[][] = [];
  readonly #readers = new Map<string, FrameReader>();

  /** The `tap` of a relay. */
  readonly tap = (from: Side, bytes: Buffer, connection: number): void => {
    const key = `${from} ${connection}`;
    const frames = (this.connections[connection] ??= []);
    const keep = (frame: Buffer): boolean => {
      frames.push({ from, bytes: frame });
      return false;
    };
    const reader = this.#readers.get(key) ?? new FrameReader(MAX_FRAME_BYTES, keep);
    this.#readers.set(key, reader);
    reader.push(bytes);
  };
}
