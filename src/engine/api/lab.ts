/** A VM of the lab host. */
export interface LabVm {
  readonly id: string;
  readonly name: string;
  readonly disks: readonly {
    readonly number: number;
    readonly path: string;
    readonly virtualSize: number;
    readonly diskId: string;
  }[];
}

/** The first line of `refpoint lab start`. */
export interface LabLine {
  readonly lab: true;
  readonly dir: string;
  readonly http: string;
  readonly https?: string;
  /** Present if the lab serves files. */
  readonly smb?: {
    readonly port: number;
    readonly shares: readonly {
      readonly name: string;
      readonly hostPath: string;
      /** Rejects requests that are not encrypted. */
      readonly encrypt: boolean;
      readonly scaleOut: boolean;
      readonly continuous: boolean;
    }[];
  };
  readonly user: string;
  readonly password?: string;
  readonly pathMap: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly tlsFingerprint?: string;
}
