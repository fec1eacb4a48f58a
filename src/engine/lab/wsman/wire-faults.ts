import type { LoginFaults } from './auth/lab-logins.ts';
import type { Damage } from './damaged-answer.ts';

/** One WS-Management operation, as fault rules match it. */
export interface WireOperation {
  readonly kind: 'identify' | 'get' | 'enumerate' | 'pull' | 'release' | 'invoke';
  readonly className: string;
  readonly method: string;
}

/** The server's action in place of normal processing. */
export type WireAction =
  | 'pass'
  | 'drop'
  | 'unauthorized'
  | 'denied'
  | 'timeout'
  | 'quota'
  | 'unavailable'
  | 'tooLarge'
  | 'fault';

/** Faults on demand, queried before an operation runs and before its answer is sent. May wait. */
export interface WireFaults extends LoginFaults {
  before(operation: WireOperation): Promise<WireAction>;
  after(operation: WireOperation): Promise<WireAction>;
  /** Damage of the next sealed answer. */
  damage(): Damage | undefined;
}
