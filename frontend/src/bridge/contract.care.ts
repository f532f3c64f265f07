import type { Member, Ref } from './contract';

/** What makes a cluster recoverable, and what about it needs a person. */
export interface Care {
  recoveries: { generation: string; at: string; device: string }[];
  recoveryKey: string | null;
  makesKeys: boolean;
  mayManage: boolean;
  backup?: Backup | null;
  backupFile: string;
  node: boolean;
  checks: Check[];
}

export interface Backup {
  file: string;
  at: string;
  bytes: number;
  files: number;
  waiting: number;
  spaces: number;
}

/** One finding; its name is its code. */
export interface Check {
  name: string;
  ok: boolean;
  sentence: string;
  count?: number;
  about?: string;
}

export interface Members {
  members: Member[];
  warning?: string;
  /** this device takes no part in agreeing and tells what it has seen of the nodes itself */
  seen?: boolean;
}

export interface Renumbering {
  record: Ref;
  former: string[];
}

export interface Device {
  id: string;
  name: string;
  role: string;
  person?: Ref | null;
  site?: string;
  /** further sites whose data it receives */
  sites?: string[];
  enrolled: string;
  lastSeen?: string | null;
  revoked?: string;
  shutOut?: string;
  wipe?: boolean;
  /** two copies of it wrote under one name, and nobody has said since that this is settled */
  copied?: boolean;
  /** the generation in which the cluster was begun anew without this node */
  leftBehind?: string;
}
