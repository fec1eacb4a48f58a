/** One operation on the wire, as faults are aimed at it. */
export interface WireOperation {
  readonly kind: 'identify' | 'get' | 'enumerate' | 'pull' | 'release' | 'invoke';
  readonly className: string;
  readonly method: string;
}

/** What to do instead of going on. */
export type WireAction =
  'pass' | 'drop' | 'unauthorized' | 'denied' | 'timeout' | 'quota' | 'unavailable';

/** Faults on demand, asked before an operation is done and before its answer is sent. May wait. */
export interface WireFaults {
  before(operation: WireOperation): Promise<WireAction>;
  after(operation: WireOperation): Promise<WireAction>;
}

export const noWireFaults: WireFaults = {
  before: async () => 'pass',
  after: async () => 'pass',
};
