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
  readonly user: string;
  readonly password?: string;
  readonly pathMap: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly tlsFingerprint?: string;
}
