import { FrameReader } from '../../../../src/engine/net/smb/client/wire/frame-reader.ts';
import { framePrefix } from '../../../../src/engine/net/smb/codec/protocol/frame.ts';
import { MAX_FRAME_BYTES } from './frame-limit.ts';
import type { SeenFrame } from './pcap.ts';
import type { RelayOptions, Side } from './relay.ts';

/** A frame on its way; `send` lets somebody in between answer in the place of the other side. */
export interface PassingFrame extends SeenFrame {
  /** Number of the frame of this side in its connection, from 0. */
  readonly index: number;
}

/** Returns the contents of the frames that travel on instead. */
export type EditFrame = (frame: PassingFrame) => readonly Buffer[];

/** Returns the `edit` of a relay that changes whole frames. */
export function editFrames(edit: EditFrame): NonNullable<RelayOptions['edit']> {
  return () => {
    let arrived: Buffer[] = [];
    const keep = (frame: Buffer): boolean => {
      arrived.push(frame);
      return false;
    };
    const readers = {
      client: new FrameReader(MAX_FRAME_BYTES, keep),
      server: new FrameReader(MAX_FRAME_BYTES, keep),
    };
    const seen = { client: 0, server: 0 };
    return (from: Side, bytes) => {
      arrived = [];
      readers[from].push(bytes);
      return arrived
        .flatMap((frame) => edit({ from, bytes: frame, index: seen[from]++ }))
        .flatMap((content) => [framePrefix(content.length), content]);
    };
  };
}
