import type { BundleInfo, BundleSpace } from '@/bridge/contract';
import type { Catalogue } from '@/lib/i18n';

/** Who wrote a bundle, as far as that is known here. */
export function nameOf(info: BundleInfo): string {
  const device = info.device.name === '' ? info.device.id.slice(0, 8) : info.device.name;
  return info.person === undefined || info.person === null || info.person.title === '' ? device : `${info.person.title} (${device})`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

/** What a bundle holds, over all spaces: people know no spaces. */
export function contentTexts(t: Catalogue, spaces: readonly BundleSpace[], files: number): string[] {
  const agreed = sum(spaces.map((space) => space.agreed));
  return [
    t.bundles.waiting(sum(spaces.map((space) => space.waiting))),
    ...(agreed > 0 ? [t.bundles.agreedCount(agreed)] : []),
    ...(spaces.some((space) => space.whole) ? [t.bundles.whole] : []),
    ...(files > 0 ? [t.bundles.fileCount(files)] : []),
  ];
}

export interface Outcome {
  /** what is new here */
  texts: string[];
  /** why something was left out, each reason once */
  why: string[];
  nothingNew: boolean;
}

/** What came of reading a bundle. */
export function outcomeOf(t: Catalogue, info: BundleInfo): Outcome {
  const taken = info.taken ?? [];
  const figure = (pick: (one: (typeof taken)[number]) => number) => sum(taken.map(pick));
  const [waiting, agreed, aside, left] = [figure((one) => one.new), figure((one) => one.agreedNew), figure((one) => one.aside), figure((one) => one.left + one.agreedLeft)];
  const texts = [
    ...(waiting > 0 ? [t.bundles.newWaiting(waiting)] : []),
    ...(agreed > 0 ? [t.bundles.newAgreed(agreed)] : []),
    ...(taken.some((one) => one.whole) ? [t.bundles.whole] : []),
    ...(info.newFiles > 0 ? [t.bundles.newFiles(info.newFiles)] : []),
    ...(aside > 0 ? [t.bundles.aside(aside)] : []),
    ...(left > 0 ? [t.bundles.left(left)] : []),
  ];
  const missing = (info.missing ?? []).length > 0;
  return {
    texts, why: [...new Set(taken.flatMap((one) => (one.why ?? []).map((reason) => reason.sentence)))],
    nothingNew: !info.changed && left === 0 && !missing && (info.trouble === undefined || info.trouble === null),
  };
}
