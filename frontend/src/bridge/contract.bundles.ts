import type { Ref } from './contract';

/** What a bundle is to hold. What waits to be agreed is always in it. */
export interface BundleWish {
  for?: string;
  commits?: BundleCommits;
  noFiles?: boolean;
  partBytes?: number;
}

export type BundleCommits = 'lacking' | 'all' | 'none';

export interface BundleSpace {
  space: string;
  generation: string;
  waiting: number;
  agreed: number;
  whole: boolean;
  incomplete: boolean;
}

export interface BundleTaken {
  space: string;
  new: number;
  known: number;
  aside: number;
  left: number;
  agreedNew: number;
  agreedKnown: number;
  agreedLeft: number;
  whole: boolean;
  why: { code: string; sentence: string }[] | null;
}

/** One bundle as far as this device knows it. */
export interface BundleInfo {
  bundle: string;
  made: string;
  device: { id: string; name: string };
  person?: Ref | null;
  parts: number;
  read: number[] | null;
  here: number[] | null;
  missing: number[] | null;
  spaces: BundleSpace[] | null;
  taken: BundleTaken[] | null;
  files: number;
  newFiles: number;
  closed: number;
  changed: boolean;
  trouble?: { code: string; sentence: string } | null;
}

export interface BundleWritten {
  parts: number[] | null;
  readers: number;
  spaces: BundleSpace[] | null;
  files: number;
  filesAbsent: number;
}

export interface BundleRead {
  files: { name: string; state: string; trouble?: { code: string; sentence: string } | null }[] | null;
  bundles: BundleInfo[] | null;
}

/** A bundle that is being written or read. */
export interface BundleJob {
  id: string;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  problem?: { detail: string; code: string } | null;
  written?: BundleWritten | null;
  read?: BundleRead | null;
}
