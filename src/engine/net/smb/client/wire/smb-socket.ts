import net from 'node:net';
import { smbError } from '../../contract/smb-errors.ts';
import { framePrefix } from '../../codec/protocol/frame.ts';
import { FrameReader } from './frame-reader.ts';
import { lengthOf, type Pieces } from './pieces.ts';

/** Receives the frames of a connection, and its end. */
export interface FrameHandler {
  /** As `TakeFrame` of the reader. An error that it throws ends the connection. */
  frame(frame: Buffer): boolean;
  /** Called once, with the reason. */
  ended(reason: Error): void;
}

/** Longest frame before anything is negotiated. */
const FIRST_LIMIT = 128 * 1024;

/** Bytes that one call takes from the system, into memory that is used again. */
const RECEIVE_BYTES = 256 * 1024;

/** A TCP connection that carries frames of SMB. */
export class SmbSocket {
  readonly #socket: net.Socket;
  readonly #reader = new FrameReader(FIRST_LIMIT, (frame) => this.#handler?.frame(frame) ?? true);
  #handler: FrameHandler | undefined;
  #ended: Error | undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  /** Connects. Throws `smb.unreachable`, or the reason of the signal. */
  static async connect(
    host: string,
    port: number,
    milliseconds: number,
    signal: AbortSignal,
  ): Promise<SmbSocket> {
    signal.throwIfAborted();
    let receiver: SmbSocket | undefined;
    const socket = net.connect({
      host: host.replace(/^\[|\]$/g, ''),
      port,
      onread: {
        buffer: Buffer.allocUnsafeSlow(RECEIVE_BYTES),
        callback: (length, buffer) => {
          if (receiver !== undefined) receiver.#take(buffer.subarray(0, length));
          return true;
        },
      },
    });
    let stop: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        stop = () => reject(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
        const late = `no answer in ${milliseconds / 1000} s`;
        timer = setTimeout(() => reject(unreachable(host, port, late)), milliseconds);
        socket.once('connect', resolve);
        socket.once('error', (error) => reject(unreachable(host, port, error.message, error)));
      });
      receiver = new SmbSocket(socket);
      return receiver;
    } catch (error) {
      socket.on('error', () => undefined);
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
      if (stop !== undefined) signal.removeEventListener('abort', stop);
    }
  }

  /** Starts to deliver frames. */
  start(handler: FrameHandler): void {
    this.#handler = handler;
    this.#socket.on('error', (error) => this.close(lost(error)));
    this.#socket.on('close', () => this.close(lost()));
  }

  /** Maximum length of a received frame. */
  set limit(bytes: number) {
    this.#reader.limit = bytes;
  }

  /** Sends one frame. */
  send(pieces: Pieces): void {
    if (this.#ended !== undefined) throw this.#ended;
    this.#socket.cork();
    this.#socket.write(framePrefix(lengthOf(pieces)));
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  /** Ends the connection at once. */
  close(reason: Error = lost()): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#socket.destroy();
    this.#handler?.ended(reason);
  }

  #take(chunk: Uint8Array): void {
    if (this.#ended !== undefined) return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      this.close(error as Error);
    }
  }
}

const lost = (cause?: Error): Error =>
  smbError('smb.lost', 'The connection to the file server ended', cause && { cause });

const unreachable = (host: string, port: number, why: string, cause?: Error): Error =>
  smbError('smb.unreachable', `${host}, port ${port}, cannot be reached: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    data: {
      host,
      port,
      reason: cause !== undefined && 'code' in cause ? String(cause.code) : null,
    },
  });
